// SPDX-License-Identifier: Apache-2.0
// The front of a space by NSGA-II and by guesses from what was evaluated.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "sim/optimise/archive.h"
#include "sim/optimise/evaluate.h"
#include "sim/optimise/problem.h"

namespace systole::optimise {

/// Evaluates points of `problem` until the budget is spent or none is left. Each generation is
/// bred in part from the best of all points before it; most of it is what surrogates guess to be
/// beyond the front, and where they guess nothing new, neighbours of points on it. The same for the
/// same problem whatever `options.jobs` is and whichever points `store` has. Throws Error: built
/// without pagmo, nothing that meets `where` or the limits (with the nearest miss), nothing that
/// could be run.
Archive optimise(const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
                 const std::function<void(const nlohmann::ordered_json& row, bool fresh)>& added);

/// Throws Error if none of the points that were evaluated is a solution.
void check_solutions(const Problem& problem, const Archive& archive);

}  // namespace systole::optimise
