// SPDX-License-Identifier: Apache-2.0
// Roundings behind a max pool, a cut or a reshape of what has no codes of its own, though all of it
// is codes or constants (a join of different codes, padding with another number): they go before
// it, where the parts take them over. Rounding keeps the order of numbers, so that the greatest of
// a window is the same before and after it.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole {

namespace {

/// Whether the operator that makes `v` puts together what is rounded differently.
bool is_mixed(const Graph& graph, ValueId v) {
  const int at = graph.producer(v);
  if (at < 0 || stated_codes(graph, v)) return false;
  const Node& node = graph.nodes[static_cast<size_t>(at)];
  const auto coded = [&](ValueId in) { return stated_codes(graph, in).has_value(); };
  if (node.op == Op::kPad) return node.pad_value != 0.0f && coded(node.inputs[0]);
  if (node.op == Op::kConcat || node.op == Op::kInterleave)
    return std::any_of(node.inputs.begin(), node.inputs.end(), coded);
  const bool chain = node.op == Op::kMaxPool || node.op == Op::kSlice || node.op == Op::kReshape;
  return chain && is_mixed(graph, node.inputs[0]);
}

/// Moves the clamp at `index` before the operator that it reads.
bool raise(Graph& graph, size_t index) {
  Node& clamp = graph.nodes[index];
  if (clamp.op != Op::kClamp) return false;
  const int at = graph.producer(clamp.inputs[0]);
  if (at < 0 || !graph.vanishes_into(clamp.inputs[0], index)) return false;
  Node& mover = graph.nodes[static_cast<size_t>(at)];
  const bool moves = mover.op == Op::kMaxPool || mover.op == Op::kSlice || mover.op == Op::kReshape;
  if (!moves || mover.clamped() || mover.function || !is_mixed(graph, mover.inputs[0]))
    return false;
  const auto codes = graph.codes(clamp.output);
  const ValueId before = graph.add_like(mover.inputs[0], "/rounded");
  graph.values[static_cast<size_t>(before)].codes = codes;
  std::swap(clamp, mover);  // the clamp comes first now
  Node &first = mover, &second = clamp;
  second.output = first.output;
  first.inputs = second.inputs;
  first.output = before;
  second.inputs = {before};
  return true;
}

}  // namespace

void raise_roundings(Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size();) {
    if (raise(graph, i))
      i = 0;
    else
      ++i;
  }
}

}  // namespace systole
