// SPDX-License-Identifier: Apache-2.0
// The front that an optimisation found, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/optimise/archive.h"
#include "sim/optimise/problem.h"

namespace systole::optimise {

/// A line a point, by the first objective.
std::string front_text(const Problem& problem, const Archive& archive);
/// "objectives", "evaluated", and "front", rows as a sweep has them.
nlohmann::ordered_json front_json(const Problem& problem, const Archive& archive);

}  // namespace systole::optimise
