// SPDX-License-Identifier: Apache-2.0
// Sums of a grouped or depthwise convolution, pixel by pixel.
#pragma once

#include "compiler/graph/qgraph.h"

namespace systole::exec {

/// sums[o] = sum of weights times window of output pixel (b, i, j) modulo 2^32, for every output
/// channel. `bytes`: the input tensor; its zero point stands in the padding.
void grouped_sums(const graph::QConv& conv, const graph::QTensor& in,
                  const std::vector<int8_t>& bytes, int64_t b, int64_t i, int64_t j,
                  std::vector<int32_t>& sums);

}  // namespace systole::exec
