// SPDX-License-Identifier: Apache-2.0
// The criteria by which channels are pruned.
#include "compiler/prune/channel_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/exec/float_executor.h"
#include "model/base/error.h"

namespace systole::prune {
namespace {

bool holds(const std::vector<PruneLayer>& layers, const PruneLayer& layer) {
  return std::any_of(layers.begin(), layers.end(), [&](const PruneLayer& other) {
    return other.graph == layer.graph && other.index == layer.index;
  });
}

std::vector<double> norms(const PruneLayer& layer, bool squares) {
  const auto taps = static_cast<size_t>(layer.in * layer.area);
  std::vector<double> result(static_cast<size_t>(layer.out));
  for (size_t i = 0; i < layer.weights().size(); ++i) {
    const double w = std::fabs(layer.weights()[i]);
    result[i / taps] += squares ? w * w : w;
  }
  if (squares)
    for (double& norm : result) norm = std::sqrt(norm);
  return result;
}

std::vector<double> gammas(const PruneLayer& layer, bool needed, const PruneSpec& spec) {
  const std::vector<float>& gamma = layer.conv().gamma;
  if (gamma.empty() && needed)
    throw Error(
        fmt::format("--prune {}: layer '{}' has no batch normalisation behind it, expected "
                    "criterion l1, l2 or activation",
                    spec.text, layer.name()));
  std::vector<double> result(static_cast<size_t>(layer.out));
  for (size_t c = 0; c < gamma.size(); ++c) result[c] = std::fabs(gamma[c]);
  return result;
}

ChannelScores activations(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                          const std::vector<data::Item>* calibration) {
  if (calibration == nullptr)
    throw Error(fmt::format("--prune {}: activations come from data, expected --calib", spec.text));
  const graph::Graph& graph = *layers.front().graph;
  ChannelScores scores;
  std::vector<int> layer_of(graph.values.size(), -1);
  for (const PruneLayer& layer : layers) {
    if (layer.graph != &graph)
      throw Error(
          fmt::format("--prune {}: activations of a network in stages are not known, "
                      "expected no --host-fallback",
                      spec.text));
    layer_of[static_cast<size_t>(layer.node().output)] = static_cast<int>(scores.size());
    scores.emplace_back(static_cast<size_t>(layer.out));
  }
  const exec::FloatExecutor executor(graph);
  for (const data::Item& item : *calibration) {
    executor.run(item, [&](graph::ValueId v, const std::vector<float>& elements) {
      const int layer = layer_of[static_cast<size_t>(v)];
      if (layer < 0) return;
      std::vector<double>& sums = scores[static_cast<size_t>(layer)];
      const size_t area = elements.size() / sums.size();
      for (size_t i = 0; i < elements.size(); ++i) sums[i / area] += std::fabs(elements[i]);
    });
  }
  for (size_t l = 0; l < layers.size(); ++l) {
    const graph::Chw shape = graph.shape(layers[l].node().output);
    for (double& sum : scores[l])
      sum /= static_cast<double>(shape.h * shape.w) * static_cast<double>(calibration->size());
  }
  return scores;
}

}  // namespace

ChannelScores channel_scores(const std::vector<PruneLayer>& layers,
                             const std::vector<PruneLayer>& selected, const PruneSpec& spec,
                             const std::vector<data::Item>* calibration) {
  if (spec.criterion == ChannelCriterion::kActivation)
    return activations(layers, spec, calibration);
  ChannelScores scores;
  for (const PruneLayer& layer : layers)
    scores.push_back(spec.criterion == ChannelCriterion::kGamma
                         ? gammas(layer, holds(selected, layer), spec)
                         : norms(layer, spec.criterion == ChannelCriterion::kL2));
  return scores;
}

}  // namespace systole::prune
