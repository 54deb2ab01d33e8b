// SPDX-License-Identifier: Apache-2.0
// Follows places and copies back to where a scale is chosen.
#include "compiler/quant/scale_sources.h"

namespace systole {

bool copies(const Node& node) {
  // Every range holds 0; a clamp that excludes it gives values that the input need not have.
  if (node.lo > 0.0f || node.hi < 0.0f || node.inputs.size() > 1) return false;
  return node.op == Op::kMaxPool || node.keeps_scale ||
         (node.op == Op::kAveragePool && node.window.kh * node.window.kw == 1);
}

ScaleSources::ScaleSources(const Graph& graph) : graph_(graph), places_(place_values(graph)) {
  for (const Node& node : graph.nodes) maker_[node.output] = &node;
}

ValueId ScaleSources::of(ValueId v) const {
  const ValueId base = place(v).base;
  if (base != kNoValue) return of(base);
  if (graph_.codes(v)) return v;
  const auto made = maker_.find(v);
  const bool keeps = made != maker_.end() && copies(*made->second) && !made->second->function;
  return keeps ? of(made->second->inputs[0]) : v;
}

}  // namespace systole
