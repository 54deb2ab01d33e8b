// SPDX-License-Identifier: Apache-2.0
// Finds layers and knobs by asking the compiler what a policy would change.
#include "sim/search/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "compiler/prune/prune.h"
#include "compiler/quant/scale_sources.h"
#include "model/base/error.h"
#include "sim/search/policy_file.h"

namespace systole::search {
namespace {

constexpr int kWidths[] = {8, 4, 2};

}  // namespace

std::vector<prune::PruneSpec> parse_layer_prunes(const std::string& list) {
  std::vector<prune::PruneSpec> specs;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    prune::PruneSpec spec = prune::parse_prune(word);
    const bool of_others = spec.kind == prune::PruneKind::kGlobalUnstructured ||
                           spec.kind == prune::PruneKind::kChannel ||
                           spec.kind == prune::PruneKind::kLowRank;
    if (of_others || !spec.pattern.empty())
      throw Error(fmt::format(
          "--prunes {}: expected kinds that leave other layers alone, without a pattern: "
          "unstructured, nm, block, vector, kernel, codebook (others with --prune, for all "
          "choices)",
          word));
    specs.push_back(std::move(spec));
  }
  return specs;
}

int Knob::value(const Choice& choice) const {
  const LayerChoice& layer = choice[layers[0]];
  switch (kind) {
    case Kind::kWeights:
      return layer.weights;
    case Kind::kActivations:
      return layer.activations;
    case Kind::kPrune:
      break;
  }
  return -static_cast<int>(layer.prune);
}

void Knob::set(Choice& choice, int value) const {
  for (const size_t layer : layers) {
    if (kind == Kind::kPrune)
      choice[layer].prune = static_cast<size_t>(-value);
    else
      (kind == Kind::kWeights ? choice[layer].weights : choice[layer].activations) = value;
  }
}

SearchSpace::SearchSpace(std::vector<const graph::Graph*> graphs,
                         const quant::LayerWidths& narrowest, bool all_layers, JointChoices joint)
    : graphs_(std::move(graphs)), narrowest_(narrowest), joint_(std::move(joint)) {
  find_layers(all_layers);
  find_prunes();
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

void SearchSpace::find_prunes() {
  prunes_.assign(layers_.size(), {0});
  std::vector<graph::Graph> copies;
  for (const graph::Graph* graph : graphs_) copies.push_back(*graph);
  std::vector<graph::Graph*> parts;
  for (graph::Graph& copy : copies) parts.push_back(&copy);
  for (size_t kind = 0; kind < joint_.prunes.size(); ++kind) {
    std::string reason;
    bool suits = false;
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      if (!free_[layer]) continue;
      prune::PruneSpec spec = joint_.prunes[kind];
      spec.pattern = exact_pattern(layers_[layer]);
      try {
        prune::prune(parts, {{spec}, joint_.hw});
        prunes_[layer].push_back(-static_cast<int>(kind) - 1);
        suits = true;
      } catch (const Error& error) {
        reason = error.what();
      }
    }
    if (!suits)
      throw Error(fmt::format("--prunes {}: suits no layer that may be narrow{}",
                              joint_.prunes[kind].text, reason.empty() ? "" : ": " + reason));
  }
}

void SearchSpace::find_knobs() {
  std::vector<quant::ScaleSources> sources;
  for (const graph::Graph* graph : graphs_) sources.emplace_back(*graph);
  std::map<std::pair<size_t, graph::ValueId>, std::vector<size_t>> readers;  // by graph and value
  const auto keep = [&](const Knob& knob) {
    const Choice wide = uniform({});
    const std::vector<int> all = values(knob);
    const bool turns =
        std::any_of(all.begin(), all.end(), [&](int v) { return turned(wide, knob, v) != wide; });
    if (turns) knobs_.push_back(knob);
  };
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    const Place& place = places_[layer];
    readers[{place.graph, sources[place.graph].of(node(place).inputs[0])}].push_back(layer);
    if (free_[layer]) keep({Knob::Kind::kWeights, {layer}});
  }
  for (const auto& [source, layers] : readers) {
    const bool all_free =
        std::all_of(layers.begin(), layers.end(), [&](size_t layer) { return free_[layer]; });
    if (all_free) keep({Knob::Kind::kActivations, layers});
  }
  for (size_t layer = 0; layer < layers_.size(); ++layer) keep({Knob::Kind::kPrune, {layer}});
}

