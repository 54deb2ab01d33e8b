// SPDX-License-Identifier: Apache-2.0
// Where pixels lie: tensors in DRAM, and tiles and patches of them in the unified buffer.
#pragma once

#include "compiler/lower/span.h"

namespace systole::lower {

/// An NHWC tensor in DRAM, one byte an element: dense, or a box of a dense one, whose sizes these
/// are; its rows and columns may be several of the other's apart.
struct DramTensor {
  int64_t addr = 0, h = 1, w = 1, c = 1;
  int64_t step_h = 1, step_w = 1;
};

/// Pixels in the unified buffer: (n, h, w) is the word addr + n*stride_n + h*stride_h + w*stride_w
/// and those after it that hold the pixel's other channels.
struct View {
  int64_t addr = 0, stride_n = 0, stride_h = 0, stride_w = 0;
  /// The view that begins at pixel (n, h, w) of this one.
  View from(int64_t n, int64_t h, int64_t w) const {
    return {addr + n * stride_n + h * stride_h + w * stride_w, stride_n, stride_h, stride_w};
  }
};

/// h x w pixels of `words` words each, an item after the other without gaps.
inline View dense_view(int64_t addr, int64_t h, int64_t w, int64_t words) {
  return {addr, h * w * words, w * words, words};
}

/// A box of output pixels.
struct Tile {
  Range n, h, w;
  int64_t index = 0;
  bool last = false;  ///< of those that share kept weights
  int64_t pixels() const { return n.count * h.count * w.count; }
};

/// The input of a tile in the unified buffer. `view` begins at the first position that the spans
/// hold.
struct Patch {
  View view;
  Span h, w;
};

}  // namespace systole::lower
