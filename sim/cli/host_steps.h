// SPDX-License-Identifier: Apache-2.0
// What the host does after the accelerator: softmax at the tail.
#pragma once

#include <cstdint>
#include <vector>

#include "model/isa/program.h"

namespace systole {

/// Applies the steps that `program` leaves to the host for output `tensor` to the float values of
/// one item. Throws Error on an unknown step or axis.
void apply_host_steps(const Program& program, const TensorInfo& tensor, std::vector<float>& values);

/// Index of the largest value, the first of equals.
int64_t argmax(const std::vector<float>& values);

}  // namespace systole
