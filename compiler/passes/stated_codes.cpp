// SPDX-License-Identifier: Apache-2.0
// Follows operators that compute nothing back to where a value was rounded.
#include "compiler/passes/stated_codes.h"

#include <algorithm>
#include <cmath>

namespace systole {

namespace {

/// Whether every element of the result is one of the inputs', or 0.
bool keeps_codes(const Node& node) {
  if (node.pad_value != 0.0f) return false;
  const bool inside =
      (node.lo == 0 || node.lo == -INFINITY) && (node.hi == 0 || node.hi == INFINITY);
  if (!inside || node.function) return false;
  return node.op == Op::kClamp || is_join(node) || moves_elements(node);
}

}  // namespace

bool is_join(const Node& node) { return node.op == Op::kConcat || node.op == Op::kInterleave; }

bool moves_elements(const Node& node) {
  switch (node.op) {
    case Op::kMaxPool:
    case Op::kPad:
    case Op::kReshape:
    case Op::kSlice:
      return true;
    case Op::kAveragePool:
      return node.window.kh * node.window.kw == 1 && node.factor == 1.0f;
    default:
      return node.keeps_scale;
  }
}

std::optional<Codes> stated_codes(const Graph& graph, ValueId v) {
  if (graph.codes(v)) return graph.codes(v);
  const int at = graph.producer(v);
  if (at < 0) return std::nullopt;
  const Node& node = graph.nodes[static_cast<size_t>(at)];
  if (!keeps_codes(node)) return std::nullopt;
  const auto first = stated_codes(graph, node.inputs[0]);
  const bool same = std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                                [&](ValueId in) { return stated_codes(graph, in) == first; });
  const bool makes_zeros = node.window.padded() || node.clamped();
  if (!same || (makes_zeros && first && first->bipolar)) return std::nullopt;
  return first;
}

float as_code(float value, const Codes& codes) {
  const float code =
      std::clamp(std::nearbyint(value / codes.scale) + static_cast<float>(codes.zero),
                 static_cast<float>(codes.lo), static_cast<float>(codes.hi));
  return (code - static_cast<float>(codes.zero)) * codes.scale;
}

}  // namespace systole
