// SPDX-License-Identifier: Apache-2.0
// What a weight stream will take, for estimates: sizes and the tiles that are known to be left out.
#include <algorithm>
#include <cmath>

#include "compiler/lower/grouped.h"
#include "compiler/lower/row_packing.h"
#include "compiler/lower/weight_stream.h"

namespace systole::lower {
namespace {

/// Expected weights of a convolution in groups: tiles that meet none of the column tile's groups
/// are left out.
WeightStream expected_groups(const Layer& layer, const Plan& plan, const Chunk& chunk,
                             Range columns, const arch::Geometry& geometry) {
  const InputWords words(plan, chunk.c.count, geometry);
  const int64_t groups = geometry.groups(words.channels());
  WeightStream stream;
  stream.tiles = chunk.h.count * chunk.w.count * groups;
  stream.prefixes = layer.format == WeightFormat::kBitmask;
  int64_t rows = 0, index = 0;
  for (int64_t y = chunk.h.first; y < chunk.h.end(); ++y)
    for (int64_t x = chunk.w.first; x < chunk.w.end(); ++x) {
      Range lanes{chunk.c.first, 0};
      for (int64_t g = 0; g < groups; ++g, ++index) {
        if (words.passed(g)) {
          stream.leave_out(index);
          continue;
        }
        lanes = {lanes.end(), geometry.group_lanes(g, words.channels())};
        const bool zero = !meets_groups(layer, plan, y, x, lanes, columns);
        if (zero && has_zero(layer) && index < arch::kHoleTiles && index + 1 < stream.tiles)
          stream.leave_out(index);
        else
          rows += lanes.count;
      }
    }
  stream.empty_tiles = stream.hole_tiles;
  stream.steps = rows + (stream.prefixes ? ceil_div(rows, kMaskRows) : 0) + stream.hole_tiles;
  stream.bytes = std::llround(std::ceil(
      static_cast<double>(rows * layer.weight_row_bytes(columns.count)) * layer.masked_share));
  return stream;
}

}  // namespace

WeightStream expected_weight_stream(const Layer& layer, const Plan& plan, const Chunk& chunk,
                                    Range columns, const arch::Geometry& geometry) {
  const arch::Geometry slices = geometry.grouped(layer.structured());
  if (layer.op->conv().group > 1) return expected_groups(layer, plan, chunk, columns, slices);
  const InputWords words(plan, chunk.c.count, slices);
  const int64_t groups = slices.groups(words.channels());
  const int64_t positions = chunk.h.count * chunk.w.count;
  WeightStream stream;
  stream.tiles = positions * groups;
  stream.prefixes = layer.structured() || layer.format == WeightFormat::kBitmask;
  MissingTiles missing;
  if (chunk.h.first == 0) missing = missing_tiles(layer, plan, slices);
  for (int64_t t = 0; t < std::min(missing.tiles, arch::kHoleTiles); ++t) stream.leave_out(t);
  if (layer.structured()) {
    const int64_t block = 4 >> layer.pack();
    const auto add = [&](int64_t g, int64_t times) {
      const int64_t rows = arch::Geometry::tile_rows(slices.group_lanes(g, chunk.c.count), true);
      int64_t bytes = rows * layer.weight_row_bytes(columns.count);
      for (int64_t r = 0; r < rows; r += block)
        bytes += ceil_div(std::min(block, rows - r) * columns.count * (2 << layer.pack()), 8);
      stream.bytes += times * bytes;
      stream.steps += times * (rows + ceil_div(rows, block));
    };
    for (int64_t g = 0; g < groups; ++g) add(g, positions - (g < missing.tiles ? 1 : 0));
    return stream;
  }
  const int64_t rows = chunk.weight_rows() - missing.lanes;
  const int64_t dense = rows * layer.weight_row_bytes(columns.count);
  stream.steps = rows;
  if (stream.prefixes) stream.steps += ceil_div(stream.steps, kMaskRows);
  // Plans of more are not taken, but asked about.
  const int64_t named = std::min(stream.tiles, arch::kHoleTiles);
  for (int64_t tile = 0; plan.sliced && tile < named; ++tile)
    if (words.passed(tile % groups)) stream.leave_out(tile);
  stream.empty_tiles = stream.hole_tiles;
  stream.steps += stream.empty_tiles;
  stream.bytes = std::llround(std::ceil(static_cast<double>(dense) * layer.masked_share));
  return stream;
}

}  // namespace systole::lower
