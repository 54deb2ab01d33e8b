// SPDX-License-Identifier: Apache-2.0
// The windows of a convolution as rows of a matrix.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/exec/kernels.h"
#include "compiler/graph/qgraph.h"

namespace systole::exec {

/// One item of the input of a convolution, widened. What lies around it is not held: padding and
/// dilation may be thousands of times its size.
class Windows {
 public:
  /// Both must stay. `in`: the input of `conv`, whose zero point stands in the padding.
  Windows(const graph::QConv& conv, const graph::QTensor& in)
      : conv_(conv),
        in_(in),
        values_(static_cast<size_t>(in.h * in.w * in.c + WideMatrix::kChunk)) {}

  /// Takes item `item` of `bytes`, the stored bytes of the input.
  void load(const std::vector<int8_t>& bytes, int64_t item);
  /// Fills `row` with the window of output pixel (i, j): kh * kw * c values. Up to kChunk values
  /// behind them are written, too.
  void unfold(int64_t i, int64_t j, int16_t* row) const;

 private:
  /// The same of one row of the kernel, which meets row `h` of the input from column `first` on.
  int16_t* unfold_row(int64_t h, int64_t first, int16_t* row) const;

  const graph::QConv& conv_;
  const graph::QTensor& in_;
  std::vector<int16_t> values_;
};

}  // namespace systole::exec
