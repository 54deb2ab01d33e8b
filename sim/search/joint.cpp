// SPDX-License-Identifier: Apache-2.0
// Feeds all points that were measured to the optimiser, and measures what it proposes.
#include "sim/search/joint.h"

#include <algorithm>
#include <map>
#include <set>

#include "sim/optimise/explorer.h"
#include "sim/search/credit.h"
#include "sim/search/front.h"

namespace systole::search {
namespace {

constexpr double kSmallestDivergence = 1e-5;  // nats; less is noise, and 0 has no logarithm

class JointSearcher {
 public:
  JointSearcher(const SearchSpace& space, const SearchOptions& options,
                const JointOptions& generations, const Measure& measure, SearchResult result)
      : space_(space),
        options_(options),
        generations_(generations),
        measure_(measure),
        result_(std::move(result)),
        explorer_(choice_space(), 2, generations.population, generations.seed) {
    for (const SearchPoint& point : result_.points) archive(point);
  }

  SearchResult run() {
    try_all(uniform(), "uniform");
    try_all(singles(), "sensitivity");
    size_t left = generations_.budget;
    while (left != 0) {
      const auto next = explorer_.next(archive_, left);
      if (next.empty()) break;
      std::vector<Choice> choices;
      for (const sweep::Position& position : next) choices.push_back(space_.choice(position));
      left -= try_all(choices, "generation");
    }
    result_.credit = credited(result_.points);
    result_.chosen = cheapest_within(result_, options_.objective);
    result_.front = pareto_front(result_.points, result_.credit, options_.objective);
    return std::move(result_);
  }

 private:
  optimise::ChoiceSpace choice_space() const {
    std::vector<uint32_t> choices;
    for (const Knob& knob : space_.knobs())
      choices.push_back(static_cast<uint32_t>(space_.values(knob).size()));
    return {choices,
            [this](const sweep::Position& position) {
              return space_.position(space_.choice(position));
            },
            [](const sweep::Position&) { return true; }};
  }

  void archive(const SearchPoint& point) {
    optimise::Evaluated made;
    made.position = space_.position(point.choice);
    made.is_solution = point.failure.empty();
    made.costs = made.is_solution
                     ? front::Costs{point.figures.cost(options_.objective),
                                    std::max(kSmallestDivergence, point.figures.divergence)}
                     : optimise::beyond(2, false, 0);
    if (archive_.find(made.position) == nullptr) archive_.add(std::move(made));
  }

  /// Measures those of `choices` that are new; how many these are.
  size_t try_all(const std::vector<Choice>& choices, const std::string& phase) {
    std::vector<Choice> fresh;
    std::set<sweep::Position> taken;
    for (const Choice& choice : choices) {
      const sweep::Position position = space_.position(choice);
      if (archive_.find(position) == nullptr && taken.insert(position).second)
        fresh.push_back(choice);
    }
    if (fresh.empty()) return 0;
    for (SearchPoint& point : measure_(fresh)) {
      point.phase = phase;
      archive(point);
      result_.points.push_back(std::move(point));
    }
    return fresh.size();
  }

  /// Each kind in all layers that it suits, at every width that was tried for all layers.
  std::vector<Choice> uniform() const {
    std::vector<Choice> choices;
    for (size_t kind = 1; kind <= space_.prunes().size(); ++kind)
      for (const size_t point : result_.uniform) {
        Choice choice = result_.points[point].choice;
        for (const Knob& knob : space_.knobs())
          if (knob.kind == Knob::Kind::kPrune)
            choice = space_.turned(choice, knob, -static_cast<int>(kind));
        choices.push_back(std::move(choice));
      }
    return choices;
  }

  /// What each layer alone may be pruned by, and each tensor's inputs alone.
  std::vector<Choice> singles() const {
    std::vector<Choice> choices;
    const Choice wide = space_.uniform({});
    for (const Knob& knob : space_.knobs()) {
      if (knob.kind == Knob::Kind::kWeights) continue;
      for (const int value : space_.values(knob)) {
        Choice choice = space_.turned(wide, knob, value);
        // Of a tensor: with its readers' weights as they are.
        for (const Knob& other : space_.knobs())
          if (knob.kind == Knob::Kind::kActivations && other.kind == Knob::Kind::kWeights)
            choice = space_.turned(choice, other, other.value(wide));
        choices.push_back(std::move(choice));
      }
    }
    return choices;
  }

  const SearchSpace& space_;
  const SearchOptions& options_;
  const JointOptions& generations_;
  const Measure& measure_;
  SearchResult result_;
  optimise::Archive archive_;
  optimise::Explorer explorer_;
};

}  // namespace

SearchResult search_jointly(const SearchSpace& widths, const SearchSpace& joint,
                            const SearchOptions& options, const JointOptions& generations,
                            const Measure& measure) {
  return JointSearcher(joint, options, generations, measure, search(widths, options, measure))
      .run();
}

}  // namespace systole::search
