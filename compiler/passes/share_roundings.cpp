// SPDX-License-Identifier: Apache-2.0
// A value that several readers round to the same steps is rounded once, to the widest codes: the
// others are cut from those. What is left has one rounding behind it, which the operator that makes
// the value can do itself, exactly.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole {

namespace {

/// The codes that `node` rounds to, if it does nothing else.
const Codes* rounding(const Graph& graph, const Node& node) {
  const auto& codes = graph.codes(node.output);
  const bool rounds = node.op == Op::kClamp && !node.clamped() && codes && !codes->bipolar;
  return rounds ? &*codes : nullptr;
}

/// Whether all values of `inner` are values of `outer`.
bool within(const Codes& inner, const Codes& outer) {
  return inner.scale == outer.scale && inner.lo - inner.zero >= outer.lo - outer.zero &&
         inner.hi - inner.zero <= outer.hi - outer.zero;
}

/// Readers of `value` that round it; all of them take the result of the widest that holds them.
void share(Graph& graph, ValueId value) {
  std::vector<size_t> readers = graph.consumers(value);
  std::erase_if(readers, [&](size_t r) { return rounding(graph, graph.nodes[r]) == nullptr; });
  if (readers.size() < 2) return;
  const auto codes = [&](size_t r) { return *rounding(graph, graph.nodes[r]); };
  const size_t widest = *std::max_element(readers.begin(), readers.end(), [&](size_t a, size_t b) {
    return codes(a).hi - codes(a).lo < codes(b).hi - codes(b).lo;
  });
  const Codes outer = codes(widest);
  const ValueId source = graph.nodes[widest].output;
  size_t first = widest;  // of those that now read the widest: it has to come before them
  for (const size_t r : readers) {
    if (r == widest || !within(codes(r), outer)) continue;
    graph.nodes[r].inputs[0] = source;
    first = std::min(first, r);
  }
  const auto at = [&](size_t i) { return graph.nodes.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate(at(first), at(widest), at(widest + 1));
}

}  // namespace

void share_roundings(Graph& graph) {
  for (size_t v = 0; v < graph.values.size(); ++v)
    if (!graph.values[v].codes) share(graph, static_cast<ValueId>(v));
}

}  // namespace systole
