// SPDX-License-Identifier: Apache-2.0
// A column tile reads the words that hold the channels of its groups, and no others.
#include "compiler/lower/grouped.h"

#include <algorithm>

#include "compiler/lower/row_packing.h"
#include "model/arch/weight_rows.h"

namespace systole::lower {
namespace {

/// The channels of the groups that `outputs` belong to.
Range channels_of_groups(const Layer& layer, Range outputs) {
  const int64_t group = layer.op->conv().group;
  const int64_t in = layer.in_channels / group, out = layer.shape.oc / group;
  const int64_t first = outputs.first / out * in;
  return {first, ((outputs.end() - 1) / out + 1) * in - first};
}

}  // namespace

bool in_groups(const Layer& layer) {
  return layer.uses_mxu() && layer.op->conv().group > 1 && !layer.depthwise();
}

bool by_diagonals(const Layer& layer, const Plan& plan) {
  return layer.depthwise() && plan.input != InputMode::kWindow;
}

bool shares_patch(const Layer& layer, const Plan& plan) {
  return layer.uses_mxu() && !by_diagonals(layer, plan);
}

bool meets_groups(const Layer& layer, const Plan& plan, int64_t y, int64_t x, Range lanes,
                  Range outputs) {
  const Range needed = channels_of_groups(layer, outputs);
  const int64_t channels = layer.shape.c;
  const int64_t missing = plan.packed_rows == 1 ? 0
                                                : missing_rows(layer.shape.h, plan.packed_rows) *
                                                      layer.shape.w.kernel * channels;
  const int64_t first = (y * plan.shape.w.kernel + x) * plan.shape.c + lanes.first;
  for (int64_t seen = std::max(first, missing); seen < first + lanes.count; ++seen)
    if (needed.first <= seen % channels && seen % channels < needed.end()) return true;
  return false;
}

Range channels_for(const Layer& layer, const Plan& plan, const Chunk& chunk, Range outputs,
                   const arch::Geometry& geometry) {
  // Windows hold the channels of several pixels.
  if (!in_groups(layer) || plan.input == InputMode::kWindow) return chunk.c;
  const Range needed = channels_of_groups(layer, outputs);
  const int64_t lanes = InputWords(plan, 1, geometry).step();
  const int64_t word = needed.first / lanes * lanes;
  const int64_t first = std::max(chunk.c.first, word);
  return {first, std::max<int64_t>(0, std::min(chunk.c.end(), needed.end()) - first)};
}

namespace {

GroupedWork window_work(const Layer& layer, const Plan& plan, const arch::Geometry& g, double m) {
  const LayerShape& s = plan.shape;
  GroupedWork work;
  work.most_tiles = s.h.kernel * g.groups(s.c);
  for (int64_t t = 0; t < g.col_tiles(s.oc); ++t) {
    const Range outputs{g.col_tile_first(t), g.col_tile_lanes(t, s.oc)};
    int64_t rows = 0, tile = 0;
    for (int64_t y = 0; y < s.h.kernel; ++y) {
      Range lanes;
      for (int64_t slice = 0; slice < g.groups(s.c); ++slice, ++tile, lanes.first = lanes.end()) {
        lanes.count = g.group_lanes(slice, s.c);
        const bool can_be_left_out = tile < arch::kHoleTiles && tile + 1 < work.most_tiles;
        if (can_be_left_out && !meets_groups(layer, plan, y, 0, lanes, outputs)) continue;
        work.mxu += std::max(m, static_cast<double>(lanes.count));
        rows += lanes.count;
      }
    }
    work.ldw_steps += static_cast<double>(rows);
    work.weight_bytes += static_cast<double>(rows * layer.weight_row_bytes(outputs.count));
  }
  work.weight_bytes *= layer.masked_share;
  return work;
}

}  // namespace

GroupedWork grouped_work(const Layer& layer, const Plan& plan, const arch::Geometry& g, double m) {
  if (plan.input == InputMode::kWindow) return window_work(layer, plan, g, m);
  const LayerShape& s = plan.shape;
  GroupedWork work;
  for (int64_t t = 0; t < g.col_tiles(s.oc); ++t) {
    const Range outputs{g.col_tile_first(t), g.col_tile_lanes(t, s.oc)};
    const Range read = channels_for(layer, plan, {{}, {}, {0, s.c}}, outputs, g);
    const int64_t unused = channels_of_groups(layer, outputs).first - read.first;
    const InputWords in(plan, read.count, g);
    const int64_t tiles = in.slices();
    work.most_tiles = std::max(work.most_tiles, tiles);
    int64_t rows = 0;
    for (int64_t slice = 0, end = 0; slice < tiles; ++slice) {
      const int lanes = in.slice_lanes(slice);
      end += lanes;
      if (end <= unused) continue;  // a tile of zeros
      work.mxu += std::max<double>(m, lanes);
      rows += lanes;
    }
    work.ldw_steps += static_cast<double>(rows);
    work.weight_bytes += static_cast<double>(rows * layer.weight_row_bytes(outputs.count));
  }
  const auto taps = static_cast<double>(s.taps());
  work.mxu *= taps, work.ldw_steps *= taps, work.weight_bytes *= taps * layer.masked_share;
  return work;
}

}  // namespace systole::lower
