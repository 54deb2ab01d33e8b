// SPDX-License-Identifier: Apache-2.0
// Generation by generation; every choice is drawn from the seed.
#include "sim/optimise/optimise.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/base/error.h"
#include "model/base/seeded_random.h"
#include "sim/nsga2/nsga2.h"
#include "sim/optimise/guesses.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/limits.h"

namespace systole::optimise {
namespace {

constexpr size_t kBred = 4;        // one of so many points of a generation is a child
constexpr size_t kTries = 10'000;  // at a point that `where` lets through and that is new

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
        choices_(choices_of(problem.space->axes())),
        nsga2_(choices_, problem.seed()),
        random_(problem.seed()),
        guesses_(problem, choices_),
        evaluator_(problem, options, store, added) {}

  Archive run() {
    sweep::Sampling sampling{std::min(problem_.population, problem_.budget), problem_.seed(), true};
    Batch first(*this);
    for (const sweep::Position& position : sweep::draw_positions(problem_.space->axes(), sampling))
      first.try_add(position);
    first.fill_at_random();
    if (first.is_empty()) refuse_where();
    first.evaluate();
    while (archive_.size() < problem_.budget && generation()) {
    }
    check_solutions(problem_, archive_);
    return std::move(archive_);
  }

 private:
  /// Points of a generation that are new.
  class Batch {
   public:
    explicit Batch(Search& search)
        : search_(search),
          room_(std::min(search.problem_.population,
                         search.problem_.budget - search.archive_.size())) {}

    bool is_full() const { return candidates_.size() >= room_; }
    bool is_empty() const { return candidates_.empty(); }
    size_t size() const { return candidates_.size(); }
    size_t room() const { return room_ - candidates_.size(); }

    /// Unless it is full, the point is known, or `where` drops it.
    bool try_add(const sweep::Position& wanted) {
      if (is_full()) return false;
      const sweep::Position position = sweep::tidied(search_.problem_.space->axes(), wanted);
      if (search_.archive_.find(position) != nullptr || !taken_.insert(position).second)
        return false;
      const sweep::SweepPoint* point = search_.admit(position);
      if (point == nullptr) return false;
      candidates_.push_back({position, *point});
      return true;
    }
    void fill_at_random() {
      for (size_t i = 0; i < kTries && !is_full(); ++i) {
        sweep::Position position;
        for (const uint32_t count : search_.choices_)
          position.push_back(static_cast<uint32_t>(search_.random_.below(count)));
        try_add(position);
      }
    }
    void evaluate() {
      for (Evaluated& one : search_.evaluator_.evaluate(candidates_))
        search_.archive_.add(std::move(one));
    }

   private:
    Search& search_;
    const size_t room_;
    std::vector<Candidate> candidates_;
    std::set<sweep::Position> taken_;
  };

  /// The point there, or null: `where` drops it. Kept until the next one.
  const sweep::SweepPoint* admit(const sweep::Position& position) {
    auto [point, failed] = problem_.space->point_at(position);
    admitted_ = std::move(point);
    if (failed.empty()) return &admitted_;
    const double violation = violation_of(failed);
    if (dropped_.empty() || violation < least_dropped_) {
      least_dropped_ = violation;
      dropped_ = fmt::format("{} fails {}", sweep::hardware_text(admitted_), limits_text(failed));
    }
    return nullptr;
  }

  /// False: nothing new is left.
  bool generation() {
    const std::vector<size_t> parents = choose_parents();
    std::vector<nsga2::Genes> genes;
    std::vector<front::Costs> costs;
    for (const size_t i : parents) {
      genes.push_back(archive_.all()[i].position);
      costs.push_back(archive_.all()[i].costs);
    }
    const std::vector<nsga2::Genes> children = nsga2_.breed(genes, costs);
    Batch batch(*this);
    for (const nsga2::Genes& child : children)
      if (batch.size() < problem_.population / kBred) batch.try_add(child);
    for (const sweep::Position& guess : guesses_.promising(archive_, children, batch.room()))
      batch.try_add(guess);
    for (const sweep::Position& next : neighbours()) batch.try_add(next);
    batch.fill_at_random();
    if (batch.is_empty()) return false;
    batch.evaluate();
    return true;
  }

  /// As many as the population, some several times where there are fewer points.
  std::vector<size_t> choose_parents() const {
    std::vector<size_t> all = archive_.candidates(problem_.population);
    if (all.size() > problem_.population) {
      std::vector<front::Costs> costs;
      costs.reserve(all.size());
      for (const size_t i : all) costs.push_back(archive_.all()[i].costs);
      std::vector<size_t> chosen;
      for (const size_t at : nsga2::Nsga2::best(costs, problem_.population))
        chosen.push_back(all[at]);
      return chosen;
    }
    std::vector<size_t> parents;
    while (parents.size() < problem_.population)
      parents.push_back(all[parents.size() % all.size()]);
    return parents;
  }

  /// Points one step from the front on one axis, in any order.
  std::vector<sweep::Position> neighbours() {
    std::vector<sweep::Position> all;
    for (const size_t i : archive_.front())
      for (size_t axis = 0; axis < choices_.size(); ++axis)
        for (const int step : {-1, 1}) {
          sweep::Position next = archive_.all()[i].position;
          next[axis] += static_cast<uint32_t>(step);  // below 0 it is beyond all
          if (next[axis] < choices_[axis]) all.push_back(std::move(next));
        }
    for (size_t i = all.size(); i-- > 1;)
      std::swap(all[i], all[static_cast<size_t>(random_.range(0, static_cast<int64_t>(i)))]);
    return all;
  }

  [[noreturn]] void refuse_where() const {
    throw Error(fmt::format("{}: where: drops all of the points that were drawn, the nearest: {}",
                            problem_.file, dropped_));
  }

  const Problem& problem_;
  const std::vector<uint32_t> choices_;
  nsga2::Nsga2 nsga2_;
  SeededRandom random_;
  Guesses guesses_;
  Evaluator evaluator_;
  Archive archive_;
  sweep::SweepPoint admitted_;
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
