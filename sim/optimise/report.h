// SPDX-License-Identifier: Apache-2.0
// The front that an optimisation found, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/optimise/archive.h"
#include "sim/optimise/problem.h"

namespace systole::optimise {

/// Rows of the front, as the search has them.
std::vector<nlohmann::ordered_json> front_rows(const Archive& archive);

/// A line a point, by the first objective. `points`: of the space, of an exact front; 0: unknown.
std::string front_text(const Problem& problem, const Archive& archive, size_t points = 0,
                       size_t width = 0);
/// "objectives", "evaluated", of an exact front "points", and "front", rows as a sweep has them.
nlohmann::ordered_json front_json(const Problem& problem, const Archive& archive,
                                  size_t points = 0);

}  // namespace systole::optimise
