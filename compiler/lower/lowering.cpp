// SPDX-License-Identifier: Apache-2.0
// Lays out the tensors in DRAM and lowers the layers in order.
#include "compiler/lower/lowering.h"

#include "compiler/lower/group_lowering.h"

namespace systole::lower {
namespace {

/// Which tensors have a place in DRAM: the network's inputs and outputs (`ends`), and what is not
/// resident.
std::vector<bool> tensors_in_dram(const graph::QGraph& graph, const Placement& placement,
                                  const std::vector<bool>& ends) {
  std::vector<bool> in_dram(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto& bands = placement.bands[t];
    const bool whole = !placement.resident[t] && !graph.tensors[t].place;
    in_dram[t] = ends[t] || (whole && (!bands || bands->store));
  }
  return in_dram;
}

/// The tensors that hold the network's inputs and outputs.
std::vector<bool> network_ends(const graph::QGraph& graph) {
  std::vector<bool> ends(graph.tensors.size());
  for (const graph::TensorId t : graph.inputs) ends[t] = true;
  for (const graph::TensorId t : graph.outputs) ends[graph.storage(t)] = true;
  return ends;
}

}  // namespace

LoweredNetwork lower_network(const graph::QGraph& graph, const std::vector<Layer>& layers,
                             const Placement& placement, const isa::HwParams& hw, DramLayout& dram,
                             const Repetition& repetition) {
  LoweredNetwork result;
  const std::vector<bool> ends = network_ends(graph);
  result.in_dram = tensors_in_dram(graph, placement, ends);
  result.tensor_addr.resize(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    if (!result.in_dram[t]) continue;
    const int64_t bytes = graph.tensors[t].bytes();
    result.tensor_addr[t] = dram.reserve(ends[t] ? bytes * repetition.count : bytes,
                                         "tensor '" + graph.tensors[t].name + "'");
    if (ends[t]) result.tensor_addr[t] += static_cast<uint32_t>(bytes * repetition.index);
  }

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
