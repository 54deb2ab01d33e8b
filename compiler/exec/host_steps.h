// SPDX-License-Identifier: Apache-2.0
// The steps the host does on float32 outputs after the accelerator: softmax at the tail.
#pragma once

#include <cstdint>
#include <vector>

#include "model/program/program.h"

namespace systole::exec {

/// Applies `step` to one item of an output; `onnx_shape` is the output's shape, leading dimension
/// included. Throws Error for a step it does not know.
void apply_host_step(const program::HostStep& step, const std::vector<int64_t>& onnx_shape,
                     std::vector<float>& item);

}  // namespace systole::exec
