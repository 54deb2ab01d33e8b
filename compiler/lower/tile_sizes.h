// SPDX-License-Identifier: Apache-2.0
// The sizes of output tiles, and of parts of kernels, that plans are made of.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/lower/plan.h"

namespace systole::lower {

struct TileSizes {
  int64_t n, h, w;
  void set(Plan& plan) const { plan.tile_n = n, plan.tile_h = h, plan.tile_w = w; }
};

/// Output tiles of `shape` of at most `most` pixels that the instruction fields hold, in the order
/// in which the first of equally cheap ones wins.
std::vector<TileSizes> tile_sizes(const LayerShape& shape, int64_t most);

/// The taps of `dim` that one instruction takes: all, or parts of nearly equal size.
int64_t most_taps(const WindowDim& dim);
/// `most` taps and their halves down to 1; of few taps all or 1.
std::vector<int64_t> part_sizes(int64_t most);

}  // namespace systole::lower
