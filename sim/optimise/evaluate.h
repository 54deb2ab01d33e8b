// SPDX-License-Identifier: Apache-2.0
// Points of a generation as a sweep of their own.
#pragma once

#include <functional>
#include <vector>

#include "sim/optimise/archive.h"
#include "sim/optimise/problem.h"
#include "sim/sweep/sweep.h"

namespace systole::optimise {

/// A point that may be evaluated.
struct Candidate {
  sweep::Position position;
  sweep::SweepPoint point;
};

class Evaluator {
 public:
  /// `added`: sees every row of a point as it comes, `fresh`: it was run now. All outlive it.
  Evaluator(const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
            const std::function<void(const nlohmann::ordered_json& row, bool fresh)>& added)
      : problem_(problem), options_(options), store_(store), added_(added) {}

  /// In their order, whatever the number of jobs is; those that `store` has are not run.
  std::vector<Evaluated> evaluate(const std::vector<Candidate>& candidates);

 private:
  Evaluated evaluated(const Candidate& candidate, const nlohmann::ordered_json& row) const;

  const Problem& problem_;
  const sweep::SweepOptions& options_;
  results::Store& store_;
  const std::function<void(const nlohmann::ordered_json&, bool)>& added_;
  sweep::SweepCache cache_;
};

}  // namespace systole::optimise
