// SPDX-License-Identifier: Apache-2.0
// The whole front of latency against area, without the points that their lower bounds tell of.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "sim/optimise/archive.h"
#include "sim/optimise/problem.h"
#include "sim/sweep/sweep.h"

namespace systole::optimise {

struct ExactFront {
  Archive archive;    ///< the points that were evaluated
  size_t points = 0;  ///< of the space, those that `where` drops left out
};

/// Evaluates points of `problem` by area, the smallest first, but for those whose latency is by
/// their lower bound (sim/sweep/exclusion.h) more than that of a point of no more area: what is
/// left out is on no front. The same whatever `options.jobs` is and whichever points `store` has.
/// Throws Error: other objectives, a workload, a space of more than a million points, and as
/// optimise().
ExactFront optimise_exactly(
    const Problem& problem, const sweep::SweepOptions& options, results::Store& store,
    const std::function<void(const nlohmann::ordered_json& row, bool fresh)>& added);

}  // namespace systole::optimise
