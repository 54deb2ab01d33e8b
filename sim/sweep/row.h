// SPDX-License-Identifier: Apache-2.0
// Rows of a sweep's result: JSON objects and lines of CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/store.h"
#include "sim/sweep/spec.h"

namespace systole::sweep {

/// What a row has of its point: widths, pruning, architecture, overrides.
nlohmann::ordered_json point_row(const SweepSpec& spec, const SweepPoint& point);

/// Point `index`, and its figures with the limits that it fails, or the reason why it has none.
nlohmann::ordered_json sweep_row(const SweepSpec& spec, size_t index,
                                 const results::StoredPoint& result,
                                 const std::vector<results::FailedLimit>& failed = {});

/// What rows of a given clock above the derived one have among their warnings.
inline constexpr const char* kClockWarning =
    "the clock is given, and above the one derived at the node of energy_table";

/// Whether a finished row has a given clock above the one derived at the node of its table.
bool is_clock_above(const nlohmann::ordered_json& row);

/// Point `index`, which is not simulated as its bounds already fail limits.
nlohmann::ordered_json excluded_row(const SweepSpec& spec, size_t index, double bound_cycles,
                                    const std::vector<results::FailedLimit>& failed);

/// The header of the CSV of a sweep, and the line of `row` below it.
std::string sweep_csv_header(const SweepSpec& spec);
std::string sweep_csv_line(const SweepSpec& spec, const nlohmann::ordered_json& row);

}  // namespace systole::sweep
