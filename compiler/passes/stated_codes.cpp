// SPDX-License-Identifier: Apache-2.0
// Follows operators that compute nothing back to where a value was rounded.
#include "compiler/passes/stated_codes.h"

#include <algorithm>
#include <cmath>

namespace systole::passes {

namespace {

/// Whether every element of the result is one of the inputs', or 0.
bool keeps_codes(const graph::Node& node) {
  if (node.pad_value != 0.0f) return false;
  const bool inside =
      (node.lo == 0 || node.lo == -INFINITY) && (node.hi == 0 || node.hi == INFINITY);
  if (!inside || node.function) return false;
  return node.op == graph::Op::kClamp || is_join(node) || moves_elements(node);
}

}  // namespace

bool is_join(const graph::Node& node) {
  return node.op == graph::Op::kConcat || node.op == graph::Op::kInterleave;
}

bool moves_elements(const graph::Node& node) {
  switch (node.op) {
    case graph::Op::kMaxPool:
    case graph::Op::kPad:
    case graph::Op::kReshape:
    case graph::Op::kSlice:
      return true;
    case graph::Op::kAveragePool:
      return node.window.kh * node.window.kw == 1 && node.factor == 1.0f;
    default:
      return node.keeps_scale;
  }
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
  const bool makes_zeros = node.window.padded() || node.clamped();
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
