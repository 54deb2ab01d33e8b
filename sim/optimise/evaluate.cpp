// SPDX-License-Identifier: Apache-2.0
// From rows to costs.
#include "sim/optimise/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/sweep/limits.h"

namespace systole::optimise {

std::vector<Evaluated> Evaluator::evaluate(const std::vector<Candidate>& candidates) {
  std::vector<sweep::SweepPoint> points;
  points.reserve(candidates.size());
  for (const Candidate& one : candidates) points.push_back(one.point);
  const sweep::SweepSpec spec = problem_.space->spec_of(std::move(points));
  const sweep::SweepRows rows = sweep::run_sweep(spec, options_, store_, added_, cache_);
  std::vector<Evaluated> made;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (spec.workload.empty()) {
      made.push_back(evaluated(candidates[i], rows.points[i]));
      continue;
    }
    // The baseline stands in front, and once.
    const auto group = std::find(spec.groups.begin(), spec.groups.end(), candidates[i].point);
    made.push_back(
        evaluated(candidates[i], rows.groups[static_cast<size_t>(group - spec.groups.begin())]));
  }
  return made;
}

Evaluated Evaluator::evaluated(const Candidate& candidate,
                               const nlohmann::ordered_json& row) const {
  Evaluated made{candidate.position, candidate.point, row, {}, false, 0};
  const size_t objectives = problem_.objectives.size();
  const bool finished = row.at("status") == "finished";
  if (row.contains("failed_limits"))
    for (const results::FailedLimit& one : sweep::failed_limits_of(row.at("failed_limits")))
      made.violation += one.over.value_or(1);
  const bool misses = row.contains("failed_limits") && !row.at("failed_limits").empty();
  made.is_solution = finished && !misses;
  if (!made.is_solution) {
    made.costs = beyond(objectives, row.at("status") != "failed", made.violation);
    return made;
  }
  for (const front::Objective& one : problem_.objectives) {
    if (!row.contains(one.figure))
      throw Error(fmt::format("{}: objectives: a point has no {}", problem_.file, one.figure));
    made.costs.push_back(one.cost(row.at(one.figure).get<double>()));
  }
  return made;
}

}  // namespace systole::optimise
