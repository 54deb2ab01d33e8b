// SPDX-License-Identifier: Apache-2.0
// Follows places and copies back to where a scale is chosen.
#include "compiler/quant/scale_sources.h"

#include <cmath>

namespace systole::quant {

namespace {

bool only_selects(const graph::Node& node) {
  if (const auto* conv = node.if_is<graph::Conv>()) return conv->keeps_scale;
  if (const auto* pool = node.if_is<graph::AveragePool>()) return pool->window.area() == 1;
  return node.is<graph::MaxPool>();
}

/// Whether the clamp cuts elsewhere than at zero, which all codes hold.
bool cuts(const graph::Node& node) {
  return (std::isfinite(node.lo) && node.lo != 0.0f) || (std::isfinite(node.hi) && node.hi != 0.0f);
}

}  // namespace

ScaleSources::ScaleSources(const graph::Graph& graph)
    : graph_(graph), places_(place_values(graph)) {
  for (const graph::Node& node : graph.nodes) maker_[node.output] = &node;
}

graph::ValueId ScaleSources::of(graph::ValueId v) const {
  const graph::ValueId base = place(v).base;
  if (base != graph::kNoValue) return of(base);
  const auto made = maker_.find(v);
  const bool keeps = made != maker_.end() && !made->second->function && copies(*made->second);
  if (!keeps) return v;
  const graph::ValueId source = of(made->second->inputs[0]);
  return !graph_.codes(v) || graph_.codes(v) == graph_.codes(source) ? source : v;
}

bool ScaleSources::copies(const graph::Node& node) const {
  // Every range holds 0; a clamp that excludes it gives values that the input need not have.
  if (node.lo > 0.0f || node.hi < 0.0f || node.inputs.size() > 1 || !only_selects(node))
    return false;
  return !cuts(node) || graph_.codes(of(node.inputs[0])).has_value();
}

}  // namespace systole::quant
