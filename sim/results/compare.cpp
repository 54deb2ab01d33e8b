// SPDX-License-Identifier: Apache-2.0
// Walks over the names that either has.
#include "sim/results/compare.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace systole::results {
namespace {

using Json = nlohmann::json;

void sort_by_weight(std::vector<Change>& changes) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& x, const Change& y) { return x.weight > y.weight; });
}

/// Of numbers the share of the larger one; of others all.
double share(const Json& a, const Json& b) {
  if (!a.is_number() || !b.is_number()) return 1;
  const double x = a.get<double>(), y = b.get<double>();
  return std::abs(y - x) / std::max(std::abs(x), std::abs(y));
}

template <typename Values>
std::vector<Change> changes_of(const Values& a, const Values& b) {
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  std::vector<Change> changes;
  for (const std::string& name : names) {
    const auto x = a.find(name), y = b.find(name);
    const Json left = x == a.end() ? Json() : Json(x->second);
    const Json right = y == b.end() ? Json() : Json(y->second);
    if (left != right) changes.push_back({name, left, right, share(left, right)});
  }
  return changes;
}

/// A cause that took no cycle is not told.
std::vector<Change> cause_changes(Causes a, Causes b) {
  for (const auto& [name, cycles] : a) b.try_emplace(name, 0);
  for (const auto& [name, cycles] : b) a.try_emplace(name, 0);
  std::vector<Change> changes = changes_of(a, b);
  for (Change& change : changes) change.weight = std::abs(change.difference());
  sort_by_weight(changes);
  return changes;
}

/// The layers by name and how many of that name came before.
std::map<std::pair<std::string, int>, const ComparedLayer*> by_name(
    const std::vector<ComparedLayer>& layers) {
  std::map<std::string, int> seen;
  std::map<std::pair<std::string, int>, const ComparedLayer*> found;
  for (const ComparedLayer& layer : layers) found[{layer.name, seen[layer.name]++}] = &layer;
  return found;
}

std::vector<LayerChange> layer_changes(const std::vector<ComparedLayer>& a,
                                       const std::vector<ComparedLayer>& b) {
  const auto left = by_name(a), right = by_name(b);
  std::vector<LayerChange> changes;
  const auto add = [&](const std::string& name, const ComparedLayer* x, const ComparedLayer* y) {
    LayerChange change;
    change.cycles = {name, x == nullptr ? Json() : Json(x->cycles),
                     y == nullptr ? Json() : Json(y->cycles), 0};
    change.causes =
        cause_changes(x == nullptr ? Causes() : x->causes, y == nullptr ? Causes() : y->causes);
    using Figures = std::map<std::string, Json>;
    change.figures =
        changes_of(x == nullptr ? Figures() : x->figures, y == nullptr ? Figures() : y->figures);
    for (const Change& cause : change.causes) change.cycles.weight += cause.weight;
    const bool same = change.cycles.a == change.cycles.b && change.causes.empty();
    if (!same || !change.figures.empty()) changes.push_back(change);
  };
  for (const auto& [key, layer] : left) {
    const auto other = right.find(key);
    add(key.first, layer, other == right.end() ? nullptr : other->second);
  }
  for (const auto& [key, layer] : right)
    if (!left.contains(key)) add(key.first, nullptr, layer);
  const auto weight = [](const LayerChange& change) {
    return std::pair(std::abs(change.cycles.difference()), change.cycles.weight);
  };
  std::stable_sort(changes.begin(), changes.end(), [&](const LayerChange& x, const LayerChange& y) {
    return weight(x) > weight(y);
  });
  return changes;
}

nlohmann::ordered_json change_json(const Change& change) {
  return {{"name", change.name}, {"a", change.a}, {"b", change.b}};
}

nlohmann::ordered_json list_json(const std::vector<Change>& changes) {
  auto json = nlohmann::ordered_json::array();
  for (const Change& change : changes) json.push_back(change_json(change));
  return json;
}

}  // namespace

double Change::difference() const {
  if ((!a.is_number() && !a.is_null()) || (!b.is_number() && !b.is_null())) return 0;
  return (b.is_null() ? 0 : b.get<double>()) - (a.is_null() ? 0 : a.get<double>());
}

double Difference::weight() const {
  for (const Change& change : totals)
    if (change.name == "cycles") return std::abs(change.difference());
  return 0;
}

Difference difference(const Compared& a, const Compared& b) {
  Difference found;
  found.name = a.name == b.name ? a.name : a.name + " and " + b.name;
  found.configuration = changes_of(a.configuration, b.configuration);
  found.totals = changes_of(a.totals, b.totals);
  sort_by_weight(found.totals);
  found.causes = cause_changes(a.causes, b.causes);
  // What was kept as totals alone has no layers to compare.
  if (!a.layers.empty() && !b.layers.empty()) found.layers = layer_changes(a.layers, b.layers);
  const auto cycles = std::find_if(found.totals.begin(), found.totals.end(),
                                   [](const Change& change) { return change.name == "cycles"; });
  found.cycles_differ = cycles != found.totals.end();
  if (found.cycles_differ) std::rotate(found.totals.begin(), cycles, cycles + 1);
  return found;
}

nlohmann::ordered_json to_json(const Difference& difference) {
  nlohmann::ordered_json json = {{"name", difference.name},
                                 {"cycles_differ", difference.cycles_differ},
                                 {"configuration", list_json(difference.configuration)},
                                 {"totals", list_json(difference.totals)},
                                 {"causes", list_json(difference.causes)},
                                 {"layers", nlohmann::ordered_json::array()}};
  for (const LayerChange& layer : difference.layers) {
    auto entry = change_json(layer.cycles);
    entry["figures"] = list_json(layer.figures);
    entry["causes"] = list_json(layer.causes);
    json["layers"].push_back(entry);
  }
  return json;
}

}  // namespace systole::results
