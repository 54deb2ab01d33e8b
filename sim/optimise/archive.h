// SPDX-License-Identifier: Apache-2.0
// All points that an optimisation has evaluated, and which of them are worth more than others.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/front/front.h"
#include "sim/sweep/axis.h"

namespace systole::optimise {

/// What became of a position.
struct Evaluated {
  sweep::Position position;
  sweep::SweepPoint point;
  nlohmann::ordered_json row;  ///< as a sweep has it, of the point or of the machine's group
  front::Costs costs;          ///< by the objectives; where it is no solution beyond all that are
  bool is_solution = false;    ///< it ran, and meets all limits
  double violation = 0;        ///< by which shares it fails limits, all together
};

/// The costs of what is no solution: more than those of all that are, and the more the more limits
/// fail; `ran`: it failed limits alone.
front::Costs beyond(size_t objectives, bool ran, double violation);

class Archive {
 public:
  void add(Evaluated one);
  const Evaluated* find(const sweep::Position& position) const;
  size_t size() const { return all_.size(); }
  const std::vector<Evaluated>& all() const { return all_; }
  /// Solutions that no other one beats, or, if there is none, the nearest miss.
  std::vector<size_t> front() const;
  /// Those that `count` parents may be chosen from: whole fronts, the best first.
  std::vector<size_t> candidates(size_t count) const;
  /// What fails the least; null if nothing ran.
  const Evaluated* nearest_miss() const;

 private:
  std::vector<Evaluated> all_;
  std::map<sweep::Position, size_t> index_;
};

}  // namespace systole::optimise
