// SPDX-License-Identifier: Apache-2.0
// Integers of weights and biases with their scales.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/exporter/value_writer.h"

namespace systole::exporter {

struct WeightTensors {
  std::string weights, bias;  ///< empty: none
};

/// Adds the weights of the convolution `node`, in `dims`, and its bias, which is for an input of
/// codes `x`. `axis`: the dimension of the output channels, 0 or the last. Throws Unsupported for a
/// bias that has a scale of its own.
WeightTensors write_weights(ModelBuilder& model, const ValueWriter& values, const graph::Node& node,
                            const graph::Codes& x, int bits, const std::vector<int64_t>& dims,
                            int64_t axis = 0);

}  // namespace systole::exporter
