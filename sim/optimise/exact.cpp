// SPDX-License-Identifier: Apache-2.0
// Areas here, bounds in workers, one for each network as it is quantised; then points by area.
#include "sim/optimise/exact.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "model/arch/arch.h"
#include "model/base/error.h"
#include "sim/energy/area.h"
#include "sim/optimise/evaluate.h"
#include "sim/optimise/optimise.h"
#include "sim/process/worker_pool.h"
#include "sim/sweep/exclusion.h"
#include "sim/sweep/front_half.h"
#include "sim/sweep/machines.h"

namespace systole::optimise {
namespace {

constexpr double kMostPlaces = 1'000'000;
constexpr size_t kTogether = 4;     // points that are evaluated before bounds are looked at again
constexpr double kRounding = 1e-9;  // of a latency: bounds and figures are divided differently

struct Place {
  sweep::Position position;
  double area = 0;   ///< mm2; 0: not known, as the hardware is refused
  double bound = 0;  ///< ms, at least; 0: not known
};

class ExactSearch {
 public:
  ExactSearch(const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
              const std::function<void(const nlohmann::ordered_json&, bool)>& added)
      : problem_(problem), options_(options), evaluator_(problem, options, store, added) {
    check();
  }

  ExactFront run() {
    list_places();
    find_bounds();
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return std::tie(a.area, a.bound, a.position) < std::tie(b.area, b.bound, b.position);
    });
    for (size_t next = 0; next < places_.size();) {
      std::vector<Candidate> batch;
      for (; next < places_.size() && batch.size() < kTogether; ++next)
        if (!is_beaten(places_[next]))
          batch.push_back({places_[next].position, point_at(places_[next].position)});
      for (Evaluated& one : evaluator_.evaluate(batch)) add(std::move(one));
    }
    check_solutions(problem_, made_.archive);
    made_.points = places_.size();
    return std::move(made_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(fmt::format("{}: --exact: {}", problem_.file, problem));
  }

  void check() {
    std::vector<std::string> names;
    for (const front::Objective& one : problem_.objectives)
      if (!one.maximise) names.push_back(one.name);
    std::sort(names.begin(), names.end());
    if (names != std::vector<std::string>{"area", "latency"} || problem_.objectives.size() != 2)
      fail("takes latency against area alone, expected objectives: [latency, area]");
    if (problem_.space->has_workload()) fail("a workload has no lower bounds, expected networks");
    double product = 1;
    for (const sweep::Axis& axis : problem_.space->axes())
      product *= static_cast<double>(axis.choices.size());
    if (product > kMostPlaces)
      fail(fmt::format("the space has {:.0f} points, expected {:.0f} at most", product,
                       kMostPlaces));
  }

  sweep::SweepPoint point_at(const sweep::Position& position) const {
    return problem_.space->point_at(position).first;
  }

  /// All that `where` lets through, each once, by the front half that they share.
  void list_places() {
    const std::vector<sweep::Axis>& axes = problem_.space->axes();
    sweep::Position position(axes.size());
    for (bool more = true; more;) {
      if (sweep::tidied(axes, position) == position) add_place(position);
      more = false;
      for (size_t i = axes.size(); i-- > 0 && !more;) {
        more = ++position[i] < axes[i].choices.size();
        if (!more) position[i] = 0;
      }
    }
    if (places_.empty())
      throw Error(fmt::format("{}: where: drops all of the points", problem_.file));
  }

  void add_place(const sweep::Position& position) {
    const auto [point, failed] = problem_.space->point_at(position);
    if (!failed.empty()) return;
    std::string front;
    Place place{position};
    try {
      const arch::ArchConfig arch = machines_.config(point);
      place.area = energy::estimate_area(tables_.find(point.energy_table), arch.hw).total_mm2();
      front = sweep::front_key(point, arch);
    } catch (const Error&) {  // its row will say so
    }
    fronts_[front].push_back(places_.size());
    places_.push_back(std::move(place));
  }

  /// Points that have none are evaluated: their rows say why.
  void find_bounds() {
    std::vector<const std::vector<size_t>*> groups;
    for (const auto& [front, members] : fronts_)
      if (!front.empty()) groups.push_back(&members);
    process::run_workers(
        groups.size(), options_.jobs, [&](size_t i) { return bounds_of(*groups[i]).dump(); },
        [&](size_t i, const process::WorkerResult& result) {
          if (!result.ok) return;
          const auto bounds = nlohmann::json::parse(result.text).get<std::vector<double>>();
          for (size_t k = 0; k < bounds.size(); ++k) places_[(*groups[i])[k]].bound = bounds[k];
        });
  }

  nlohmann::json bounds_of(const std::vector<size_t>& members) {
    std::vector<double> bounds;
    std::optional<sweep::FrontHalf> half;
    for (const size_t i : members) {
      const sweep::SweepPoint point = point_at(places_[i].position);
      const arch::ArchConfig arch = machines_.config(point);
      if (!half) half = sweep::make_front_half(point, arch);
      bounds.push_back(sweep::point_bounds(half->plan, arch, point.repeat).latency_ms);
    }
    return bounds;
  }

  /// Whether a point of no more area is faster than `place` can be. Places come by area.
  bool is_beaten(const Place& place) const {
    return place.area > 0 && fastest_ < place.bound * (1 - kRounding);
  }

  void add(Evaluated one) {
    if (one.is_solution) fastest_ = std::min(fastest_, one.row.at("latency_ms").get<double>());
    made_.archive.add(std::move(one));
  }

  const Problem& problem_;
  const sweep::SweepOptions& options_;
  Evaluator evaluator_;
  sweep::Machines machines_;
  energy::EnergyTables tables_;
  std::vector<Place> places_;
  std::map<std::string, std::vector<size_t>> fronts_;         ///< places by front half
  double fastest_ = std::numeric_limits<double>::infinity();  ///< ms, of those evaluated
  ExactFront made_;
};

}  // namespace

ExactFront optimise_exactly(const Problem& problem, const sweep::SweepOptions& options,
                            results::Store& store,
                            const std::function<void(const nlohmann::ordered_json&, bool)>& added) {
  return ExactSearch(problem, options, store, added).run();
}

}  // namespace systole::optimise
