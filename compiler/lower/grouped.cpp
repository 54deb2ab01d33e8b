// SPDX-License-Identifier: Apache-2.0
// A column tile reads the words that hold the channels of its groups, and no others.
#include "compiler/lower/grouped.h"

#include <algorithm>

namespace systole {
namespace {

/// The channels of the groups that `outputs` belong to.
Range channels_of_groups(const Layer& layer, Range outputs) {
  const int64_t group = layer.op->conv.group;
  const int64_t in = layer.in_channels / group, out = layer.shape.oc / group;
  const int64_t first = outputs.first / out * in;
  return {first, ((outputs.end() - 1) / out + 1) * in - first};
}

}  // namespace

bool in_groups(const Layer& layer) {
  return layer.uses_mxu() && layer.op->conv.group > 1 && !layer.depthwise();
}

Range channels_for(const Layer& layer, const Plan& plan, const Chunk& chunk, Range outputs,
                   const Geometry& geometry) {
  // Windows hold the channels of several pixels.
  if (!in_groups(layer) || plan.input == InputMode::kWindow) return chunk.c;
  const Range needed = channels_of_groups(layer, outputs);
  const int64_t lanes = InputWords(plan, 1, geometry).step();
  const int64_t word = needed.first / lanes * lanes;
  const int64_t first = std::max(chunk.c.first, word);
  return {first, std::max<int64_t>(0, std::min(chunk.c.end(), needed.end()) - first)};
}

GroupedWork grouped_work(const Layer& layer, const Plan& plan, const Geometry& g, double m) {
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

}  // namespace systole
