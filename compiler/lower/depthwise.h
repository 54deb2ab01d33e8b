// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution: one diagonal weight tile for each kernel position and slice of channels.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/lower/packing.h"

namespace systole::lower {

/// The weights of a chunk of the column tile `channels` as a diagonal load_weights reads them: for
/// each kernel row and kernel column one byte a channel.
void append_diagonals(const Layer& layer, const Chunk& chunk, Range channels,
                      std::vector<uint8_t>& stream);

/// What one output tile of `m` pixels costs, all column tiles of `taps` weight tiles together.
struct DepthwiseWork {
  double mxu = 0;           ///< cycles of its weight tiles
  double ldw_steps = 0;     ///< rows of them
  double weight_bytes = 0;  ///< from DRAM
};
DepthwiseWork depthwise_work(const Layer& layer, const arch::Geometry& geometry, double m,
                             double taps);

}  // namespace systole::lower
