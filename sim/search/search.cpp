// SPDX-License-Identifier: Apache-2.0
// Sensitivities, greedy descent, refinement.
#include "sim/search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "model/base/error.h"
#include "sim/search/credit.h"
#include "sim/search/front.h"
#include "sim/search/predictor.h"

namespace systole::search {
namespace {

constexpr size_t kTried = 4;               // of the moves that a step guesses best
constexpr double kLeastDivergence = 1e-4;  // nats; less is noise
constexpr double kBeyond = 10;             // points below the bound at which the descent ends
constexpr size_t kRounds = 3;              // of refinement without a better point
constexpr double kHopeless = 1.5;          // times the divergence of any point within the bound
constexpr double kSlack = 1.002;           // of a guessed cost

/// A choice that might be measured; the highest scores are.
struct Move {
  Choice choice;
  double score = 0;
};

class Searcher {
 public:
  Searcher(const SearchSpace& space, const SearchOptions& options, const Measure& measure)
      : space_(space), options_(options), measure_(measure) {}

  SearchResult run() {
    try_uniform();
    const auto allowed = static_cast<uint64_t>(
        std::floor(options_.max_loss * static_cast<double>(options_.images) / 100 + 1e-9));
    const uint64_t right = points_[0].figures.right;
    result_.least_right = right - std::min(right, allowed);
    learn();
    descend();
    for (const size_t uniform : result_.uniform) relax(uniform);
    refine();
    relax(cheapest());
    result_.chosen = cheapest();
    result_.front = pareto_front(points_, result_.credit, options_.objective);
    return std::move(result_);
  }

 private:
  double cost(size_t i) const { return points_[i].figures.cost(options_.objective); }
  double divergence(size_t i) const { return points_[i].figures.divergence; }
  bool has_figures(size_t i) const { return points_[i].failure.empty(); }
  bool within_bound(size_t i) const { return search::is_within_bound(result_, i); }
  bool is_known(const Choice& choice) const { return known_.count(choice_key(choice)) != 0; }
  Predictor::Guess guess(const Choice& choice, size_t near) const {
    return predictor_->guess(choice, points_[near].choice, {divergence(near), cost(near)});
  }

  /// The points of `choices`; those that are new are measured, as long as the budget lasts.
  std::vector<size_t> try_all(const std::vector<Choice>& choices, const std::string& phase) {
    std::vector<Choice> fresh;
    std::map<std::string, size_t> added;
    for (const Choice& choice : choices) {
      const bool free = phase == "uniform" || phase == "sensitivity";
      if (is_known(choice) || added.count(choice_key(choice)) != 0) continue;
      if (!free && tried_ == options_.budget) break;
      if (!free) ++tried_;
      added[choice_key(choice)] = points_.size() + fresh.size();
      fresh.push_back(choice);
    }
    if (!fresh.empty()) {
      for (SearchPoint& point : measure_(fresh)) {
        point.phase = phase;
        points_.push_back(std::move(point));
      }
      known_.merge(added);
      result_.credit = credited(points_);
    }
    std::vector<size_t> indices;
    for (const Choice& choice : choices)
      if (is_known(choice) && has_figures(known_.at(choice_key(choice))))
        indices.push_back(known_.at(choice_key(choice)));
    return indices;
  }
  bool budget_left() const { return tried_ < options_.budget; }

  void try_uniform() {
    std::vector<Choice> choices;
    for (const quant::LayerWidths widths :
         {quant::LayerWidths{8, 8}, {4, 8}, {2, 8}, {4, 4}, {2, 4}, {2, 2}}) {
      const Choice choice = space_.uniform(widths);
      if (is_plain(widths)) choices.push_back(choice);
    }
    const std::vector<size_t> indices = try_all(choices, "uniform");
    if (!has_figures(0)) throw Error(points_[0].failure);
    for (const size_t i : indices)
      if (std::find(result_.uniform.begin(), result_.uniform.end(), i) == result_.uniform.end())
        result_.uniform.push_back(i);
  }

  /// Whether the hardware takes these widths in all layers that it takes some narrow ones in.
  bool is_plain(const quant::LayerWidths& widths) const {
    return std::all_of(space_.knobs().begin(), space_.knobs().end(), [&](const Knob& knob) {
      const std::vector<int> bits = space_.values(knob);
      const int wanted =
          knob.kind == Knob::Kind::kActivations ? widths.activations : widths.weights;
      return std::find(bits.begin(), bits.end(), wanted) != bits.end();
    });
  }

  void learn() {
    struct Single {
      size_t knob;
      int bits;
      Choice choice;
    };
    std::vector<Single> singles;
    for (const bool activations : {false, true}) {  // shares of weights first
      for (size_t k = 0; k < space_.knobs().size(); ++k) {
        const Knob& knob = space_.knobs()[k];
        if ((knob.kind == Knob::Kind::kActivations) != activations) continue;
        for (const int bits : space_.values(knob)) {
          Choice choice = space_.turned(points_[0].choice, knob, bits);
          if (choice != points_[0].choice) singles.push_back({k, bits, std::move(choice)});
        }
      }
    }
    std::vector<Choice> choices;
    for (const Single& single : singles) choices.push_back(single.choice);
    try_all(choices, "sensitivity");
    predictor_.emplace(space_, Predictor::Guess{divergence(0), cost(0)});
    for (const Single& single : singles) {
      const size_t i = known_.at(choice_key(single.choice));
      if (has_figures(i)) predictor_->learn(single.knob, single.bits, {divergence(i), cost(i)});
    }
  }

