// SPDX-License-Identifier: Apache-2.0
// Peels fronts off.
#include "sim/optimise/archive.h"

#include <algorithm>
#include <numeric>

namespace systole::optimise {

front::Costs beyond(size_t objectives, bool ran, double violation) {
  constexpr double kBeyond = 1e18, kMost = 1e6;  // no figure of a row comes near
  const double level = ran ? 1 : 2 * kMost;
  return front::Costs(objectives, kBeyond * (level + std::min(violation, kMost)));
}

void Archive::add(Evaluated one) {
  index_[one.position] = all_.size();
  all_.push_back(std::move(one));
}

const Evaluated* Archive::find(const sweep::Position& position) const {
  const auto known = index_.find(position);
  return known == index_.end() ? nullptr : &all_[known->second];
}

std::vector<size_t> Archive::front() const { return candidates(1); }

std::vector<size_t> Archive::candidates(size_t count) const {
  std::vector<size_t> left(all_.size()), chosen;
  std::iota(left.begin(), left.end(), size_t{0});
  while (!left.empty() && chosen.size() < count) {
    std::vector<front::Costs> costs;
    costs.reserve(left.size());
    for (const size_t i : left) costs.push_back(all_[i].costs);
    const std::vector<size_t> front = front::front_of(costs);
    std::vector<size_t> rest;
    for (size_t at = 0, next = 0; at < left.size(); ++at) {
      const bool is_on = next < front.size() && front[next] == at;
      next += is_on;
      (is_on ? chosen : rest).push_back(left[at]);
    }
    left = std::move(rest);
  }
  return chosen;
}

const Evaluated* Archive::nearest_miss() const {
  const Evaluated* nearest = nullptr;
  for (const Evaluated& one : all_) {
    if (one.is_solution || one.row.at("status") == "failed") continue;
    if (nearest == nullptr || one.violation < nearest->violation) nearest = &one;
  }
  return nearest;
}

}  // namespace systole::optimise
