// SPDX-License-Identifier: Apache-2.0
// The rows of a workload's groups on standard output and in files.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/sweep/spec.h"

namespace systole::cli {

/// Prints `rows`, as a table or as JSON, one a line. `writes_files`: they are in files too.
void print_groups(const sweep::SweepSpec& spec, const std::vector<nlohmann::ordered_json>& rows,
                  bool json, bool writes_files);

/// Writes groups.csv and groups.jsonl into `directory`. Throws Error.
void write_groups(const sweep::SweepSpec& spec, const std::vector<nlohmann::ordered_json>& rows,
                  const std::filesystem::path& directory);

}  // namespace systole::cli
