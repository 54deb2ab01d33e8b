// SPDX-License-Identifier: Apache-2.0
// What is to be optimised, as YAML (docs/optimise.md): a sweep file with objectives and a budget.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/front/objective.h"
#include "sim/sweep/spec.h"

namespace systole::optimise {

struct Problem {
  std::string file;
  std::unique_ptr<sweep::SweepSpace> space;
  std::vector<front::Objective> objectives;
  size_t budget = 0;       ///< points that are evaluated at most; 0: not stated
  size_t population = 24;  ///< of a generation; a multiple of 4

  uint64_t seed() const { return space->seed(); }
};

/// `needs_budget`: whether the file must state one. Throws Error with file, line and column.
Problem load_problem(const std::filesystem::path& file, bool needs_budget = true);

}  // namespace systole::optimise
