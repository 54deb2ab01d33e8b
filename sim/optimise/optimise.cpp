// SPDX-License-Identifier: Apache-2.0
// Evaluates generation by generation what the explorer proposes.
#include "sim/optimise/optimise.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/optimise/explorer.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/limits.h"

namespace systole::optimise {
namespace {

std::string limits_text(const std::vector<results::FailedLimit>& failed) {
  return sweep::failed_limits_text(sweep::failed_limits_json(failed));
}

double violation_of(const std::vector<results::FailedLimit>& failed) {
  double sum = 0;
  for (const results::FailedLimit& one : failed) sum += one.over.value_or(1);
  return sum;
}

std::vector<uint32_t> choices_of(const std::vector<sweep::Axis>& axes) {
  std::vector<uint32_t> choices;
  choices.reserve(axes.size());
  for (const sweep::Axis& axis : axes)
    choices.push_back(static_cast<uint32_t>(axis.choices.size()));
  return choices;
}

class Search {
 public:
  Search(const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
         const std::function<void(const nlohmann::ordered_json&, bool)>& added)
      : problem_(problem),
        explorer_(space(), problem.objectives.size(), problem.population, problem.seed()),
        evaluator_(problem, options, store, added) {}

  Archive run() {
    const sweep::Sampling sampling{std::min(problem_.population, problem_.budget), problem_.seed(),
                                   true};
    const auto drawn = sweep::draw_positions(problem_.space->axes(), sampling);
    const auto first = explorer_.first(archive_, {drawn.begin(), drawn.end()}, sampling.samples);
    if (first.empty()) refuse_where();
    evaluate(first);
    while (archive_.size() < problem_.budget) {
      const auto next = explorer_.next(archive_, problem_.budget - archive_.size());
      if (next.empty()) break;
      evaluate(next);
    }
    check_solutions(problem_, archive_);
    return std::move(archive_);
  }

 private:
  ChoiceSpace space() {
    const std::vector<sweep::Axis>& axes = problem_.space->axes();
    return {choices_of(axes),
            [&axes](const sweep::Position& position) { return sweep::tidied(axes, position); },
            [this](const sweep::Position& position) { return admits(position); }};
  }

  /// Whether `where` lets the point there through; else the nearest miss is kept.
  bool admits(const sweep::Position& position) {
    const auto [point, failed] = problem_.space->point_at(position);
    if (failed.empty()) return true;
    const double violation = violation_of(failed);
    if (dropped_.empty() || violation < least_dropped_) {
      least_dropped_ = violation;
      dropped_ = fmt::format("{} fails {}", sweep::hardware_text(point), limits_text(failed));
    }
    return false;
  }

  void evaluate(const std::vector<sweep::Position>& positions) {
    std::vector<Candidate> candidates;
    for (const sweep::Position& position : positions)
      candidates.push_back({position, problem_.space->point_at(position).first});
    for (Evaluated& one : evaluator_.evaluate(candidates)) archive_.add(std::move(one));
  }

  [[noreturn]] void refuse_where() const {
    throw Error(fmt::format("{}: where: drops all of the points that were drawn, the nearest: {}",
                            problem_.file, dropped_));
  }

  const Problem& problem_;
  Explorer explorer_;
  Evaluator evaluator_;
  Archive archive_;
  std::string dropped_;  ///< the nearest miss of `where`
  double least_dropped_ = 0;
};

}  // namespace

void check_solutions(const Problem& problem, const Archive& archive) {
  const std::vector<Evaluated>& all = archive.all();
  if (std::any_of(all.begin(), all.end(), [](const Evaluated& one) { return one.is_solution; }))
    return;
  const Evaluated* nearest = archive.nearest_miss();
  if (nearest == nullptr)
    throw Error(fmt::format("{}: none of {} points could be run, the first: {}", problem.file,
                            all.size(), all[0].row.at("reason").get<std::string>()));
  throw Error(fmt::format("{}: none of {} points meets all limits, the nearest: {} fails {}",
                          problem.file, all.size(), sweep::hardware_text(nearest->point),
                          sweep::failed_limits_text(nearest->row.at("failed_limits"))));
}

Archive optimise(const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
                 const std::function<void(const nlohmann::ordered_json&, bool)>& added) {
  return Search(problem, options, store, added).run();
}

}  // namespace systole::optimise
