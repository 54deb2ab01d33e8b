// SPDX-License-Identifier: Apache-2.0
// A value that several readers round to the same steps is rounded once, to the widest codes: the
// others are cut from those. Where other readers are left, each rounding gets the operators before
// it for itself. So what is rounded has one reader, the rounding, which the operator that makes the
// value can do itself, exactly.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

/// The codes that `node` rounds to, if it does nothing else.
const graph::Codes* rounding(const graph::Graph& graph, const graph::Node& node) {
  const auto& codes = graph.codes(node.output);
  const bool rounds = node.is<graph::Clamp>() && !node.clamped() && codes && !codes->bipolar;
  return rounds ? &*codes : nullptr;
}

/// Whether all values of `inner` are values of `outer`.
bool within(const graph::Codes& inner, const graph::Codes& outer) {
  return inner.scale == outer.scale && inner.lo - inner.zero >= outer.lo - outer.zero &&
         inner.hi - inner.zero <= outer.hi - outer.zero;
}

/// Readers of `value` that round it; all of them take the result of the widest that holds them.
void share(graph::Graph& graph, graph::ValueId value) {
  std::vector<size_t> readers = graph.consumers(value);
  std::erase_if(readers, [&](size_t r) { return rounding(graph, graph.nodes[r]) == nullptr; });
  if (readers.size() < 2) return;
  const auto codes = [&](size_t r) { return *rounding(graph, graph.nodes[r]); };
  const size_t widest = *std::max_element(readers.begin(), readers.end(), [&](size_t a, size_t b) {
    return codes(a).hi - codes(a).lo < codes(b).hi - codes(b).lo;
  });
  const graph::Codes outer = codes(widest);
  const graph::ValueId source = graph.nodes[widest].output;
  size_t first = widest;  // of those that now read the widest: it has to come before them
  for (const size_t r : readers) {
    if (r == widest || !within(codes(r), outer)) continue;
    graph.nodes[r].inputs[0] = source;
    first = std::min(first, r);
  }
  const auto at = [&](size_t i) { return graph.nodes.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate(at(first), at(widest), at(widest + 1));
}

/// Whether the operator at `index` makes numbers that nobody has rounded yet, and is no mere place;
/// the parts of a transposed convolution are.
bool computes_unrounded(const graph::Graph& graph, int index) {
  if (index < 0) return false;
  const graph::Node& node = graph.nodes[static_cast<size_t>(index)];
  if (node.is<graph::Interleave>() && !graph.codes(node.output))
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](graph::ValueId in) {
      return computes_unrounded(graph, graph.producer(in));
    });
  const bool place =
      node.is<graph::Reshape, graph::Slice, graph::Concat, graph::Interleave, graph::Pad>();
  return !place && !graph.codes(node.output);
}

/// Repeats the operator at `index`, and those before it back to what is rounded, before the node at
/// `before`, which moves up. The value made once more.
graph::ValueId repeat(graph::Graph& graph, size_t index, size_t& before) {
  graph::Node node = graph.nodes[index];
  for (graph::ValueId& in : node.inputs) {
    const int at = graph.producer(in);
    if (computes_unrounded(graph, at)) in = repeat(graph, static_cast<size_t>(at), before);
  }
  node.name += "/again";
  node.output = graph.add_like(node.output, "/again");
  const graph::ValueId made = node.output;
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(before++), std::move(node));
  return made;
}

/// Gives each rounding of `value` that is not its only reader a value of its own.
void separate(graph::Graph& graph, graph::ValueId value) {
  if (!computes_unrounded(graph, graph.producer(value)) || stated_codes(graph, value)) return;
  const std::vector<size_t> readers = graph.consumers(value);
  size_t left = readers.size() + (graph.is_output(value) ? 1 : 0);
  for (size_t k = readers.size(); k-- > 0 && left > 1;) {  // the last one first: indices stay
    size_t reader = readers[k];
    if (rounding(graph, graph.nodes[reader]) == nullptr) continue;
    const graph::ValueId own = repeat(graph, static_cast<size_t>(graph.producer(value)), reader);
    graph.nodes[reader].inputs[0] = own;
    --left;
  }
}

}  // namespace

void share_roundings(graph::Graph& graph) {
  const size_t count = graph.values.size();
  for (size_t v = 0; v < count; ++v)
    if (!graph.values[v].codes) share(graph, static_cast<graph::ValueId>(v));
  for (size_t v = 0; v < count; ++v)
    if (!graph.values[v].codes) separate(graph, static_cast<graph::ValueId>(v));
}

}  // namespace systole::passes
