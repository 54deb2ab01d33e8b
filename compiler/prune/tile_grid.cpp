// SPDX-License-Identifier: Apache-2.0
// Cuts kernels into weight tiles and blocks.
#include "compiler/prune/tile_grid.h"

namespace systole::prune {
namespace {

std::vector<TileGrid::Part> even_parts(int64_t size, int64_t step) {
  std::vector<TileGrid::Part> parts;
  for (int64_t first = 0; first < size; first += step)
    parts.push_back({first, std::min(step, size - first)});
  return parts;
}

}  // namespace

TileGrid weight_tiles(const arch::Geometry& geometry, int64_t in, int64_t area, int64_t out,
                      bool covers_map) {
  TileGrid grid;
  grid.positions = covers_map ? 1 : area;
  const int64_t depth = covers_map ? area * in : in;
  int64_t first = 0;
  for (int64_t g = 0; g < geometry.groups(depth); ++g) {
    const int64_t count = geometry.group_lanes(g, depth);
    grid.rows.push_back({first, count});
    first += count;
  }
  for (int64_t t = 0; t < geometry.col_tiles(out); ++t)
    grid.columns.push_back({geometry.col_tile_first(t), geometry.col_tile_lanes(t, out)});
  return grid;
}

TileGrid weight_blocks(int64_t rows, int64_t columns, int64_t in, int64_t area, int64_t out,
                       bool covers_map) {
  TileGrid grid;
  grid.positions = covers_map ? 1 : area;
  grid.rows = even_parts(covers_map ? area * in : in, rows);
  grid.columns = even_parts(out, columns);
  return grid;
}

}  // namespace systole::prune
