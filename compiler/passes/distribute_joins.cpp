// SPDX-License-Identifier: Apache-2.0
// Elementwise operators behind a join go to its parts, where the operators that make them take them
// over.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole {

namespace {

/// Whether `node` may be done to the parts of `join` one by one.
bool distributes(const Node& node, const Node& join) {
  if (node.op == Op::kClamp || node.op == Op::kFunction) return true;
  const bool by_channel = join.op == Op::kConcat && join.axis == Axis::kChannel;
  return node.op == Op::kScaleShift && node.inputs.size() == 1 && !by_channel;
}

/// Moves the operator at `index` to the parts of the join before it.
bool distribute(Graph& graph, size_t index) {
  const ValueId joined = graph.nodes[index].inputs[0];
  const int at = graph.producer(joined);
  if (at < 0 || !graph.only_reader(joined, index)) return false;
  const auto join_at = static_cast<size_t>(at);
  const Node& join = graph.nodes[join_at];
  if ((join.op != Op::kConcat && join.op != Op::kInterleave) ||
      !distributes(graph.nodes[index], join)) {
    return false;
  }
  for (ValueId part : join.inputs) {
    const int maker = graph.producer(part);
    if (maker < 0 || !graph.only_reader(part, join_at)) return false;
    const Op op = graph.nodes[static_cast<size_t>(maker)].op;
    if (op == Op::kSlice || op == Op::kReshape) return false;
  }
  const Node moved = graph.nodes[index];
  std::vector<Node> copies;
  for (size_t k = 0; k < join.inputs.size(); ++k) {
    Node copy = moved;
    copy.inputs = {graph.nodes[join_at].inputs[k]};
    copy.output = graph.add_like(copy.inputs[0], "/" + moved.op_type);
    graph.values[static_cast<size_t>(copy.output)].codes = graph.codes(moved.output);
    graph.nodes[join_at].inputs[k] = copy.output;
    copies.push_back(std::move(copy));
  }
  graph.bypass(index, joined);
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(join_at),
                     std::make_move_iterator(copies.begin()),
                     std::make_move_iterator(copies.end()));
  return true;
}

}  // namespace

void distribute_joins(Graph& graph) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < graph.nodes.size() && !changed; ++i) {
      const Op op = graph.nodes[i].op;
      if (op == Op::kClamp || op == Op::kFunction || op == Op::kScaleShift)
        changed = distribute(graph, i);
    }
  }
}

}  // namespace systole
