// SPDX-License-Identifier: Apache-2.0
// A workload: networks that one machine is to run, each with its weight, batch and limits.
#pragma once

#include <string>
#include <vector>

#include "sim/expression/expression.h"
#include "sim/sweep/point_keys.h"

namespace systole::sweep {

struct Member {
  Choice change;      ///< what it says of a point
  double weight = 1;  ///< above 0
  std::vector<expression::Expression> limits;
};

/// Reads `workload`: a list of maps of `network`, `weight`, `require`, and what a network may say
/// for itself. Throws Error with place.
std::vector<Member> read_workload(const SpecFile& file, const YAML::Node& key,
                                  const YAML::Node& list, PointKeys& keys);

}  // namespace systole::sweep
