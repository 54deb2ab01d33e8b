// SPDX-License-Identifier: Apache-2.0
// How the weights of a layer fall into weight tiles: input channels by output channels, at one
// kernel position.
#pragma once

#include <cstdint>
#include <vector>

#include "model/arch/geometry.h"

namespace systole::prune {

/// A kernel as matrices [depth][columns], one for each of `positions`, each cut into rows and
/// columns of blocks.
struct TileGrid {
  struct Part {
    int64_t first = 0, count = 0;
    int64_t end() const { return first + count; }
  };
  int64_t positions = 1;  ///< kernel positions
  std::vector<Part> rows, columns;
  int64_t tiles() const {
    return positions * static_cast<int64_t>(rows.size()) * static_cast<int64_t>(columns.size());
  }
};

/// Tiles of a kernel of `area` positions over `in` input channels with `out` output channels. A
/// kernel that covers its map is one position of area * in channels (position by position), as the
/// compiler lowers it. First layers that the window mode of `load_acts` packs more densely are not
/// told apart.
TileGrid weight_tiles(const arch::Geometry& geometry, int64_t in, int64_t area, int64_t out,
                      bool covers_map);
/// The same in blocks of `rows` x `columns` weights; those at the edges may be smaller.
TileGrid weight_blocks(int64_t rows, int64_t columns, int64_t in, int64_t area, int64_t out,
                       bool covers_map);

}  // namespace systole::prune
