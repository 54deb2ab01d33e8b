// SPDX-License-Identifier: Apache-2.0
// Sums of a grouped or depthwise convolution, pixel by pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"

namespace systole::exec {

class GroupedConv {
 public:
  /// `conv`, `in`: its input; both must stay.
  GroupedConv(const graph::QConv& conv, const graph::QTensor& in, int64_t outputs);

  /// The pixels of a window, one a tap.
  using Taps = std::vector<const int8_t*>;

  /// sums[o] = sum of weights times window of output pixel (b, i, j) modulo 2^32, for every output
  /// channel. `bytes`: the input tensor; its zero point stands in the padding. `taps` is scratch.
  void sums(const std::vector<int8_t>& bytes, int64_t b, int64_t i, int64_t j, Taps& taps,
            std::vector<int32_t>& sums) const;

 private:
  void add_tap(int64_t tap, const int8_t* pixel, std::vector<int32_t>& sums) const;

  const graph::QConv& conv_;
  const graph::QTensor& in_;
  std::vector<int8_t> padding_;   ///< a pixel
  std::vector<int16_t> by_taps_;  ///< weights of a depthwise convolution, all channels of a tap
};

}  // namespace systole::exec
