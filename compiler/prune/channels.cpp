// SPDX-License-Identifier: Apache-2.0
// Finds layers that have to lose the same channels, and chooses these.
#include "compiler/prune/channels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "compiler/prune/shrink.h"
#include "model/base/error.h"

namespace systole::prune {
namespace {

/// Layers tied together by their output channels, of one graph; indices into the list of all.
struct Family {
  std::vector<size_t> layers;
  std::map<size_t, double> classes;  ///< that may go, with their scores
};

/// The families of the layers of `graph`.
std::vector<Family> families_of(const std::vector<PruneLayer>& layers, const graph::Graph& graph,
                                const ChannelClasses& classes, const ChannelScores& scores) {
  std::vector<size_t> parent(layers.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root = [&](size_t l) {
    while (parent[l] != l) l = parent[l];
    return l;
  };
  const auto mine = [&](size_t l) { return layers[l].graph == &graph && !layers[l].depthwise; };
  std::map<size_t, size_t> owner;  // of a class: the first layer that makes it
  for (size_t l = 0; l < layers.size(); ++l) {
    for (int64_t c = 0; mine(l) && c < layers[l].out; ++c) {
      const auto [known, is_new] = owner.emplace(classes.of(layers[l].node().output, c), l);
      if (!is_new) parent[root(l)] = root(known->second);
    }
  }
  std::map<size_t, Family> families;
  for (size_t l = 0; l < layers.size(); ++l) {
    if (!mine(l)) continue;
    Family& family = families[root(l)];
    family.layers.push_back(l);
    for (int64_t c = 0; c < layers[l].out; ++c) {
      const size_t id = classes.of(layers[l].node().output, c);
      if (!classes.stays(id)) family.classes[id] += scores[l][static_cast<size_t>(c)];
    }
  }
  std::vector<Family> result;
  result.reserve(families.size());
  for (auto& [first, family] : families) result.push_back(std::move(family));
  return result;
}

/// Adds the least classes of `family` to `gone`.
void choose(const Family& family, double amount, std::set<size_t>& gone) {
  std::vector<std::pair<double, size_t>> order;
  for (const auto& [id, score] : family.classes) order.emplace_back(score, id);
  std::sort(order.begin(), order.end());
  // A product that is whole but for rounding is that number.
  const auto count =
      static_cast<size_t>(std::floor(amount * static_cast<double>(order.size()) + 1e-9));
  for (size_t i = 0; i < count; ++i) gone.insert(order[i].second);
}

class ChannelPruner {
 public:
  ChannelPruner(const std::vector<PruneLayer>& layers, const std::vector<PruneLayer>& selected,
                const PruneSpec& spec, const ChannelScores& scores)
      : layers_(layers), spec_(spec), scores_(scores), selected_(layers.size(), false) {
    for (size_t l = 0; l < layers.size(); ++l)
      selected_[l] = std::any_of(selected.begin(), selected.end(), [&](const PruneLayer& s) {
        return s.graph == layers[l].graph && s.index == layers[l].index;
      });
  }

  void prune(graph::Graph& graph) {
    const ChannelClasses classes(graph);
    std::set<size_t> gone;
    for (const Family& family : families_of(layers_, graph, classes, scores_))
      if (may_lose(family)) choose(family, spec_.amount, gone);
    if (!gone.empty()) shrink(graph, classes, gone);
  }

  /// Whether layers lost channels; those selected that did not, with the reason.
  bool any() const { return any_; }
  const std::vector<std::string>& kept() const { return kept_; }

 private:
  bool may_lose(const Family& family) {
    const auto is_selected = [&](size_t l) { return selected_[l]; };
    if (std::none_of(family.layers.begin(), family.layers.end(), is_selected)) return false;
    const auto other = std::find_if_not(family.layers.begin(), family.layers.end(), is_selected);
    if (other == family.layers.end() && !family.classes.empty()) return any_ = true;
    for (const size_t l : family.layers) {
      if (!selected_[l]) continue;
      const std::string reason =
          family.classes.empty()
              ? "its channels are bound to an input, an output or a convolution in groups"
              : fmt::format("added to '{}', which is not selected", layers_[*other].name());
      kept_.push_back(fmt::format("'{}' ({})", layers_[l].name(), reason));
    }
    return false;
  }

  const std::vector<PruneLayer>& layers_;
  const PruneSpec& spec_;
  const ChannelScores& scores_;
  std::vector<bool> selected_;
  bool any_ = false;
  std::vector<std::string> kept_;
};

}  // namespace

void prune_channels(const std::vector<PruneLayer>& layers, const std::vector<PruneLayer>& selected,
                    const PruneSpec& spec, const ChannelScores& scores,
                    std::vector<std::string>& warnings) {
  ChannelPruner pruner(layers, selected, spec, scores);
  std::vector<graph::Graph*> graphs;
  for (const PruneLayer& layer : layers)
    if (std::find(graphs.begin(), graphs.end(), layer.graph) == graphs.end())
      graphs.push_back(layer.graph);
  for (graph::Graph* graph : graphs) pruner.prune(*graph);
  const std::string kept = fmt::format("{}", fmt::join(pruner.kept(), ", "));
  if (!pruner.any())
    throw Error(fmt::format("--prune {}: no layer can lose channels: {}", spec.text, kept));
  if (!kept.empty())
    warnings.push_back(fmt::format("--prune {}: channels stay in {}", spec.text, kept));
}

}  // namespace systole::prune
