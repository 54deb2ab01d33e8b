// SPDX-License-Identifier: Apache-2.0
// Copies between DRAM tensors and the unified buffer, as load and store instructions.
#pragma once

#include "compiler/lower/plan.h"
#include "compiler/lower/tile_ir.h"
#include "compiler/lower/views.h"

namespace systole::lower {

/// Positions first, first + step, ... of a dimension.
struct Samples {
  Range range;  ///< first position, how many
  int64_t step = 1;
};

/// A box of a DRAM tensor.
struct Box {
  Range n;
  Samples h, w;
  Range c;
};

/// The bytes of `channels` of 8 >> narrow bits, which begin with a byte.
inline Range bytes_of(Range channels, int narrow) {
  return {channels.first >> narrow, ceil_div(channels.count, int64_t{1} << narrow)};
}

/// Appends loads of `box` of `tensor` to `view`, which begins at the box's first pixel.
void append_load(TileProgram& program, uint16_t tag, const DramTensor& tensor, const Box& box,
                 const View& view, const arch::Geometry& geometry);

/// The same with words that overlap, as `words` of a plan in slices has them.
void append_sliced_load(TileProgram& program, uint16_t tag, const DramTensor& tensor,
                        const Box& box, const View& view, const InputWords& words);

/// Appends stores of `view` to `box` of `tensor`.
void append_store(TileProgram& program, uint16_t tag, const DramTensor& tensor, const Box& box,
                  const View& view, const arch::Geometry& geometry);

}  // namespace systole::lower