  /// Every choice that is one knob away from that of point `i`, narrower or wider.
  std::vector<Choice> turns(const Choice& from, bool narrower) const {
    std::vector<Choice> choices;
    for (const Knob& knob : space_.knobs()) {
      for (const int bits : space_.values(knob)) {
        if (narrower ? bits >= knob.value(from) : bits <= knob.value(from)) continue;
        Choice choice = space_.turned(from, knob, bits);
        if (choice != from) choices.push_back(std::move(choice));
      }
    }
    return choices;
  }

  static void best_first(std::vector<Move>& moves) {
    std::stable_sort(moves.begin(), moves.end(),
                     [](const Move& a, const Move& b) { return a.score > b.score; });
  }

  /// Takes moves from the front of `moves` and measures them.
  std::vector<size_t> try_some(std::vector<Move>& moves, size_t count, const std::string& phase) {
    std::vector<Choice> choices;
    for (size_t i = 0; i < std::min(count, moves.size()); ++i)
      choices.push_back(std::move(moves[i].choice));
    moves.erase(moves.begin(), moves.begin() + static_cast<std::ptrdiff_t>(choices.size()));
    return try_all(choices, phase);
  }

  static double worth(double saved, double added_divergence) {
    return saved / std::max(added_divergence, kLeastDivergence);
  }

  /// The narrowing of point `at` that saves most for its divergence.
  std::optional<size_t> step_down(size_t at) {
    std::vector<Move> moves;
    for (Choice& choice : turns(points_[at].choice, true)) {
      const Predictor::Guess g = guess(choice, at);
      if (g.cost < cost(at))
        moves.push_back(
            {std::move(choice), worth(cost(at) - g.cost, g.divergence - divergence(at))});
    }
    best_first(moves);
    std::optional<size_t> best;
    double most = 0;
    while (!best && !moves.empty() && budget_left()) {
      for (const size_t i : try_some(moves, kTried, "descent")) {
        const double value = worth(cost(at) - cost(i), divergence(i) - divergence(at));
        if (value <= most) continue;
        most = value;
        best = i;
      }
    }
    return best;
  }

  void descend() {
    const double lost = kBeyond * static_cast<double>(options_.images) / 100;
    for (std::optional<size_t> at = 0; at; at = step_down(*at))
      if (static_cast<double>(points_[*at].figures.right) + lost <
          static_cast<double>(result_.least_right))
        return;
  }

  /// Widens what costs nothing: from point `at`, never above its cost.
  void relax(size_t at) {
    const double limit = cost(at);
    for (bool found = true; found && budget_left();) {
      const size_t from = at;
      std::vector<Move> moves;
      for (Choice& choice : turns(points_[from].choice, false)) {
        const Predictor::Guess g = guess(choice, from);
        if (g.cost <= limit * kSlack && g.divergence < divergence(from))
          moves.push_back({std::move(choice), -g.divergence});
      }
      best_first(moves);
      for (const size_t i : try_some(moves, kTried, "relax"))
        if (cost(i) <= limit && divergence(i) < divergence(at)) at = i;
      found = at != from;
    }
  }

  size_t cheapest() const { return cheapest_within(result_, options_.objective); }

  /// Choices near to those found that should cost less than point `best`.
  std::vector<Move> neighbours(size_t best) const {
    double limit = kLeastDivergence;
    for (size_t i = 0; i < points_.size(); ++i)
      if (within_bound(i)) limit = std::max(limit, divergence(i) * kHopeless);
    std::vector<Move> moves;
    const auto consider = [&](const Choice& choice, size_t near) {
      const Predictor::Guess g = guess(choice, near);
      if (g.cost < cost(best) && g.divergence <= limit && !is_known(choice))
        moves.push_back({choice, worth(cost(best) - g.cost, g.divergence)});
    };
    for (const Choice& narrow : turns(points_[best].choice, true)) {
      consider(narrow, best);
      for (const Choice& swapped : turns(narrow, false)) consider(swapped, best);
    }
    for (size_t i = 0; i < points_.size(); ++i) {
      if (!has_figures(i) || cost(i) >= cost(best) || divergence(i) > 2 * limit) continue;
      for (const Choice& wide : turns(points_[i].choice, false)) consider(wide, i);
    }
    return moves;
  }

  void refine() {
    for (size_t best = cheapest(), failed = 0; failed < kRounds && budget_left(); ++failed) {
      std::vector<Move> moves = neighbours(best);
      best_first(moves);
      if (moves.empty()) return;
      try_some(moves, 2 * kTried, "refinement");
      if (cheapest() == best) continue;
      best = cheapest();
      failed = 0;
    }
  }

  const SearchSpace& space_;
  const SearchOptions& options_;
  const Measure& measure_;
  SearchResult result_;
  std::vector<SearchPoint>& points_ = result_.points;
  std::map<std::string, size_t> known_;  ///< points by their choice
  size_t tried_ = 0;                     ///< of the budget
  std::optional<Predictor> predictor_;
};

}  // namespace

std::string choice_key(const Choice& choice) {
  std::string key;
  for (const LayerChoice& layer : choice) {
    key += std::to_string(layer.weights) + std::to_string(layer.activations);
    if (layer.prune != 0) key += fmt::format("p{} ", layer.prune);
  }
  return key;
}

bool is_within_bound(const SearchResult& result, size_t point) {
  return result.points[point].failure.empty() &&
         result.credit[point] >= static_cast<double>(result.least_right);
}

size_t cheapest_within(const SearchResult& result, Objective objective) {
  size_t best = 0;
  for (size_t i = 1; i < result.points.size(); ++i)
    if (is_within_bound(result, i) &&
        cheaper(result.points[i].figures, result.points[best].figures, objective))
      best = i;
  return best;
}

SearchResult search(const SearchSpace& space, const SearchOptions& options,
                    const Measure& measure) {
  return Searcher(space, options, measure).run();
}

}  // namespace systole::search
