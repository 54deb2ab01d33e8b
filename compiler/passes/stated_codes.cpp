// SPDX-License-Identifier: Apache-2.0
// Follows operators that compute nothing back to where a value was rounded.
#include "compiler/passes/stated_codes.h"

#include <algorithm>
#include <cmath>

#include "model/base/overloaded.h"

namespace systole::passes {

namespace {

/// Whether every element of the result is one of the inputs', or 0.
bool keeps_codes(const graph::Node& node) {
  if (pad_value_of(node.op) != 0.0f) return false;
  const bool inside =
      (node.lo == 0 || node.lo == -INFINITY) && (node.hi == 0 || node.hi == INFINITY);
  if (!inside || node.function) return false;
  return node.is<graph::Clamp>() || is_join(node) || moves_elements(node);
}

}  // namespace

bool is_join(const graph::Node& node) { return node.is<graph::Concat, graph::Interleave>(); }

bool moves_elements(const graph::Node& node) {
  return std::visit(
      Overloaded{
          [](const OneOf<graph::MaxPool, graph::Pad, graph::Reshape, graph::Slice> auto&) {
            return true;
          },
          [](const graph::AveragePool& pool) {
            return pool.window.area() == 1 && pool.factor == 1.0f;
          },
          [](const graph::Conv& conv) { return conv.keeps_scale; },
          [](const OneOf<graph::Clamp, graph::Add, graph::ScaleShift, graph::Unary, graph::Combine,
                         graph::Concat, graph::Interleave> auto&) { return false; },
      },
      node.op);
}

std::optional<graph::Codes> stated_codes(const graph::Graph& graph, graph::ValueId v) {
  if (graph.codes(v)) return graph.codes(v);
  const int at = graph.producer(v);
  if (at < 0) return std::nullopt;
  const graph::Node& node = graph.nodes[static_cast<size_t>(at)];
  if (!keeps_codes(node)) return std::nullopt;
  const auto first = stated_codes(graph, node.inputs[0]);
  const bool same = std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](graph::ValueId in) {
    return stated_codes(graph, in) == first;
  });
  const bool makes_zeros = is_padded(node.op) || node.clamped();
  if (!same || (makes_zeros && first && first->bipolar)) return std::nullopt;
  return first;
}

float as_code(float value, const graph::Codes& codes) {
  const float code =
      std::clamp(std::nearbyint(value / codes.scale) + static_cast<float>(codes.zero),
                 static_cast<float>(codes.lo), static_cast<float>(codes.hi));
  return (code - static_cast<float>(codes.zero)) * codes.scale;
}

}  // namespace systole::passes
