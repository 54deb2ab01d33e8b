// SPDX-License-Identifier: Apache-2.0
// Which rows are packed together, and what that saves.
#include "compiler/lower/row_packing.h"

#include <algorithm>

#include "compiler/lower/field_limits.h"

namespace systole::lower {
bool has_zero(const Layer& layer) {
  if (layer.op->conv().weight_type.bits() == 1) return false;
  return !layer.codebook ||
         std::find(layer.codebook->begin(), layer.codebook->end(), 0) != layer.codebook->end();
}

WindowDim packed_rows(const WindowDim& rows, int64_t packed) {
  if (packed == 1) return rows;
  WindowDim dim;
  dim.out = rows.out;
  dim.kernel = ceil_div(rows.kernel, packed);
  dim.dilation = dim.kernel > 1 ? packed / rows.stride : 1;
  dim.in = rows.out + (dim.kernel - 1) * dim.dilation;
  return dim;
}

int64_t missing_rows(const WindowDim& rows, int64_t packed) {
  return ceil_div(rows.kernel, packed) * packed - rows.kernel;
}

int64_t first_row_of_pack(const WindowDim& rows, int64_t packed, int64_t pack) {
  return pack * rows.stride - rows.pad - missing_rows(rows, packed);
}

int64_t window_tiles(const Layer& layer, int64_t packed, const arch::Geometry& slices) {
  const LayerShape& s = layer.shape;
  const int64_t row = s.w.kernel * s.c;
  int64_t tiles = ceil_div(s.h.kernel, packed) * slices.groups(packed * row);
  // Tiles of missing rows are left out.
  if (packed > 1) tiles -= slices.groups(missing_rows(s.h, packed) * row + 1) - 1;
  return tiles;
}

std::vector<int64_t> row_packings(const Layer& layer, const arch::Geometry& slices) {
  const WindowDim& rows = layer.shape.h;
  std::vector<int64_t> packings{1};
  if (rows.dilation != 1 || rows.kernel > kField8) return packings;
  int64_t least = window_tiles(layer, 1, slices);
  const auto consider = [&](int64_t packed) {
    if (packed * layer.shape.w.kernel * layer.shape.c > kField16) return;
    if (missing_rows(rows, packed) > 0 && !has_zero(layer)) return;
    const int64_t tiles = window_tiles(layer, packed, slices);
    if (tiles >= least) return;
    least = tiles;
    packings.push_back(packed);
  };
  // Packs of a kernel lie whole strides apart.
  for (int64_t packed = rows.stride; packed < rows.kernel; packed += rows.stride)
    if (packed > 1) consider(packed);
  if (rows.kernel > 1) consider(rows.kernel);
  return packings;
}

MissingTiles missing_tiles(const Layer& layer, const Plan& plan, const arch::Geometry& slices) {
  MissingTiles missing;
  if (plan.packed_rows == 1) return missing;
  const LayerShape& s = layer.shape;
  const int64_t lanes = missing_rows(s.h, plan.packed_rows) * s.w.kernel * s.c;
  while (true) {
    const int64_t next = missing.lanes + slices.group_lanes(missing.tiles, plan.shape.c);
    if (next > lanes) return missing;
    missing = {missing.tiles + 1, next};
  }
}

int64_t pack_emissions(int64_t row_bytes, int64_t packed, const arch::Geometry& geometry) {
  int64_t words = 0;
  for (int64_t row = 0; row < packed; ++row)
    words += geometry.words(row * row_bytes % geometry.lanes + row_bytes);
  return words;
}

}  // namespace systole::lower
