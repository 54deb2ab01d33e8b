// SPDX-License-Identifier: Apache-2.0
// Convolution in groups: which input channels a column tile meets, and what that costs.
#pragma once

#include "compiler/lower/packing.h"

namespace systole {

/// Whether `layer` is a convolution in several groups of several channels.
bool in_groups(const Layer& layer);

/// The channels of `chunk` that the column tile `outputs` needs, from the first of a word on: those
/// of its groups, if `layer` has any, else all. Empty if it needs none.
Range channels_for(const Layer& layer, const Plan& plan, const Chunk& chunk, Range outputs,
                   const Geometry& geometry);

/// What one output tile of `m` pixels of a convolution in groups costs, all column tiles together.
struct GroupedWork {
  double mxu = 0;           ///< cycles of its weight tiles
  double ldw_steps = 0;     ///< rows of them
  double weight_bytes = 0;  ///< from DRAM
  int64_t most_tiles = 0;   ///< weight tiles of a column tile at one kernel position
};
GroupedWork grouped_work(const Layer& layer, const Plan& plan, const Geometry& geometry, double m);

}  // namespace systole
