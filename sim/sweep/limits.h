// SPDX-License-Identifier: Apache-2.0
// What results are held to: `require` of a sweep.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/expression/expression.h"
#include "sim/results/store.h"
#include "sim/sweep/point_values.h"

namespace systole::sweep {

/// Keys that limits may have: those of PointValues, and the figures of a row that are numbers.
const std::vector<std::string>& limit_keys();

/// The limits of `limits` that a point with `figures` fails, each by its text and by which share.
std::vector<results::FailedLimit> failed_limits(const std::vector<expression::Expression>& limits,
                                                const SweepPoint& point,
                                                const nlohmann::ordered_json& figures,
                                                PointValues& values);

/// The list of a row: a map of "limit" and, if it is known, "over" for each; and back.
nlohmann::ordered_json failed_limits_json(const std::vector<results::FailedLimit>& failed);
std::vector<results::FailedLimit> failed_limits_of(const nlohmann::ordered_json& list);

/// "latency_ms <= 8 by 25.0 %; ..." of the list of a row.
std::string failed_limits_text(const nlohmann::ordered_json& failed);

}  // namespace systole::sweep
