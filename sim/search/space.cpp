// SPDX-License-Identifier: Apache-2.0
// Finds layers and knobs by asking the compiler what a policy would change.
#include "sim/search/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "compiler/quant/scale_sources.h"
#include "model/base/error.h"

namespace systole::search {
namespace {

constexpr int kWidths[] = {8, 4, 2};

}  // namespace

void Knob::set(Choice& choice, int bits) const {
  for (const size_t layer : layers) {
    quant::LayerWidths& widths = choice[layer];
    (activations ? widths.activations : widths.weights) = bits;
    widths.weights = std::min(widths.weights, widths.activations);
  }
}

SearchSpace::SearchSpace(std::vector<const graph::Graph*> graphs,
                         const quant::LayerWidths& narrowest, bool all_layers)
    : graphs_(std::move(graphs)), narrowest_(narrowest) {
  find_layers(all_layers);
  find_knobs();
  if (knobs_.empty())
    throw Error(
        "no layer can have other widths (without --all-layers the first and the last layer keep 8 "
        "bits; layers whose integers the network states keep those)");
}

void SearchSpace::find_layers(bool all_layers) {
  quant::PrecisionPolicy all, inner;
  all.rules = {{"*", 4, std::nullopt, "search"}};
  inner.widths = {4, 4};
  const auto reached = quant::layer_widths(graphs_, all);
  const auto narrowed = quant::layer_widths(graphs_, inner);
  std::set<std::string> names;
  for (size_t g = 0; g < graphs_.size(); ++g) {
    for (size_t n = 0; n < graphs_[g]->nodes.size(); ++n) {
      const graph::Node& found = node({g, n});
      if (reached[g][n].weights == 8) continue;
      if (!names.insert(found.name).second)
        throw Error(fmt::format("two layers have the name '{}', a policy cannot tell them apart",
                                found.name));
      layers_.push_back(found.name);
      places_.push_back({g, n});
      // What a network states in integers of its own stays.
      free_.push_back((all_layers || narrowed[g][n].weights != 8) &&
                      !found.as<graph::Conv>().states_integers());
    }
  }
}

void SearchSpace::find_knobs() {
  std::vector<quant::ScaleSources> sources;
  for (const graph::Graph* graph : graphs_) sources.emplace_back(*graph);
  std::map<std::pair<size_t, graph::ValueId>, std::vector<size_t>> readers;  // by graph and value
  const auto keep = [&](const Knob& knob) {
    const Choice wide = uniform({});
    const std::vector<int> bits = widths(knob);
    const bool turns =
        std::any_of(bits.begin(), bits.end(), [&](int b) { return turned(wide, knob, b) != wide; });
    if (turns) knobs_.push_back(knob);
  };
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    const Place& place = places_[layer];
    readers[{place.graph, sources[place.graph].of(node(place).inputs[0])}].push_back(layer);
    if (free_[layer]) keep({false, {layer}});
  }
  for (const auto& [source, layers] : readers) {
    const bool all_free =
        std::all_of(layers.begin(), layers.end(), [&](size_t layer) { return free_[layer]; });
    if (all_free) keep({true, layers});
  }
}

std::vector<int> SearchSpace::widths(const Knob& knob) const {
  const int least = knob.activations ? narrowest_.activations : narrowest_.weights;
  std::vector<int> widths;
  std::copy_if(std::begin(kWidths), std::end(kWidths), std::back_inserter(widths),
               [&](int bits) { return bits >= least; });
  return widths;
}

Choice SearchSpace::uniform(const quant::LayerWidths& widths) const {
  Choice choice(layers_.size());
  for (size_t layer = 0; layer < layers_.size(); ++layer)
    if (free_[layer]) choice[layer] = widths;
  return settle(choice);
}

std::vector<quant::Widths> SearchSpace::widths(const Choice& choice) const {
  std::vector<std::vector<quant::LayerWidths>> by_node;
  for (const graph::Graph* graph : graphs_) by_node.emplace_back(graph->nodes.size());
  for (size_t layer = 0; layer < layers_.size(); ++layer)
    by_node[places_[layer].graph][places_[layer].node] = choice[layer];
  std::vector<quant::Widths> widths;
  for (size_t g = 0; g < graphs_.size(); ++g)
    widths.push_back(quant::choose_widths(*graphs_[g], by_node[g], narrowest_));
  return widths;
}

Choice SearchSpace::settle(const Choice& choice) const {
  const std::vector<quant::Widths> all = widths(choice);
  Choice settled = choice;
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    const Place& place = places_[layer];
    const quant::Widths& stored = all[place.graph];
    quant::LayerWidths& widths = settled[layer];
    widths = {stored.weights[place.node],
              stored.activations[static_cast<size_t>(node(place).inputs[0])]};
    // Without expansion weights are as wide as what they multiply, which does not widen that.
    if (widths.weights < narrowest_.weights)
      widths.weights = std::min(widths.activations, narrowest_.weights);
  }
  return settled;
}

Choice SearchSpace::turned(const Choice& choice, const Knob& knob, int bits) const {
  Choice result = choice;
  knob.set(result, bits);
  result = settle(result);
  return knob.bits(result) == bits ? result : choice;
}

}  // namespace systole::search
