// SPDX-License-Identifier: Apache-2.0
// Lays out the tensors in DRAM and lowers the layers in order.
#include "compiler/lower/lowering.h"

#include "compiler/lower/layer_lowering.h"

namespace systole {
namespace {

/// Which tensors have a place in DRAM: the network's inputs and outputs, and what is not resident.
std::vector<bool> tensors_in_dram(const QGraph& graph, const Placement& placement) {
  std::vector<bool> in_dram(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t)
    in_dram[t] = !placement.resident[t] && !graph.tensors[t].place;
  for (const TensorId t : graph.inputs) in_dram[t] = true;
  for (const TensorId t : graph.outputs) in_dram[t] = true;
  return in_dram;
}

DramTensor dram_tensor(const QGraph& graph, TensorId id, const std::vector<uint32_t>& addr) {
  const QTensor& t = graph.tensors[id];
  if (!t.place) return {addr[id], t.h, t.w, t.c};
  const QPlace& p = *t.place;
  if (p.reshaped) return {addr[p.base], t.h, t.w, t.c};
  const QTensor& base = graph.tensors[p.base];
  return {addr[p.base] + (p.h * base.w + p.w) * base.c + p.c,
          base.h,
          base.w,
          base.c,
          p.step_h,
          p.step_w};
}

}  // namespace

LoweredNetwork lower_network(const QGraph& graph, const std::vector<Layer>& layers,
                             const Placement& placement, const HwParams& hw, DramLayout& dram) {
  LoweredNetwork result;
  const std::vector<bool> in_dram = tensors_in_dram(graph, placement);
  result.tensor_addr.resize(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t)
    if (in_dram[t])
      result.tensor_addr[t] =
          dram.reserve(graph.tensors[t].bytes(), "tensor '" + graph.tensors[t].name + "'");

  LoweringState state{result.program, dram, result.segments,
                      ParamRing(hw, dram, result.segments, result.program),
                      TableRing(dram, result.segments, result.program)};
  const auto place = [&](TensorId id) {
    return OperandPlace{dram_tensor(graph, id, result.tensor_addr), placement.resident[id]};
  };
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    LayerPlaces places;
    places.in = place(layer.in);
    places.out = place(layer.out);
    if (layer.has_residual()) places.residual = place(layer.residual);
    places.staging = placement.staging[i];
    const Residence residence = residence_of(layer, graph, placement.resident);
    LayerLowering(layer, placement.plans[i], residence, places, hw, state).run();
  }
  return result;
}

}  // namespace systole
