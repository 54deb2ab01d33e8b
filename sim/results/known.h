// SPDX-License-Identifier: Apache-2.0
// What a database has, without opening it for writing.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <unordered_set>

#include "sim/results/configuration.h"

namespace systole::results {

/// Configurations of `version` for which nothing is to be run at `detail`; failed ones count unless
/// they are to be run again. Empty if there is no such file. Throws Error.
std::unordered_set<std::string> known_configurations(const std::filesystem::path& file,
                                                     const std::string& version, Detail detail,
                                                     bool retry_failed);

/// Mean seconds of the points that ran, by the identity of their network. Empty if there is no such
/// file. Throws Error.
std::map<std::string, double> seconds_by_network(const std::filesystem::path& file);

}  // namespace systole::results
