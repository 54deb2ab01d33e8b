// SPDX-License-Identifier: Apache-2.0
// Lowers a depthwise column tile: a diagonal weight load and a matmul over the one word of its
// channels.
#include "compiler/lower/depthwise.h"

#include <algorithm>

#include "compiler/lower/layer_lowering.h"
#include "compiler/lower/narrow.h"

namespace systole::lower {

void append_diagonals(const Layer& layer, const Chunk& chunk, Range channels,
                      std::vector<uint8_t>& stream) {
  const std::vector<int8_t>& weights = layer.op->conv().weights;  // [channel][kh][kw]
  const LayerShape& s = layer.shape;
  std::vector<int8_t> row(static_cast<size_t>(channels.count));
  for (int64_t y = chunk.h.first; y < chunk.h.end(); ++y)
    for (int64_t x = chunk.w.first; x < chunk.w.end(); ++x) {
      for (int64_t c = channels.first; c < channels.end(); ++c)
        row[static_cast<size_t>(c - channels.first)] =
            weights[(c * s.h.kernel + y) * s.w.kernel + x];
      append_weight_row(layer, row, stream);
    }
}

DepthwiseWork depthwise_work(const Layer& layer, const arch::Geometry& g, double m, double taps) {
  const LayerShape& s = layer.shape;
  DepthwiseWork work;
  for (int64_t t = 0; t < g.col_tiles(s.oc); ++t) {
    const int64_t columns = g.col_tile_lanes(t, s.oc);
    const int64_t lanes = t % g.col_slices * g.cols + columns;  // up to the tile's last channel
    for (int64_t group = 0; group < g.groups(lanes); ++group)
      work.mxu += std::max<double>(m, g.group_lanes(group, lanes));
    work.ldw_steps += static_cast<double>(lanes);
    work.weight_bytes += static_cast<double>(layer.weight_row_bytes(columns));
  }
  return {work.mxu * taps, work.ldw_steps * taps, work.weight_bytes * taps};
}

void LayerLowering::lower_depthwise(const Tile& tile, const Block& block, int64_t column,
                                    int64_t acc_row) {
  const int64_t blocks = ceil_div(geometry_.col_tiles(layer_.shape.oc), plan_.block);
  const int64_t columns = geometry_.col_tile_lanes(column, layer_.shape.oc);
  for (const Chunk& chunk : chunks_) {
    const int64_t key = (tile.index * blocks + block.index) * plan_.chunks() + chunk.index;
    const Patch patch = find_patch(tile, chunk, block.channels, key);
    const Operand source = select_column(patch.view, residence_.in, block, column, 0);
    const int64_t first = source.slice * geometry_.cols, taps = chunk.h.count * chunk.w.count;
    isa::LoadWeights load;
    load.dram_addr = narrow<uint32_t>(weights_addr_ + stream_of(column, chunk).at, "DRAM address");
    load.positions = narrow<uint16_t>(taps, "kernel positions");
    // Channels behind the tile's last one would only meet zeros.
    load.channels = narrow<uint16_t>(first + columns, "channels");
    load.cols = narrow<uint16_t>(columns, "columns");
    load.narrow = layer_.narrow();
    load.codebook = layer_.format == WeightFormat::kCodebook;
    load.diagonal = true;
    load.first = narrow<uint8_t>(first, "first channel");
    provide_codebook();
    append(load);
    const auto weights = static_cast<OpIndex>(state_.program.ops.size() - 1);
    isa::Matmul m = matmul_over(tile, patch, chunk, acc_row);
    m.ub_addr = narrow<uint32_t>(source.view.addr, "unified buffer address");
    m.channels = load.channels;
    m.accumulate = chunk.index > 0;
    append(m);
    state_.program.ops.back().weights = weights;
  }
}

}  // namespace systole::lower
