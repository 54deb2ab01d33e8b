// SPDX-License-Identifier: Apache-2.0
// Items of data as the bytes that tensors store, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/graph/qgraph.h"
#include "model/program/program.h"

namespace systole::quant {

/// Float item in the order the network states (NCHW, [features], or NHWC where the tensor says so)
/// -> stored bytes NHWC by the tensor's scale and zero point, and back.
std::vector<int8_t> quantise_input(const program::TensorInfo& info, const std::vector<float>& item);
std::vector<float> dequantise_output(const program::TensorInfo& info, const int8_t* stored,
                                     int64_t item);

}  // namespace systole::quant
