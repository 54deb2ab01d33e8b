// SPDX-License-Identifier: Apache-2.0
// Runs all points of a sweep.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/sweep/spec.h"

namespace systole::sweep {

/// Runs each point in a process of its own, at most `jobs` at once. `added` sees each row as it
/// comes. Returns the rows in the order of the points: the same whatever `jobs` is.
std::vector<nlohmann::ordered_json> run_sweep(
    const SweepSpec& spec, int jobs,
    const std::function<void(const nlohmann::ordered_json& row)>& added);

}  // namespace systole::sweep
