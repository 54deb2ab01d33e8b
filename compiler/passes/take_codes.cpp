// SPDX-License-Identifier: Apache-2.0
// What the network rounds its inputs to becomes their scale: the host rounds them as it writes
// them. What is joined of values of the same codes has these codes itself.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

/// Whether `node` does nothing but round to codes.
bool only_rounds(const graph::Graph& graph, const graph::Node& node) {
  return node.is<graph::Clamp>() && !node.clamped() && graph.codes(node.output).has_value();
}

/// The host writes bytes: narrower codes are cut from those by the rounding, which stays.
graph::Codes as_the_host_writes(graph::Codes codes) {
  if (codes.bipolar) return codes;
  codes.lo = -128;
  codes.hi = 127;
  return codes;
}

}  // namespace

void take_codes(graph::Graph& graph) {
  for (graph::ValueId in : graph.inputs) {
    const std::vector<size_t> readers = graph.consumers(in);
    if (graph.codes(in) || readers.empty()) continue;
    const auto& codes = graph.codes(graph.nodes[readers[0]].output);
    const bool same = std::all_of(readers.begin(), readers.end(), [&](size_t r) {
      return only_rounds(graph, graph.nodes[r]) && graph.codes(graph.nodes[r].output) == codes;
    });
    if (same) graph.values[static_cast<size_t>(in)].codes = as_the_host_writes(*codes);
  }
  for (size_t i = 0; i < graph.nodes.size();) {
    const graph::Node& node = graph.nodes[i];
    const bool nothing = only_rounds(graph, node) &&
                         stated_codes(graph, node.inputs[0]) == graph.codes(node.output) &&
                         !graph.is_output(node.output);
    if (nothing)
      graph.bypass(i, node.inputs[0]);
    else
      ++i;
  }
  for (const graph::Node& node : graph.nodes) {
    auto& codes = graph.values[static_cast<size_t>(node.output)].codes;
    if (is_join(node)) codes = stated_codes(graph, node.output);
  }
}

}  // namespace systole::passes
