// SPDX-License-Identifier: Apache-2.0
// Clamps go into the operator before them.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

/// Whether the node has an operator of its own to clamp, unlike what only changes places.
bool computes(const graph::Node& node) {
  return !node.is<graph::Reshape, graph::Concat, graph::Interleave, graph::Slice, graph::Unary>() &&
         !node.function;
}

/// Whether the codes of what `node` makes are only those of what it reads, which it moves.
bool passes_codes(const graph::Graph& graph, const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  const bool moves = node.is<graph::MaxPool>() || (conv != nullptr && conv->keeps_scale);
  return moves && node.inputs.size() == 1 && !node.clamped() &&
         graph.codes(node.inputs[0]) == graph.codes(node.output);
}

/// Whether the clamp at `index` may go into what makes its input. What moves codes gives these
/// codes, and is rounded with its clamp.
bool may_clamp(const graph::Graph& graph, size_t index, int before) {
  const graph::Node& clamp = graph.nodes[index];
  const graph::ValueId in = clamp.inputs[0];
  if (before < 0 || !computes(graph.nodes[static_cast<size_t>(before)])) return false;
  const graph::Node& maker = graph.nodes[static_cast<size_t>(before)];
  const bool same = maker.is<graph::MaxPool>() && graph.codes(in) == graph.codes(clamp.output);
  return graph.only_reader(in, index) && (!graph.codes(in) || same || passes_codes(graph, maker));
}

}  // namespace

void fuse_clamps(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size();) {
    const graph::Node& clamp = graph.nodes[i];
    const graph::ValueId in = clamp.inputs[0];
    const int before = graph.producer(in);
    const bool fits = clamp.is<graph::Clamp>() && may_clamp(graph, i, before);
    if (!fits) {
      ++i;
      continue;
    }
    graph::Node& producer = graph.nodes[static_cast<size_t>(before)];
    producer.lo = std::clamp(producer.lo, clamp.lo, clamp.hi);
    producer.hi = std::clamp(producer.hi, clamp.lo, clamp.hi);
    graph.bypass(i, in);
  }
}

}  // namespace systole::passes
