// SPDX-License-Identifier: Apache-2.0
// The best guess is that which the front is furthest from covering: the largest e so that e added
// to each of its costs leaves it unbeaten.
#include "sim/optimise/guesses.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace systole::optimise {
namespace {

constexpr double kWhole = 20'000;  // points of a space that are all looked at
constexpr size_t kLearned = 400;   // evaluated points that guesses rest on
constexpr size_t kLeast = 8;       // with fewer nothing is guessed
constexpr double kMiss = 0.02;     // share of a limit that a point may seem to miss

/// By how much `costs` is beyond `other`, as a share of `range`.
double beyond_of(const front::Costs& costs, const front::Costs& other, const front::Costs& range) {
  double most = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < costs.size(); ++i) most = std::max(most, (other[i] - costs[i]) / range[i]);
  return most;
}

/// What costs of the front lie between; 1 where it is a point.
front::Costs range_of(const std::vector<front::Costs>& front) {
  front::Costs low = front[0], high = front[0];
  for (const front::Costs& one : front)
    for (size_t i = 0; i < one.size(); ++i) {
      low[i] = std::min(low[i], one[i]);
      high[i] = std::max(high[i], one[i]);
    }
  for (size_t i = 0; i < low.size(); ++i) low[i] = high[i] > low[i] ? high[i] - low[i] : 1;
  return low;
}

}  // namespace

Guesses::Guesses(size_t objectives, const std::vector<uint32_t>& choices, Admits admits)
    : choices_(choices),
      admits_(std::move(admits)),
      objectives_(objectives, Surrogate(choices)),
      violation_(choices) {}

std::vector<sweep::Position> Guesses::pool(const Archive& archive,
                                           const std::vector<sweep::Position>& others) const {
  std::set<sweep::Position> places(others.begin(), others.end());
  const double product = std::accumulate(choices_.begin(), choices_.end(), 1.0,
                                         [](double n, uint32_t count) { return n * count; });
  if (product <= kWhole) {
    sweep::Position place(choices_.size());
    for (bool more = true; more;) {
      places.insert(place);
      more = false;
      for (size_t i = place.size(); i-- > 0 && !more;) {
        more = ++place[i] < choices_[i];
        if (!more) place[i] = 0;
      }
    }
  } else {
    // Every other choice on one axis, and a step on a second one.
    for (const size_t i : archive.front())
      for (size_t axis = 0; axis < choices_.size(); ++axis)
        for (uint32_t choice = 0; choice < choices_[axis]; ++choice) {
          sweep::Position next = archive.all()[i].position;
          next[axis] = choice;
          places.insert(next);
          for (size_t second = axis + 1; second < choices_.size(); ++second)
            for (const int step : {-1, 1}) {
              sweep::Position further = next;
              further[second] += static_cast<uint32_t>(step);
              if (further[second] < choices_[second]) places.insert(std::move(further));
            }
        }
  }
  std::vector<sweep::Position> fresh;
  for (const sweep::Position& place : places)
    if (archive.find(place) == nullptr && admits_(place)) fresh.push_back(place);
  return fresh;
}

void Guesses::drop_misses(const Archive& archive, std::vector<sweep::Position>& places) {
  std::vector<sweep::Position> known;
  std::vector<double> violations;
  bool any = false;
  for (const size_t i : archive.candidates(kLearned)) {
    const Evaluated& one = archive.all()[i];
    if (!one.is_solution && one.violation <= 0) continue;  // it failed to run
    known.push_back(one.position);
    violations.push_back(std::min(one.violation, 1.0));
    any |= one.violation > 0;
  }
  if (!any) return;
  violation_.fit(known, violations);
  const std::vector<double> guessed = violation_.predict(places);
  std::vector<sweep::Position> left;
  for (size_t i = 0; i < places.size(); ++i)
    if (guessed[i] <= kMiss) left.push_back(std::move(places[i]));
  places = std::move(left);
}

std::vector<front::Costs> Guesses::guess(const Archive& archive,
                                         const std::vector<sweep::Position>& places) {
  std::vector<front::Costs> costs(places.size());
  std::vector<sweep::Position> known;
  std::vector<size_t> chosen;
  for (const size_t i : archive.candidates(kLearned)) {
    if (!archive.all()[i].is_solution || chosen.size() == kLearned) continue;
    chosen.push_back(i);
    known.push_back(archive.all()[i].position);
  }
  for (size_t k = 0; k < objectives_.size(); ++k) {
    std::vector<double> values;
    values.reserve(chosen.size());
    for (const size_t i : chosen) values.push_back(archive.all()[i].costs[k]);
    objectives_[k].fit(known, values);
    const std::vector<double> guessed = objectives_[k].predict(places);
    for (size_t i = 0; i < places.size(); ++i) costs[i].push_back(guessed[i]);
  }
  return costs;
}

std::vector<sweep::Position> Guesses::promising(const Archive& archive,
                                                const std::vector<sweep::Position>& others,
                                                size_t count) {
  std::vector<front::Costs> front;
  for (const size_t i : archive.front())
    if (archive.all()[i].is_solution) front.push_back(archive.all()[i].costs);
  const auto solutions = std::count_if(archive.all().begin(), archive.all().end(),
                                       [](const Evaluated& one) { return one.is_solution; });
  if (static_cast<size_t>(solutions) < kLeast) return {};
  std::vector<sweep::Position> places = pool(archive, others);
  drop_misses(archive, places);
  if (places.empty()) return {};
  const std::vector<front::Costs> costs = guess(archive, places);
  const front::Costs range = range_of(front);
  std::vector<double> worth(places.size(), std::numeric_limits<double>::infinity());
  const auto add = [&](const front::Costs& one) {
    for (size_t i = 0; i < places.size(); ++i)
      worth[i] = std::min(worth[i], beyond_of(costs[i], one, range));
  };
  for (const front::Costs& one : front) add(one);
  std::vector<sweep::Position> chosen;
  while (chosen.size() < std::min(count, places.size())) {
    const auto best =
        static_cast<size_t>(std::max_element(worth.begin(), worth.end()) - worth.begin());
    chosen.push_back(places[best]);
    add(costs[best]);
    worth[best] = -std::numeric_limits<double>::infinity();
  }
  return chosen;
}

}  // namespace systole::optimise
