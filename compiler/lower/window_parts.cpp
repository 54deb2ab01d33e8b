// SPDX-License-Identifier: Apache-2.0
// Lowers pooling windows that are cut: sums of chunks in the accumulators, maxima of chunks in the
// unified buffer.
#include <algorithm>

#include "compiler/lower/layer_lowering.h"
#include "compiler/lower/narrow.h"

namespace systole::lower {
namespace {

/// `count` words or rows side by side, from `view` on.
Patch in_a_row(const View& view, int64_t count) {
  return {view, {{0, 1}, 1, 0, 1}, {{0, count}, 1, 0, 1}};
}

}  // namespace

void LayerLowering::reduce_parts(const Tile& tile, const Block& block, int64_t key) {
  if (layer_.sum)
    sum_parts(tile, block, key * plan_.chunks());
  else
    find_maxima(tile, block, key * plan_.chunks());
}

LayerLowering::Source LayerLowering::parts_of(const Block& block, int64_t column) const {
  Source source;
  if (layer_.sum) {
    const int64_t row = part_row_ + (column - block.columns.first) * plan_.part_rows();
    source.acc = true;
    source.kw = plan_.part_rows();
    source.patch = in_a_row(dense_view(row, 1, source.kw, 1), source.kw);
    return source;
  }
  const int64_t words = places_.staging.maxima.front().count / plan_.slots;
  const View slots = dense_view(places_.staging.maxima.front().first, 1, plan_.slots, words);
  const Operand operand = select_column(slots, false, block, column, layer_.in_narrow);
  source.slice = operand.slice;
  source.kw = used_slots_;
  source.patch = in_a_row(operand.view, used_slots_);
  return source;
}

/// The array adds up what lies across the longer side of a chunk, by diagonals of ones; the sums
/// along it are left to the vector unit.
void LayerLowering::sum_parts(const Tile& tile, const Block& block, int64_t key) {
  part_row_ = state_.acc.take(block.columns.count * plan_.part_rows(), 1);
  for (const Chunk& chunk : chunks_) {
    const Patch patch = find_patch(tile, chunk, block.channels, key + chunk.index);
    const bool columns = plan_.rows_of_columns();
    const int64_t taps = columns ? chunk.h.count : chunk.w.count;
    const int64_t rows = columns ? chunk.w.count : chunk.h.count;
    for (int64_t column = block.columns.first; column < block.columns.end(); ++column) {
      const Operand source = select_column(patch.view, residence_.in, block, column, 0);
      const int64_t first = source.slice * geometry_.cols;
      const OpIndex weights = load_ones(column, first, taps);
      isa::Matmul m = matmul_over(tile, patch, chunk,
                                  part_row_ + (column - block.columns.first) * plan_.part_rows());
      m.ub_addr = narrow<uint32_t>(source.view.addr, "unified buffer address");
      m.channels = std::get<isa::LoadWeights>(state_.program.ops.back().instruction).channels;
      (columns ? m.ow : m.oh) = narrow<uint16_t>(rows, "rows of a part");
      (columns ? m.kw : m.kh) = 1;
      m.stride_h = m.stride_w = m.dil_h = m.dil_w = 1;
      m.expand = static_cast<uint8_t>(layer_.in_narrow);
      m.accumulate = chunk.index > 0;
      append(m);
      state_.program.ops.back().weights = weights;
    }
  }
}

OpIndex LayerLowering::load_ones(int64_t column, int64_t first, int64_t taps) {
  if (ones_addr_ < 0) {
    const std::string name = "ones " + layer_.op->name;
    std::vector<uint8_t> ones(static_cast<size_t>(plan_.part_taps() * geometry_.cols), 1);
    ones_addr_ = state_.dram.reserve(std::ssize(ones), name);
    if (!state_.dry)
      state_.segments.push_back({static_cast<uint32_t>(ones_addr_), name, std::move(ones)});
  }
  const int64_t columns = geometry_.col_tile_lanes(column, layer_.shape.oc);
  isa::LoadWeights load;
  load.dram_addr = narrow<uint32_t>(ones_addr_, "DRAM address");
  load.positions = narrow<uint16_t>(taps, "kernel positions");
  load.channels = narrow<uint16_t>(first + columns, "channels");
  load.cols = narrow<uint16_t>(columns, "columns");
  load.diagonal = true;
  load.first = narrow<uint8_t>(first, "first channel");
  append(load);
  return static_cast<OpIndex>(state_.program.ops.size() - 1);
}

void LayerLowering::find_maxima(const Tile& tile, const Block& block, int64_t key) {
  used_slots_ = 0;
  const int64_t words = places_.staging.maxima.front().count / plan_.slots;
  const auto slot = [&](int64_t index, int64_t column) {
    View view = dense_view(places_.staging.maxima.front().first, 1, plan_.slots, words);
    view.addr += index * words;
    return select_column(view, false, block, column, layer_.in_narrow);
  };
  for (const Chunk& chunk : chunks_) {
    if (used_slots_ == plan_.slots) {  // those that there are become one
      for (int64_t column = block.columns.first; column < block.columns.end(); ++column)
        append_maximum(parts_of(block, column), slot(0, column), column);
      used_slots_ = 1;
    }
    const Patch patch = find_patch(tile, chunk, block.channels, key + chunk.index);
    for (int64_t column = block.columns.first; column < block.columns.end(); ++column) {
      const Operand operand =
          select_column(patch.view, residence_.in, block, column, layer_.in_narrow);
      Source source{patch, operand.slice, false, chunk.h.count, chunk.w.count};
      source.patch.view = operand.view;
      append_maximum(source, slot(used_slots_, column), column);
    }
    ++used_slots_;
  }
}

void LayerLowering::append_maximum(const Source& from, const Operand& to, int64_t column) {
  // A chunk of padding alone gives the least value.
  const int bits = 8 >> layer_.in_narrow;
  const isa::VectorSet plain{.clamp_lo = static_cast<int8_t>(-(1 << (bits - 1))), .clamp_hi = 127};
  const auto parameters = narrow<uint16_t>(state_.params.identity_row(layer_.tag), "parameter row");
  const ScalarsOwner owner{.pass = bits};
  if (state_.scalars != owner) append(plain);
  state_.scalars = owner;
  const Patch& source = from.patch;
  const auto stride = [](int64_t words, int64_t steps) {
    return steps > 1 ? narrow<uint16_t>(words, "vector stride") : uint16_t{0};
  };
  isa::Vector v;
  v.src_ub = true;
  v.src_narrow = v.dst_narrow = static_cast<uint8_t>(layer_.in_narrow);
  v.src_addr = narrow<uint32_t>(source.view.addr, "source address");
  v.src_stride1 = stride(source.view.stride_h, source.h.input.count);
  v.src_stride2 = stride(source.view.stride_w, source.w.input.count);
  v.src_slice = narrow<uint8_t>(from.slice, "source slice");
  v.h0 = narrow<int16_t>(source.h.offset, "first source row");
  v.w0 = narrow<int16_t>(source.w.offset, "first source column");
  v.height = narrow<uint16_t>(std::max<int64_t>(1, source.h.input.count), "source rows");
  v.width = narrow<uint16_t>(std::max<int64_t>(1, source.w.input.count), "source columns");
  v.n = v.oh = v.ow = v.stride_h = v.stride_w = 1;
  v.kh = narrow<uint8_t>(from.kh, "window rows");
  v.kw = narrow<uint8_t>(from.kw, "window columns");
  v.dst_addr = narrow<uint32_t>(to.view.addr, "destination address");
  v.dst_slice = narrow<uint8_t>(to.slice, "destination slice");
  v.lanes_m1 = narrow<uint8_t>(geometry_.col_tile_lanes(column, layer_.shape.oc) - 1, "lanes");
  v.param_row = parameters;
  append(v);
}

}  // namespace systole::lower
