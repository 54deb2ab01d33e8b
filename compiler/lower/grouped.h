// SPDX-License-Identifier: Apache-2.0
// Convolution in groups: which input channels a column tile meets, and what that costs.
#pragma once

#include "compiler/lower/packing.h"

namespace systole::lower {

/// Whether `layer` is a convolution in several groups of several channels.
bool in_groups(const Layer& layer);

/// Whether `plan` computes a depthwise `layer` by diagonal tiles: a column tile reads one word.
/// Windows hold the channels of several pixels, and weights have zeros between the groups.
bool by_diagonals(const Layer& layer, const Plan& plan);
/// Whether a patch of `plan` is read by all column tiles.
bool shares_patch(const Layer& layer, const Plan& plan);

/// Whether the tile of `lanes` at position (y, x) of the plan's view holds weights of the groups of
/// `outputs`, and not only zeros.
bool meets_groups(const Layer& layer, const Plan& plan, int64_t y, int64_t x, Range lanes,
                  Range outputs);

/// The channels of `chunk` that the column tile `outputs` needs, from the first of a word on: those
/// of its groups, if `layer` has any, else all. Empty if it needs none.
Range channels_for(const Layer& layer, const Plan& plan, const Chunk& chunk, Range outputs,
                   const arch::Geometry& geometry);

/// What one output tile of `m` pixels of a convolution in groups costs, all column tiles together;
/// a depthwise one by windows.
struct GroupedWork {
  double mxu = 0;           ///< cycles of its weight tiles
  double ldw_steps = 0;     ///< rows of them
  double weight_bytes = 0;  ///< from DRAM
  int64_t most_tiles = 0;   ///< weight tiles of a column tile at one kernel position
};
GroupedWork grouped_work(const Layer& layer, const Plan& plan, const arch::Geometry& geometry,
                         double m);

}  // namespace systole::lower
