// SPDX-License-Identifier: Apache-2.0
// Rows of a sweep's result: JSON objects and lines of CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/store.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// The point, and its figures or the reason why it has none.
nlohmann::ordered_json sweep_row(size_t index, const SweepPoint& point,
                                 const results::StoredPoint& result);

/// The header of the CSV of a sweep that overrides `keys`, and the line of `row` below it.
std::string sweep_csv_header(const std::vector<std::string>& keys);
std::string sweep_csv_line(const std::vector<std::string>& keys, const nlohmann::ordered_json& row);

}  // namespace systole::sweep
