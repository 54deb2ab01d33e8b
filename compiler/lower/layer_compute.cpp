// SPDX-License-Identifier: Apache-2.0
// The computing instructions of one layer: weight streams, matmul, vector and its scalars.
#include <fmt/format.h>

#include <utility>

#include "compiler/lower/depthwise.h"
#include "compiler/lower/grouped.h"
#include "compiler/lower/layer_lowering.h"
#include "compiler/lower/narrow.h"

namespace systole::lower {
namespace {

/// A stride or dilation over `steps`; over a single one it may be too long for its field.
uint8_t step_field(int64_t stride, int64_t steps, const char* what) {
  return steps == 1 && stride > 255 ? uint8_t{1} : narrow<uint8_t>(stride, what);
}

}  // namespace

void LayerLowering::pack_weights() {
  const int64_t channels = layer_.shape.oc;
  std::vector<uint8_t> bytes;
  if (!state_.dry) bytes.reserve(layer_.op->conv().weights.size());
  int64_t expected = 0;  // bytes, if none are packed
  for (int64_t t = 0; t < geometry_.col_tiles(channels); ++t) {
    const Range tile{geometry_.col_tile_first(t), geometry_.col_tile_lanes(t, channels)};
    std::vector<WeightStream>& streams = streams_.emplace_back();
    for (const Chunk& chunk : chunks_of(t)) {
      if (by_diagonals(layer_, plan_)) {
        WeightStream& stream = streams.emplace_back();
        stream.at = expected;
        stream.bytes = chunk.h.count * chunk.w.count * layer_.weight_row_bytes(tile.count);
        if (!state_.dry) append_diagonals(layer_, chunk, tile, bytes);
      } else if (state_.dry) {
        streams.push_back(
            expected_weight_stream(layer_, plan_, part_of(chunk, t), tile, geometry_));
        streams.back().at = expected;
      } else {
        streams.push_back(
            append_weight_stream(layer_, plan_, part_of(chunk, t), tile, geometry_, bytes));
      }
      expected += streams.back().bytes;
    }
  }
  const std::string name = "weights " + layer_.op->name;
  weights_addr_ = state_.dram.reserve(expected, name);
  if (state_.dry) return;
  state_.segments.push_back({static_cast<uint32_t>(weights_addr_), name, std::move(bytes)});
  StoredWeights& stored = state_.stored.emplace_back();
  stored.tag = layer_.tag;
  stored.bytes = expected;
  for (const auto& streams : streams_)
    for (const WeightStream& stream : streams) {
      stored.hole_tiles += stream.hole_tiles - stream.empty_tiles;
      stored.hole_weights += stream.hole_weights;
    }
}

Chunk LayerLowering::part_of(const Chunk& chunk, int64_t column) const {
  const int64_t channels = layer_.shape.oc;
  Chunk part = chunk;
  part.c = channels_for(
      layer_, plan_, chunk,
      {geometry_.col_tile_first(column), geometry_.col_tile_lanes(column, channels)}, geometry_);
  return part;
}

OpIndex LayerLowering::load_weights(int64_t column, const Chunk& chunk) {
  const WeightStream& stream = stream_of(column, chunk);
  isa::LoadWeights load;
  load.dram_addr = narrow<uint32_t>(weights_addr_ + stream.at, "DRAM address");
  load.positions = narrow<uint16_t>(chunk.h.count * chunk.w.count, "kernel positions");
  load.channels =
      narrow<uint16_t>(InputWords(plan_, chunk.c.count, geometry_).channels(), "channels");
  load.cols = narrow<uint16_t>(geometry_.col_tile_lanes(column, layer_.shape.oc), "columns");
  load.narrow = layer_.narrow();
  load.pack = static_cast<uint8_t>(layer_.pack());
  load.codebook = layer_.format == WeightFormat::kCodebook;
  load.bitmask = layer_.format == WeightFormat::kBitmask;
  load.structured = layer_.structured();
  stream.describe(load);
  provide_codebook();
  append(load);
  return static_cast<OpIndex>(state_.program.ops.size() - 1);
}

void LayerLowering::provide_codebook() {
  if (!layer_.codebook || state_.codebook_tag == layer_.tag) return;
  state_.codebook_tag = layer_.tag;
  if (codebook_addr_ < 0) {
    const std::string name = "codebook " + layer_.op->name;
    codebook_addr_ = state_.dram.reserve(arch::kCodebookBytes, name);
    std::vector<uint8_t> bytes(layer_.codebook->begin(), layer_.codebook->end());
    if (!state_.dry)
      state_.segments.push_back({static_cast<uint32_t>(codebook_addr_), name, std::move(bytes)});
  }
  isa::LoadCodebook load;
  load.dram_addr = static_cast<uint32_t>(codebook_addr_);
  append(load);
}

void LayerLowering::lower_matmuls(const Tile& tile, int64_t column, int64_t acc_row) {
  bool begun = false;
  for (const Chunk& chunk : chunks_of(column)) {
    const Chunk part = part_of(chunk, column);
    if (part.c.count == 0) continue;
    const int64_t key = tile.index * static_cast<int64_t>(chunks_.size()) + chunk.index;
    const Patch patch = find_patch(tile, chunk, chunk.c, key);
    const OpIndex weights = kept_ != kNoOp ? kept_ : load_weights(column, part);
    isa::Matmul m = matmul_over(tile, patch, chunk, acc_row);
    // A resident tensor holds all channels, a patch those of its chunk.
    const int64_t held = plan_.input == InputMode::kResident ? 0 : chunk.c.first;
    const int64_t words =
        (part.c.first - held) / (InputWords(plan_, 1, geometry_).step() << layer_.expand());
    m.ub_addr = narrow<uint32_t>(patch.view.addr + words, "unified buffer address");
    m.channels =
        narrow<uint16_t>(InputWords(plan_, part.c.count, geometry_).channels(), "channels");
    m.accumulate = std::exchange(begun, true);
    m.keep = plan_.keep && !tile.last;
    append(m);
    state_.program.ops.back().weights = weights;
    state_.program.ops.back().holes = stream_of(column, chunk).hole_tiles;
    kept_ = m.keep ? weights : kNoOp;
  }
}

isa::Matmul LayerLowering::matmul_over(const Tile& tile, const Patch& patch, const Chunk& chunk,
                                       int64_t acc_row) const {
  const LayerShape& s = plan_.shape;
  isa::Matmul m;
  m.ub_stride0 = narrow<uint32_t>(patch.view.stride_n, "unified buffer stride");
  m.ub_stride1 = narrow<uint32_t>(patch.view.stride_h, "unified buffer stride");
  m.ub_stride2 = narrow<uint32_t>(patch.view.stride_w, "unified buffer stride");
  m.h0 = narrow<int16_t>(patch.h.offset, "first input row");
  m.w0 = narrow<int16_t>(patch.w.offset, "first input column");
  m.height = narrow<uint16_t>(std::max<int64_t>(1, patch.h.input.count), "input rows");
  m.width = narrow<uint16_t>(std::max<int64_t>(1, patch.w.input.count), "input columns");
  m.n = narrow<uint16_t>(tile.n.count, "items");
  m.oh = narrow<uint16_t>(tile.h.count, "output rows");
  m.ow = narrow<uint16_t>(tile.w.count, "output columns");
  m.kh = narrow<uint8_t>(chunk.h.count, "kernel rows");
  m.kw = narrow<uint8_t>(chunk.w.count, "kernel columns");
  m.stride_h = step_field(patch.h.stride, tile.h.count, "row stride");
  m.stride_w = step_field(patch.w.stride, tile.w.count, "column stride");
  m.dil_h = step_field(s.h.dilation, chunk.h.count, "row dilation");
  m.dil_w = step_field(s.w.dilation, chunk.w.count, "column dilation");
  m.pad_byte = layer_.pad_byte;
  m.narrow = static_cast<uint8_t>(layer_.pack());
  m.expand = static_cast<uint8_t>(layer_.expand());
  m.structured = layer_.structured();
  m.acc_addr = narrow<uint16_t>(acc_row, "accumulator row");
  return m;
}

int LayerLowering::set_scalars(int pass) {
  const graph::QPost& post = *layer_.post;
  isa::VectorSet set;
  int table = -1;
  if (post.table) {
    table = state_.tables.index(layer_);
    set.use_table = true;
    set.table_index = static_cast<uint8_t>(table);
  }
  set.out_zero = narrow<int8_t>(post.out_zero, "output zero point");
  set.clamp_lo = narrow<int8_t>(post.clamp_lo, "clamp");
  set.clamp_hi = narrow<int8_t>(post.clamp_hi, "clamp");
  set.one_byte = layer_.sums;
  set.byte_index = static_cast<uint8_t>(pass);
  if (post.residual) {
    const graph::QResidual& r = *post.residual;
    set.two_roundings = r.two_roundings;
    set.multiply = r.multiply;
    set.res_zero = narrow<int8_t>(r.zero, "residual zero point");
    set.res_scale = r.scale;
    set.mid_zero = narrow<int8_t>(r.mid_zero, "middle zero point");
    set.mid_lo = narrow<int8_t>(r.mid_lo, "middle clamp");
    set.mid_hi = narrow<int8_t>(r.mid_hi, "middle clamp");
    set.mid_scale = r.mid_scale;
  }
  const ScalarsOwner owner{layer_.tag, pass, table};
  if (state_.scalars != owner) append(set);
  state_.scalars = owner;
  return table;
}

void LayerLowering::lower_vector(const Tile& tile, const Region& region, int64_t column,
                                 const Source& from, const Operand& out,
                                 const std::optional<Operand>& residual, int pass) {
  const int64_t row = state_.params.row(layer_, region.taps, column);
  const int table = set_scalars(pass);
  const int64_t i = region.h.first - tile.h.first, j = region.w.first - tile.w.first;
  const Patch& source = from.patch;
  // A stride over a single step is left 0: it may be too long for its field.
  const auto stride = [](int64_t words, int64_t steps) {
    return steps > 1 ? narrow<uint16_t>(words, "vector stride") : uint16_t{0};
  };
  isa::Vector v;
  v.src_addr = narrow<uint32_t>(source.view.addr, "source address");
  v.src_ub = !from.acc;
  v.reduce_sum = layer_.sum;
  v.src_stride0 = narrow<uint32_t>(source.view.stride_n, "source stride");
  v.src_stride1 = stride(source.view.stride_h, source.h.input.count);
  v.src_stride2 = stride(source.view.stride_w, source.w.input.count);
  v.src_slice = narrow<uint8_t>(from.slice, "source slice");
  v.src_narrow = from.acc ? uint8_t{0} : static_cast<uint8_t>(layer_.in_narrow);
  v.pad_byte = layer_.pad_byte;
  v.h0 = narrow<int16_t>(source.h.offset + i * source.h.stride, "first source row");
  v.w0 = narrow<int16_t>(source.w.offset + j * source.w.stride, "first source column");
  v.height = narrow<uint16_t>(std::max<int64_t>(1, source.h.input.count), "source rows");
  v.width = narrow<uint16_t>(std::max<int64_t>(1, source.w.input.count), "source columns");
  v.n = narrow<uint16_t>(tile.n.count, "items");
  v.oh = narrow<uint16_t>(region.h.count, "output rows");
  v.ow = narrow<uint16_t>(region.w.count, "output columns");
  v.kh = narrow<uint8_t>(from.kh, "window rows");
  v.kw = narrow<uint8_t>(from.kw, "window columns");
  v.stride_h = step_field(source.h.stride, tile.h.count, "row stride");
  v.stride_w = step_field(source.w.stride, tile.w.count, "column stride");
  v.param_row = narrow<uint16_t>(row, "parameter row");

  const View to = out.view.from(0, i, j);
  v.dst_addr = narrow<uint32_t>(to.addr, "destination address");
  v.dst_stride0 = narrow<uint32_t>(to.stride_n, "destination stride");
  v.dst_stride1 = stride(to.stride_h, region.h.count);
  v.dst_stride2 = stride(to.stride_w, region.w.count);
  v.dst_slice = narrow<uint8_t>(out.slice, "destination slice");
  v.dst_narrow = static_cast<uint8_t>(layer_.out_narrow);
  v.lanes_m1 = narrow<uint8_t>(geometry_.col_tile_lanes(column, layer_.shape.oc) - 1, "lanes");
  if (residual) {
    const View second = residual->view.from(0, i, j);
    v.residual = true;
    v.res_addr = narrow<uint32_t>(second.addr, "residual address");
    v.res_stride0 = narrow<uint32_t>(second.stride_n, "residual stride");
    v.res_stride1 = stride(second.stride_h, region.h.count);
    v.res_stride2 = stride(second.stride_w, region.w.count);
    v.res_slice = narrow<uint8_t>(residual->slice, "residual slice");
    v.res_narrow = static_cast<uint8_t>(layer_.residual_narrow);
  }
  append(v);
  TileOp& op = state_.program.ops.back();
  op.table = table;
  op.made = {layer_.out, tile.n.first, region.h.first, region.w.first,
             pass * layer_.shape.oc + (geometry_.col_tile_first(column) >> layer_.out_narrow)};
}

}  // namespace systole::lower
