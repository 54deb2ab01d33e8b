// SPDX-License-Identifier: Apache-2.0
// The report for programs: JSON (docs/result.schema.json) and CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/report/report.h"

namespace systole::report {

/// Version of the JSON layout; a change that breaks readers raises it.
inline constexpr int kResultSchemaVersion = 3;

nlohmann::ordered_json to_json(const Report& report, const arch::ArchConfig& arch,
                               const platform::RunResult& result);

/// Name, clock, hardware parameters and memory: "architecture" of a result.
nlohmann::ordered_json architecture_json(const arch::ArchConfig& arch);

/// A header and a row for each layer.
std::string layers_csv(const Report& report);

}  // namespace systole::report
