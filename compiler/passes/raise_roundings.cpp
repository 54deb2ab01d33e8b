// SPDX-License-Identifier: Apache-2.0
// Roundings behind operators that only move elements (max pools, cuts, reshapes, padding,
// selections, joins of such) of what has no codes of its own, though all of it is codes or
// constants (a join of different codes, padding with another number): they go before them, where
// the parts take them over. Rounding keeps the order of numbers, so that the greatest of a window
// is the same before and after it.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

/// Whether the result of `node`, which moves, may hold zeros that are none of what it reads. What a
/// pad holds can be rounded too.
bool makes_zeros(const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  return (conv != nullptr && conv->keeps_scale) ||
         (node.is<graph::AveragePool>() && is_padded(node.op));
}

/// What `clamp` makes of `value`.
float clamped_value(const graph::Graph& graph, const graph::Node& clamp, float value) {
  value = std::clamp(value, clamp.lo, clamp.hi);
  const auto& codes = graph.codes(clamp.output);
  return codes ? as_code(value, *codes) : value;
}

/// Whether the operator that makes `v` puts together what is rounded differently, or moves such.
bool is_mixed(const graph::Graph& graph, graph::ValueId v) {
  const int at = graph.producer(v);
  if (at < 0 || stated_codes(graph, v)) return false;
  const graph::Node& node = graph.nodes[static_cast<size_t>(at)];
  if (node.function) return false;
  const auto coded = [&](graph::ValueId in) { return stated_codes(graph, in).has_value(); };
  const auto mixed = [&](graph::ValueId in) { return is_mixed(graph, in); };
  const auto any = [&](const auto& test) {
    return std::any_of(node.inputs.begin(), node.inputs.end(), test);
  };
  if (is_join(node)) return any(coded) || any(mixed);
  const auto* pad = node.if_is<graph::Pad>();
  if (pad != nullptr && pad->value != 0.0f && any(coded)) return true;
  return (moves_elements(node) || node.is<graph::Clamp>()) && any(mixed);
}

/// Roundings on their way up.
class Raiser {
 public:
  explicit Raiser(graph::Graph& graph) : graph_(graph) {}

  /// Exchanges the clamp at `index` and the operator that it reads. Returns the place of the first
  /// node that has changed; `index` + 1 if none has.
  size_t raise(size_t index) {
    const int at = raisable(index);
    if (at < 0) return index + 1;
    const graph::Node clamp = graph_.nodes[index];
    graph::Node mover = graph_.nodes[static_cast<size_t>(at)];
    if (auto* pad = mover.if_is<graph::Pad>())
      pad->value = clamped_value(graph_, clamp, pad->value);
    const size_t operands = mover.inputs.size();
    mover.output = clamp.output;
    graph_.nodes[index] = std::move(mover);
    graph_.nodes.erase(graph_.nodes.begin() + at);
    for (size_t k = 0; k < operands; ++k) {
      const graph::ValueId part = graph_.nodes[maker_of(clamp.output)].inputs[k];
      const graph::ValueId own = clamped(part, clamp, static_cast<size_t>(at));
      graph_.nodes[maker_of(clamp.output)].inputs[k] = own;
    }
    return static_cast<size_t>(at);
  }

 private:
  /// The place of the operator that the clamp at `index` may be exchanged with; -1: there is none.
  int raisable(size_t index) const {
    const graph::Node& clamp = graph_.nodes[index];
    if (!clamp.is<graph::Clamp>() || clamp.function) return -1;
    const graph::ValueId between = clamp.inputs[0];
    const int at = graph_.producer(between);
    if (at < 0 || !graph_.vanishes_into(between, index)) return -1;
    const graph::Node& mover = graph_.nodes[static_cast<size_t>(at)];
    if (mover.clamped() || mover.function || !gives_way(mover)) return -1;
    return makes_zeros(mover) && clamped_value(graph_, clamp, 0.0f) != 0.0f ? -1 : at;
  }

  /// Whether `mover` only moves what is computed or put together.
  bool gives_way(const graph::Node& mover) const {
    const auto mixed = [&](graph::ValueId in) { return is_mixed(graph_, in); };
    const auto moved = [&](graph::ValueId in) {
      const int at = graph_.producer(in);
      return at >= 0 && moves_elements(graph_.nodes[static_cast<size_t>(at)]) &&
             gives_way(graph_.nodes[static_cast<size_t>(at)]);
    };
    const auto any = [&](const auto& test) {
      return std::any_of(mover.inputs.begin(), mover.inputs.end(), test);
    };
    if (is_join(mover)) return any(mixed) || any(moved);
    if (!moves_elements(mover)) return false;
    return any(mixed) ||
           (graph_.producer(mover.inputs[0]) >= 0 && !stated_codes(graph_, mover.inputs[0]));
  }

  size_t maker_of(graph::ValueId v) const { return static_cast<size_t>(graph_.producer(v)); }

  /// `v` as `like` clamps it: by a clamp of its own before the node at `before`, or by one that
  /// there is.
  graph::ValueId clamped(graph::ValueId v, const graph::Node& like, size_t before) {
    const auto& codes = graph_.codes(like.output);
    for (const size_t reader : graph_.consumers(v)) {
      const graph::Node& other = graph_.nodes[reader];
      const bool same = other.is<graph::Clamp>() && !other.function && other.lo == like.lo &&
                        other.hi == like.hi && graph_.codes(other.output) == codes;
      if (!same) continue;
      const auto from = graph_.nodes.begin() + static_cast<std::ptrdiff_t>(reader);
      const auto to = graph_.nodes.begin() + static_cast<std::ptrdiff_t>(before);
      const graph::ValueId found = other.output;
      if (reader > before) std::rotate(to, from, from + 1);
      return found;
    }
    graph::Node clamp = like;
    clamp.inputs = {v};
    clamp.output = graph_.add_like(v, "/rounded");
    graph_.values[static_cast<size_t>(clamp.output)].codes = graph_.codes(like.output);
    const graph::ValueId made = clamp.output;
    graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(before),
                        std::move(clamp));
    return made;
  }

  graph::Graph& graph_;
};

}  // namespace

void raise_roundings(graph::Graph& graph) {
  const auto has_codes = [](const graph::Value& value) { return value.codes.has_value(); };
  if (std::none_of(graph.values.begin(), graph.values.end(), has_codes)) return;
  Raiser raiser(graph);
  for (size_t i = 0; i < graph.nodes.size();) i = raiser.raise(i);
}

}  // namespace systole::passes
