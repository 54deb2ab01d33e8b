// SPDX-License-Identifier: Apache-2.0
// Roundings behind a max pool, a cut, a reshape or zero padding of what has no codes of its own,
// though all of it is codes or constants (a join of different codes, padding with another number):
// they go before it, where the parts take them over. Rounding keeps the order of numbers, so that
// the greatest of a window is the same before and after it.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole {

namespace {

/// Operators that give elements of what they read in other places, and zeros.
bool moves(const Node& node) {
  return node.op == Op::kMaxPool || node.op == Op::kSlice || node.op == Op::kReshape ||
         node.keeps_scale || (node.op == Op::kPad && node.pad_value == 0.0f);
}

/// Whether the result of `node`, which moves, holds zeros that are none of what it reads.
bool makes_zeros(const Node& node) { return node.keeps_scale || node.op == Op::kPad; }

/// Whether `clamp` makes 0 of 0.
bool keeps_zero(const Graph& graph, const Node& clamp) {
  const auto& codes = graph.codes(clamp.output);
  const bool among =
      !codes || (!codes->bipolar && codes->lo <= codes->zero && codes->zero <= codes->hi);
  return among && clamp.lo <= 0.0f && clamp.hi >= 0.0f;
}

/// Whether the operator that makes `v` puts together what is rounded differently.
bool is_mixed(const Graph& graph, ValueId v) {
  const int at = graph.producer(v);
  if (at < 0 || stated_codes(graph, v)) return false;
  const Node& node = graph.nodes[static_cast<size_t>(at)];
  const auto coded = [&](ValueId in) { return stated_codes(graph, in).has_value(); };
  if (node.op == Op::kPad) return node.pad_value != 0.0f && coded(node.inputs[0]);
  if (node.op == Op::kConcat || node.op == Op::kInterleave)
    return std::any_of(node.inputs.begin(), node.inputs.end(), coded);
  return moves(node) && is_mixed(graph, node.inputs[0]);
}

/// Exchanges the clamp at `index` and the operator that it reads.
bool raise(Graph& graph, size_t index) {
  if (graph.nodes[index].op != Op::kClamp) return false;
  const ValueId between = graph.nodes[index].inputs[0];
  const int at = graph.producer(between);
  if (at < 0 || !graph.vanishes_into(between, index)) return false;
  Node mover = graph.nodes[static_cast<size_t>(at)];
  if (!moves(mover) || mover.clamped() || mover.function || !is_mixed(graph, mover.inputs[0]))
    return false;
  if (makes_zeros(mover) && !keeps_zero(graph, graph.nodes[index])) return false;
  Node clamp = graph.nodes[index];
  const ValueId rounded = graph.add_like(mover.inputs[0], "/rounded");
  graph.values[static_cast<size_t>(rounded)].codes = graph.codes(clamp.output);
  mover.output = clamp.output;
  clamp.inputs = mover.inputs;
  clamp.output = rounded;
  mover.inputs = {rounded};
  graph.nodes[static_cast<size_t>(at)] = std::move(clamp);
  graph.nodes[index] = std::move(mover);
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
