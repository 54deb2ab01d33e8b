// SPDX-License-Identifier: Apache-2.0
// The loops over tiles, blocks and column tiles of one layer, and its data movement.
#include "compiler/lower/layer_lowering.h"

#include <algorithm>

#include "compiler/lower/grouped.h"
#include "compiler/lower/transfer.h"

namespace systole::lower {
namespace {

/// The positions of `dim` that `outputs` cover, cut where the number of real taps changes.
struct TapRun {
  Range outputs;
  int64_t taps;
};

std::vector<TapRun> tap_runs(const WindowDim& dim, Range outputs) {
  std::vector<TapRun> runs;
  for (int64_t i = outputs.first; i < outputs.end(); ++i) {
    const int64_t begin = i * dim.stride - dim.pad;
    const int64_t taps = std::min(begin + dim.kernel, dim.in) - std::max<int64_t>(begin, 0);
    if (runs.empty() || runs.back().taps != taps)
      runs.push_back({{i, 1}, taps});
    else
      ++runs.back().outputs.count;
  }
  return runs;
}

/// Cuts `whole` into ranges of `size`.
std::vector<Range> cut(Range whole, int64_t size) {
  std::vector<Range> ranges;
  for (int64_t at = whole.first; at < whole.end(); at += size)
    ranges.push_back({at, std::min(size, whole.end() - at)});
  return ranges;
}

}  // namespace

std::optional<int64_t> Rotation::find(int64_t key) const {
  for (size_t k = 0; k < keys_.size(); ++k)
    if (keys_[k] == key) return buffers_[k].first;
  return std::nullopt;
}

int64_t Rotation::next(int64_t key) {
  const size_t slot = next_;
  next_ = (next_ + 1) % buffers_.size();
  keys_[slot] = key;
  return buffers_[slot].first;
}

LayerLowering::LayerLowering(const Layer& layer, const Plan& plan, const Residence& residence,
                             LayerPlaces places, const isa::HwParams& hw, LoweringState& state)
    : layer_(layer),
      plan_(plan),
      residence_(residence),
      places_(std::move(places)),
      geometry_(hw),
      out_geometry_(geometry_.packed(layer.out_narrow)),
      state_(state),
      chunks_(make_chunks(plan)),
      in_buffers_(places_.staging.in),
      residual_buffers_(places_.staging.residual),
      out_buffers_(places_.staging.out),
      strips_(places_.staging.in.size()) {
  if (plan.early_c == 0) return;
  first_chunks_ = {chunks_.front(), chunks_.front()};
  Range& early = first_chunks_.front().c;
  Range& late = first_chunks_.back().c;
  early.count = plan.early_c;
  late = {early.end(), late.end() - early.end()};
  first_chunks_.back().index = 1;
}

void LayerLowering::run(Range n, Range h) {
  if (layer_.uses_mxu() && streams_.empty()) pack_weights();
  state_.acc.close();
  const std::vector<Tile> tiles = make_tiles(n, h);
  const std::vector<Block> blocks = make_blocks();
  const Range channels{0, layer_.shape.oc};
  // A resident output is stored from its place, all channels of a tile at once.
  const bool store_resident = residence_.store && residence_.out;
  const auto store_whole = [&](const Tile& tile) {
    if (store_resident) store(tile, channels, tile_view(places_.out, tile));
  };
  if (plan_.columns_outer) {
    for (const Block& block : blocks)
      for (const Tile& tile : tiles) lower_block(tile, block);
    for (const Tile& tile : tiles) store_whole(tile);
  } else {
    for (const Tile& tile : tiles) {
      for (const Block& block : blocks) lower_block(tile, block);
      store_whole(tile);
    }
  }
}

std::vector<Tile> LayerLowering::make_tiles(Range items, Range rows) {
  std::vector<Tile> tiles;
  for (const Range& n : cut(items, plan_.tile_n))
    for (const Range& h : cut(rows, plan_.tile_h))
      for (const Range& w : cut({0, layer_.shape.w.out}, plan_.tile_w))
        tiles.push_back({n, h, w, tiles_++});
  if (!tiles.empty()) tiles.back().last = true;
  return tiles;
}

std::vector<LayerLowering::Block> LayerLowering::make_blocks() const {
  std::vector<Block> blocks;
  const int64_t channels = layer_.shape.oc;
  const int64_t columns = geometry_.col_tiles(channels);
  for (const Range& part : cut({0, columns}, plan_.block)) {
    const int64_t first = geometry_.col_tile_first(part.first);
    const int64_t end = part.end() == columns ? channels : geometry_.col_tile_first(part.end());
    blocks.push_back({part, {first, end - first}, static_cast<int64_t>(blocks.size())});
  }
  return blocks;
}

std::vector<LayerLowering::Region> LayerLowering::make_regions(const Tile& tile) const {
  if (!layer_.exclude_pad) return {{tile.h, tile.w, layer_.shape.taps()}};
  std::vector<Region> regions;
  for (const TapRun& h : tap_runs(layer_.shape.h, tile.h))
    for (const TapRun& w : tap_runs(layer_.shape.w, tile.w))
      // A window of padding alone sums to zero, whatever its scale.
      regions.push_back(
          {h.outputs, w.outputs, std::max<int64_t>(1, h.taps) * std::max<int64_t>(1, w.taps)});
  return regions;
}

void LayerLowering::lower_block(const Tile& tile, const Block& block) {
  const int64_t words = out_geometry_.words(block.channels.count);
  const int64_t blocks = ceil_div(geometry_.col_tiles(layer_.shape.oc), plan_.block);
  const int64_t key = tile.index * blocks + block.index;
  std::optional<Patch> patch;
  if (plan_.parts)
    reduce_parts(tile, block, key);
  else if (!layer_.uses_mxu())
    patch = find_patch(tile, chunks_.front(), block.channels, key);

  View out = tile_view(places_.out, tile);
  if (!residence_.out) out = dense_view(out_buffers_.next(key), tile.h.count, tile.w.count, words);
  const auto of_pass = [&](int pass) {  // sums are never resident
    View view = out;
    view.addr += pass * tile.pixels() * words;
    return view;
  };
  View residual;
  if (plan_.in_place) {
    // The vector unit reads a pixel's residual before it writes the pixel.
    residual = out;
    if (residence_.out) residual.addr += block.channels.first / out_geometry_.lanes;
    load_residual(tile, block, residual);
    residual = out;
  }
  for (int64_t column = block.columns.first; column < block.columns.end(); ++column) {
    Source source;
    if (plan_.parts) {
      source = parts_of(block, column);
    } else if (layer_.uses_mxu()) {
      source = lower_sums(tile, block, column);
    } else {
      const Operand operand =
          select_column(patch->view, residence_.in, block, column, layer_.in_narrow);
      source = {*patch, operand.slice, false, plan_.shape.h.kernel, plan_.shape.w.kernel};
      source.patch.view = operand.view;
    }
    std::optional<Operand> second;
    if (layer_.has_residual()) {
      if (residence_.residual) {
        residual = residual_view(tile);
      } else if (!plan_.in_place && column == block.columns.first) {
        const int64_t held = geometry_.packed(layer_.residual_narrow).words(block.channels.count);
        residual = layer_.residual_pixel
                       ? dense_view(residual_buffers_.next(key), 1, 1, held)
                       : dense_view(residual_buffers_.next(key), tile.h.count, tile.w.count, held);
        load_residual(tile, block, residual);
        if (layer_.residual_pixel) residual.stride_h = residual.stride_w = 0;
      }
      const bool whole = plan_.in_place ? residence_.out : residence_.residual;
      second = select_column(residual, whole, block, column, layer_.residual_narrow);
    }
    for (int pass = 0; pass < layer_.passes(); ++pass) {
      const Operand result =
          select_column(of_pass(pass), residence_.out, block, column, layer_.out_narrow);
      for (const Region& region : make_regions(tile))
        lower_vector(tile, region, column, source, result, second, pass);
    }
  }
  if (residence_.out) return;
  for (int pass = 0; pass < layer_.passes(); ++pass)
    store(tile, {pass * layer_.shape.oc + block.channels.first, block.channels.count},
          of_pass(pass));
}

LayerLowering::Source LayerLowering::lower_sums(const Tile& tile, const Block& block,
                                                int64_t column) {
  const int64_t acc_row = state_.acc.take(tile.pixels(), plan_.together);
  if (by_diagonals(layer_, plan_))
    lower_depthwise(tile, block, column, acc_row);
  else
    lower_matmuls(tile, column, acc_row);
  Source source;
  source.patch = {dense_view(acc_row, tile.h.count, tile.w.count, 1),
                  {{0, tile.h.count}, 1, 0, 1},
                  {{0, tile.w.count}, 1, 0, 1}};
  source.acc = true;
  return source;
}

void LayerLowering::load_residual(const Tile& tile, const Block& block, const View& view) {
  const Range one{0, 1};
  const Range h = layer_.residual_pixel ? one : tile.h, w = layer_.residual_pixel ? one : tile.w;
  append_load(state_.program, layer_.tag, places_.residual.dram,
              {tile.n, {h}, {w}, bytes_of(block.channels, layer_.residual_narrow)}, view,
              geometry_);
}

View LayerLowering::tile_view(const OperandPlace& place, const Tile& tile) const {
  if (!place.held) return {};
  return place.held->from(tile.n.first, tile.h.first, tile.w.first);
}

View LayerLowering::residual_view(const Tile& tile) const {
  if (!layer_.residual_pixel) return tile_view(places_.residual, tile);
  View pixel = places_.residual.held->from(tile.n.first, 0, 0);
  pixel.stride_h = pixel.stride_w = 0;
  return pixel;
}

LayerLowering::Operand LayerLowering::select_column(const View& view, bool resident,
                                                    const Block& block, int64_t column,
                                                    int narrow) const {
  // In a buffer of a single column tile it is in slice 0; elsewhere every channel is in its own
  // lane.
  const bool alone = !resident && plan_.block == 1;
  const int64_t from = resident ? 0 : block.columns.first;
  const int64_t slices = geometry_.col_slices_of(narrow);
  Operand operand{view, alone ? 0 : column % slices};
  if (!alone) operand.view.addr += (column - from) / slices;
  return operand;
}

void LayerLowering::store(const Tile& tile, Range channels, const View& view) {
  const DramTensor& to = places_.out.dram;
  const Samples rows{{tile.h.first * to.step_h, tile.h.count}, to.step_h};
  const Samples columns{{tile.w.first * to.step_w, tile.w.count}, to.step_w};
  std::vector<TileOp>& ops = state_.program.ops;
  const size_t before = ops.size();
  append_store(state_.program, layer_.tag, to,
               {tile.n, rows, columns, bytes_of(channels, layer_.out_narrow)}, view, geometry_);
  for (size_t k = before; k < ops.size(); ++k)
    ops[k].made = {layer_.out, tile.n.first, tile.h.first, tile.w.first, 0};
}

}  // namespace systole::lower