std::vector<int> SearchSpace::values(const Knob& knob) const {
  if (knob.kind == Knob::Kind::kPrune) return prunes_[knob.layers[0]];
  const int least =
      knob.kind == Knob::Kind::kActivations ? narrowest_.activations : narrowest_.weights;
  std::vector<int> widths;
  std::copy_if(std::begin(kWidths), std::end(kWidths), std::back_inserter(widths),
               [&](int bits) { return bits >= least; });
  return widths;
}

Choice SearchSpace::uniform(const quant::LayerWidths& widths) const {
  Choice choice(layers_.size());
  for (size_t layer = 0; layer < layers_.size(); ++layer)
    if (free_[layer]) choice[layer] = {widths};
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
    LayerChoice& widths = settled[layer];
    widths.weights = stored.weights[place.node];
    widths.activations = stored.activations[static_cast<size_t>(node(place).inputs[0])];
    // Without expansion weights are as wide as what they multiply, which does not widen that.
    if (widths.weights < narrowest_.weights)
      widths.weights = std::min(widths.activations, narrowest_.weights);
    // Narrower weights are no longer than an index.
    if (widths.prune != 0 && widths.weights < 8 &&
        joint_.prunes[widths.prune - 1].kind == prune::PruneKind::kCodebook)
      widths.prune = 0;
  }
  return settled;
}

void SearchSpace::set(Choice& choice, const Knob& knob, int value) const {
  knob.set(choice, value);
  if (knob.kind == Knob::Kind::kPrune) return;
  // With inputs of their own weights are taken along by narrower ones, and may be wider after that.
  if (joint_.narrow_inputs && knob.kind == Knob::Kind::kWeights) return;
  for (const size_t layer : knob.layers)
    choice[layer].weights = std::min(choice[layer].weights, choice[layer].activations);
}

Choice SearchSpace::turned(const Choice& choice, const Knob& knob, int value) const {
  Choice result = choice;
  set(result, knob, value);
  result = settle(result);
  return knob.value(result) == value ? result : choice;
}

std::vector<uint32_t> SearchSpace::position(const Choice& choice) const {
  std::vector<uint32_t> position;
  for (const Knob& knob : knobs_) {
    const std::vector<int> all = values(knob);
    const auto at = std::find(all.begin(), all.end(), knob.value(choice));
    position.push_back(at == all.end() ? 0 : static_cast<uint32_t>(at - all.begin()));
  }
  return position;
}

Choice SearchSpace::choice(const std::vector<uint32_t>& position) const {
  Choice made = uniform({});
  for (const Knob::Kind kind : {Knob::Kind::kActivations, Knob::Kind::kWeights, Knob::Kind::kPrune})
    for (size_t k = 0; k < knobs_.size(); ++k)
      if (knobs_[k].kind == kind) set(made, knobs_[k], values(knobs_[k])[position[k]]);
  return settle(made);
}

std::vector<prune::PruneSpec> SearchSpace::prunes(const Choice& choice) const {
  std::vector<prune::PruneSpec> specs;
  for (size_t layer = 0; layer < choice.size(); ++layer) {
    if (choice[layer].prune == 0) continue;
    specs.push_back(joint_.prunes[choice[layer].prune - 1]);
    specs.back().pattern = exact_pattern(layers_[layer]);
    specs.back().text += "@" + specs.back().pattern;
  }
  return specs;
}

}  // namespace systole::search
