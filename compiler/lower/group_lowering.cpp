// SPDX-License-Identifier: Apache-2.0
// Runs the members of a group band after band; moves the rows that two bands share.
#include "compiler/lower/group_lowering.h"

#include "compiler/lower/narrow.h"

namespace systole::lower {
namespace {

/// The tensor in DRAM, or the box of its base that it is.
DramTensor dram_tensor(const graph::QGraph& graph, graph::TensorId id,
                       const std::vector<uint32_t>& addr) {
  const graph::QTensor& t = graph.tensors[id];
  if (!t.place) return {addr[id], t.h, t.w, t.pixel_bytes()};
  const graph::QPlace& p = *t.place;
  if (p.reshaped) return {addr[p.base], t.h, t.w, t.c};
  const graph::QTensor& base = graph.tensors[p.base];
  return {addr[p.base] + (p.h * base.w + p.w) * base.c + p.c,
          base.h,
          base.w,
          base.c,
          p.step_h,
          p.step_w};
}

}  // namespace

GroupLowering::GroupLowering(const GroupContext& context, const LayerGroup& group,
                             LoweringState& state)
    : context_(context), group_(group), geometry_(context.hw), state_(state) {
  for (int64_t i = group.layers.first; i < group.layers.end(); ++i) {
    const auto index = static_cast<size_t>(i);
    const Layer& layer = context.layers[index];
    LayerPlaces places;
    places.in = place(layer.in);
    places.out = place(layer.out);
    if (layer.has_residual()) places.residual = place(layer.residual);
    places.staging = context.placement.staging[index];
    const Residence residence =
        residence_of(context.layers, index, context.graph, context.placement);
    members_.emplace_back(layer, context.placement.plans[index], residence, std::move(places),
                          context.hw, state);
  }
}

OperandPlace GroupLowering::place(graph::TensorId id) const {
  const graph::QTensor& t = context_.graph.tensors[id];
  OperandPlace place{dram_tensor(context_.graph, id, context_.tensor_addr), {}};
  if (const auto& words = context_.placement.resident[id])
    place.held = dense_view(words->first, t.h, t.w, geometry_.words(t.pixel_bytes()));
  return place;
}

View GroupLowering::band_view(graph::TensorId id, Range held, size_t band) const {
  const graph::QTensor& t = context_.graph.tensors[id];
  const BandBuffers& bands = *context_.placement.bands[id];
  View view = dense_view(bands.buffers[band % bands.buffers.size()].first, t.h, t.w,
                         geometry_.words(t.pixel_bytes()));
  view.stride_n = 0;  // of one item at a time
  view.addr -= held.first * view.stride_h;
  return view;
}

void GroupLowering::run() {
  const Layer& first = context_.layers[static_cast<size_t>(group_.layers.first)];
  if (group_.bands.empty()) {
    members_.front().run({0, first.shape.n}, {0, first.shape.h.out});
    return;
  }
  for (int64_t n = 0; n < first.shape.n; ++n)
    for (size_t band = 0; band < group_.bands.size(); ++band) run_band({n, 1}, band);
}

void GroupLowering::run_part(int64_t part, int64_t parts) {
  const LayerShape& s = context_.layers[static_cast<size_t>(group_.layers.first)].shape;
  if (!group_.bands.empty()) {
    const auto bands = static_cast<int64_t>(group_.bands.size());
    return run_band({part / bands, 1}, static_cast<size_t>(part % bands));
  }
  if (parts == 1) return run();
  const Plan& plan = context_.placement.plans[static_cast<size_t>(group_.layers.first)];
  const int64_t rows = ceil_div(s.h.out, plan.tile_h);
  const int64_t n = part / rows * plan.tile_n, h = part % rows * plan.tile_h;
  members_.front().run({n, std::min(plan.tile_n, s.n - n)},
                       {h, std::min(plan.tile_h, s.h.out - h)});
}

void GroupLowering::run_band(Range item, size_t band) {
  for (size_t m = 0; m < members_.size(); ++m) {
    const Layer& layer = context_.layers[static_cast<size_t>(group_.layers.first) + m];
    const BandRows& rows = group_.bands[band][m];
    if (const auto& bands = context_.placement.bands[layer.out];
        bands && bands->layers == group_.layers) {
      const View view = band_view(layer.out, rows.held, band);
      if (rows.kept() > 0) {
        const View before = band_view(layer.out, group_.bands[band - 1][m].held, band - 1);
        if (before.addr != view.addr)
          copy_rows(layer, item.first, {rows.held.first, rows.kept()}, before, view);
      }
      members_[m].places().out.held = view;
      for (size_t c = m + 1; c < members_.size(); ++c) {
        const Layer& reader = context_.layers[static_cast<size_t>(group_.layers.first) + c];
        if (reader.in == layer.out) members_[c].places().in.held = view;
        if (reader.residual == layer.out) members_[c].places().residual.held = view;
      }
    }
    if (rows.made.count > 0) members_[m].run(item, rows.made);
  }
}

void GroupLowering::copy_rows(const Layer& layer, int64_t item, Range rows, const View& from,
                              const View& to) {
  const LayerShape& s = layer.shape;
  const isa::VectorSet plain{.clamp_lo = -128, .clamp_hi = 127};
  const auto parameters = narrow<uint16_t>(state_.params.identity_row(layer.tag), "parameter row");
  const ScalarsOwner owner{.pass = 8};
  if (state_.scalars != owner) state_.program.ops.push_back({plain, layer.tag});
  state_.scalars = owner;
  const auto stride = [](int64_t words, int64_t steps) {
    return steps > 1 ? narrow<uint16_t>(words, "vector stride") : uint16_t{0};
  };
  const int64_t slices = geometry_.col_slices_of(layer.out_narrow);
  for (int64_t column = 0; column < geometry_.col_tiles(s.oc); ++column) {
    isa::Vector v;
    v.src_narrow = v.dst_narrow = static_cast<uint8_t>(layer.out_narrow);
    v.src_ub = true;
    v.src_addr = narrow<uint32_t>(from.addr + rows.first * from.stride_h + column / slices,
                                  "source address");
    v.dst_addr = narrow<uint32_t>(to.addr + rows.first * to.stride_h + column / slices,
                                  "destination address");
    v.src_stride1 = v.dst_stride1 = stride(from.stride_h, rows.count);
    v.src_stride2 = v.dst_stride2 = stride(from.stride_w, s.w.out);
    v.src_slice = v.dst_slice = narrow<uint8_t>(column % slices, "slice");
    v.lanes_m1 = narrow<uint8_t>(geometry_.col_tile_lanes(column, s.oc) - 1, "lanes");
    v.n = 1;
    v.height = v.oh = narrow<uint16_t>(rows.count, "rows");
    v.width = v.ow = narrow<uint16_t>(s.w.out, "columns");
    v.kh = v.kw = v.stride_h = v.stride_w = 1;
    v.param_row = parameters;
    TileOp& op = state_.program.ops.emplace_back(TileOp{v, layer.tag});
    op.made = {layer.out, item, rows.first, 0,
               geometry_.col_tile_first(column) >> layer.out_narrow};
  }
}

}  // namespace systole::lower
