// SPDX-License-Identifier: Apache-2.0
// One dimension of a window operation: which input positions a range of outputs needs.
#pragma once

#include <algorithm>
#include <cstdint>

namespace systole::lower {

/// A range [first, first + count).
struct Range {
  int64_t first = 0;
  int64_t count = 0;
  int64_t end() const { return first + count; }
  bool operator==(const Range&) const = default;
};

/// A dimension of a convolution or pooling window: sizes of input and output, kernel, stride,
/// dilation and the padding before the input.
struct WindowDim {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
  bool operator==(const WindowDim&) const = default;
};

/// The input positions that outputs and taps of a WindowDim need, clipped to the input, and how an
/// instruction finds them: output i (from the range's first), tap y (from the first) is position
/// `offset + i*stride + y*dilation` of the span; positions outside [0, count) are padding, and
/// those from 1 on if count is 0.
struct Span {
  Range input;       ///< first position and how many are held; count 0: all padding
  int64_t step = 1;  ///< input positions between held ones
  int64_t offset = 0;
  int64_t stride = 1;
};

/// The span of `outputs` and `taps`. `sampled`: with one tap hold only the positions used (step =
/// stride).
inline Span find_span(const WindowDim& dim, Range outputs, Range taps, bool sampled) {
  const int64_t begin = outputs.first * dim.stride - dim.pad + taps.first * dim.dilation;
  if (sampled && taps.count == 1) {
    // Output i is inside the input for 0 <= begin + i*stride < in.
    const int64_t low = begin < 0 ? (-begin + dim.stride - 1) / dim.stride : 0;
    const int64_t high = begin < dim.in ? (dim.in - 1 - begin) / dim.stride + 1 : 0;
    const int64_t inside = std::min(high, outputs.count) - low;
    if (inside > 0) return {{begin + low * dim.stride, inside}, dim.stride, -low, 1};
    return {{0, 0}, 1, 1, 1};
  }
  const int64_t reach = (outputs.count - 1) * dim.stride + (taps.count - 1) * dim.dilation + 1;
  const int64_t first = std::clamp<int64_t>(begin, 0, dim.in);
  const int64_t end = std::clamp<int64_t>(begin + reach, 0, dim.in);
  if (end <= first) return {{0, 0}, 1, 1, dim.stride};
  return {{first, end - first}, 1, begin - first, dim.stride};
}

/// The most input positions that any `outputs` consecutive outputs and `taps` taps hold.
inline int64_t span_limit(const WindowDim& dim, int64_t outputs, int64_t taps, bool sampled) {
  if (sampled && taps == 1) return std::min(outputs, dim.in);
  return std::min(dim.in, (outputs - 1) * dim.stride + (taps - 1) * dim.dilation + 1);
}

}  // namespace systole::lower
