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

/// Makes the node at `index`, which gives its input in the codes that this has, an output that is
/// an input: the same bytes, under its name. Others read the input.
void share_bytes(graph::Graph& graph, size_t index) {
  graph::Node& node = graph.nodes[index];
  const graph::ValueId in = node.inputs[0], out = node.output;
  node.op = graph::Reshape{};
  node.op_type = "Identity";
  node.name = node.origin = graph.values[static_cast<size_t>(out)].name;
  for (const size_t reader : graph.consumers(out))
    for (graph::ValueId& read : graph.nodes[reader].inputs)
      if (read == out) read = in;
}

/// Outputs that are other tensors, under their names, come last, in the order of the outputs.
void order_shared(graph::Graph& graph) {
  const auto shares = [&](const graph::Node& node) {
    return node.is<graph::Reshape>() && node.op_type == "Identity" && graph.is_output(node.output);
  };
  const auto place = [&](const graph::Node& node) {
    return std::find(graph.outputs.begin(), graph.outputs.end(), node.output);
  };
  const auto first = std::stable_partition(graph.nodes.begin(), graph.nodes.end(),
                                           [&](const graph::Node& n) { return !shares(n); });
  std::stable_sort(first, graph.nodes.end(),
                   [&](const graph::Node& a, const graph::Node& b) { return place(a) < place(b); });
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
  bool any_shared = false;
  for (size_t i = 0; i < graph.nodes.size();) {
    const graph::Node& node = graph.nodes[i];
    const bool nothing =
        only_rounds(graph, node) && stated_codes(graph, node.inputs[0]) == graph.codes(node.output);
    const bool output = graph.is_output(node.output);
    if (nothing && !output) {
      graph.bypass(i, node.inputs[0]);
      continue;
    }
    if (nothing && graph.is_input(node.inputs[0])) {
      share_bytes(graph, i);
      any_shared = true;
    }
    ++i;
  }
  if (any_shared) order_shared(graph);
  for (const graph::Node& node : graph.nodes) {
    auto& codes = graph.values[static_cast<size_t>(node.output)].codes;
    if (is_join(node)) codes = stated_codes(graph, node.output);
  }
}

}  // namespace systole::passes
