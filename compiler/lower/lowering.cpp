// SPDX-License-Identifier: Apache-2.0
// Lays out the tensors in DRAM and lowers the layers in order.
#include "compiler/lower/lowering.h"

#include "compiler/lower/group_lowering.h"

namespace systole::lower {
namespace {

/// Which tensors have a place in DRAM: the network's inputs and outputs, and what is not resident.
std::vector<bool> tensors_in_dram(const graph::QGraph& graph, const Placement& placement) {
  std::vector<bool> in_dram(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto& bands = placement.bands[t];
    in_dram[t] = !placement.resident[t] && !graph.tensors[t].place && (!bands || bands->store);
  }
  for (const graph::TensorId t : graph.inputs) in_dram[t] = true;
  for (const graph::TensorId t : graph.outputs) in_dram[graph.storage(t)] = true;
  return in_dram;
}

}  // namespace

LoweredNetwork lower_network(const graph::QGraph& graph, const std::vector<Layer>& layers,
                             const Placement& placement, const isa::HwParams& hw,
                             DramLayout& dram) {
  LoweredNetwork result;
  const std::vector<bool> in_dram = tensors_in_dram(graph, placement);
  result.tensor_addr.resize(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t)
    if (in_dram[t])
      result.tensor_addr[t] =
          dram.reserve(graph.tensors[t].bytes(), "tensor '" + graph.tensors[t].name + "'");

  LoweringState state{result.program,
                      dram,
                      result.segments,
                      AccRows(hw.acc_rows),
                      ParamRing(hw, dram, result.segments, result.program),
                      TableRing(dram, result.segments, result.program)};
  const GroupContext context{graph, layers, placement, result.tensor_addr, hw};
  for (const LayerGroup& group : placement.groups) GroupLowering(context, group, state).run();
  result.stored = std::move(state.stored);
  return result;
}

}  // namespace systole::lower
