// SPDX-License-Identifier: Apache-2.0
// Finds convolutions of integers whose results nothing rounds.
#include "compiler/quant/sums.h"

#include <algorithm>
#include <cmath>

#include "compiler/quant/scale_sources.h"

namespace systole::quant {

std::vector<bool> values_kept_as_sums(const graph::Graph& graph) {
  const ScaleSources sources(graph);
  std::vector<bool> used(graph.values.size());
  const auto is_output = [&](graph::ValueId v) {
    return std::find(graph.outputs.begin(), graph.outputs.end(), v) != graph.outputs.end();
  };
  // Another output that is the same bytes changes nothing.
  const auto is_view = [&](const graph::Node& node) {
    return node.is<graph::Reshape>() && is_output(node.output) &&
           graph.shape(node.inputs[0]) == graph.shape(node.output) &&
           graph.consumers(node.output).empty();
  };
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node)) continue;
    for (const graph::ValueId in : node.inputs) used[static_cast<size_t>(in)] = true;
  }
  std::vector<bool> sums(graph.values.size());
  for (const graph::Node& node : graph.nodes) {
    const auto* conv = node.if_is<graph::Conv>();
    const bool integers =
        conv != nullptr && conv->states_integers() && graph.codes(sources.of(node.inputs[0]));
    const bool as_they_are = node.inputs.size() == 1 && !node.function && !node.sign_only &&
                             node.lo == -INFINITY && node.hi == INFINITY;
    const auto out = static_cast<size_t>(node.output);
    if (!integers || !as_they_are || !is_output(node.output) || used[out]) continue;
    const bool own_bytes = sources.place(node.output).base == graph::kNoValue;
    sums[out] =
        own_bytes && !graph.codes(sources.of(node.output)) && !graph.values[out].integer_zero;
  }
  for (const graph::Node& node : graph.nodes)
    if (is_view(node) && sums[static_cast<size_t>(node.inputs[0])])
      sums[static_cast<size_t>(node.output)] = true;
  return sums;
}

}  // namespace systole::quant
