// SPDX-License-Identifier: Apache-2.0
// Finds layers with weights and matches their names.
#include "compiler/prune/layers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::prune {
namespace {

/// Other operators become convolutions too, whose weights are scales or interpolate.
bool has_weights(const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  if (conv == nullptr || conv->keeps_scale) return false;
  const std::string& type = node.op_type;
  return type == "Conv" || type == "ConvTranspose" || type == "Gemm" || type == "MatMul";
}

PruneLayer layer_of(graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  const auto& conv = node.as<graph::Conv>();
  const graph::Window& w = conv.window;
  const graph::Chw in = graph.shape(node.inputs[0]);
  PruneLayer layer;
  layer.graph = &graph;
  layer.index = index;
  layer.out = static_cast<int64_t>(conv.channels());
  layer.in = in.c / conv.group;
  layer.area = w.area();
  layer.depthwise = conv.group > 1 && layer.in == 1;
  layer.covers_map = conv.group == 1 && w.kh == in.h && w.kw == in.w && !w.padded() &&
                     w.dil_h == 1 && w.dil_w == 1;
  return layer;
}

}  // namespace

std::vector<PruneLayer> prunable_layers(const std::vector<graph::Graph*>& parts) {
  std::vector<PruneLayer> layers;
  for (graph::Graph* graph : parts) {
    for (size_t i = 0; i < graph->nodes.size(); ++i)
      if (has_weights(graph->nodes[i])) layers.push_back(layer_of(*graph, i));
  }
  return layers;
}

std::vector<PruneLayer> select_layers(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                                      const std::function<bool(const PruneLayer&)>& suits,
                                      const std::string& unsuited) {
  std::vector<PruneLayer> named;
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool inner = i > 0 && i + 1 < layers.size();
    const bool is_named = spec.pattern.empty()
                              ? inner
                              : fnmatch(spec.pattern.c_str(), layers[i].name().c_str(), 0) == 0;
    if (is_named) named.push_back(layers[i]);
  }
  std::vector<std::string> names;
  for (const PruneLayer& layer : layers) names.push_back(layer.name());
  if (named.empty())
    throw Error(
        spec.pattern.empty()
            ? fmt::format("--prune {}: the network has no convolution or gemm between its "
                          "first and its last, expected @PATTERN that names one of them",
                          spec.text)
            : fmt::format("--prune {}: '{}' matches no convolution or gemm of the network{}",
                          spec.text, spec.pattern, did_you_mean(spec.pattern, names)));
  std::vector<PruneLayer> result;
  std::copy_if(named.begin(), named.end(), std::back_inserter(result), suits);
  if (result.empty())
    throw Error(fmt::format("--prune {}: the layers named are all {}, which it does not prune",
                            spec.text, unsuited));
  return result;
}

std::vector<PruneLayer> fitting_layers(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                                       const std::function<std::string(const PruneLayer&)>& unfit,
                                       std::vector<std::string>& warnings) {
  std::vector<PruneLayer> fitting;
  std::vector<std::string> others;
  for (const PruneLayer& layer : layers) {
    const std::string reason = unfit(layer);
    if (reason.empty())
      fitting.push_back(layer);
    else
      others.push_back(fmt::format("'{}' ({})", layer.name(), reason));
  }
  const std::string text = fmt::format("{}", fmt::join(others, ", "));
  if (fitting.empty())
    throw Error(
        fmt::format("--prune {}: none of the layers named can be pruned so: {}", spec.text, text));
  if (!others.empty())
    warnings.push_back(fmt::format("--prune {}: these layers stay dense: {}", spec.text, text));
  return fitting;
}

}  // namespace systole::prune
