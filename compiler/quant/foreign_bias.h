// SPDX-License-Identifier: Apache-2.0
// Biases that are no multiple of the accumulator's unit: what rounding them would lose is added
// after the scale.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// A second operand of the vector unit, one byte a channel: codes[c] * scale.
struct BiasRest {
  std::vector<int8_t> codes;
  float scale = 1.0f;
  int64_t sums_apart = 0;  ///< reachable sums, of all channels, that round to another byte
};

/// Splits the bias of `conv`, which has its own weight scales, between `post.bias` and the rest, so
/// that sat(rint(sum * scale + bias / y_scale) + zero) comes out for every reachable sum, or for as
/// many as can be. `weights`: [out c][taps]; `post`: what the vector unit does, without a residual.
/// Nothing if the accumulator's unit holds the bias.
std::optional<BiasRest> split_bias(const graph::Conv& conv, const std::vector<int8_t>& weights,
                                   const Affine& x, float y_scale, graph::QPost& post);

}  // namespace systole::quant
