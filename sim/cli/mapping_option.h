// SPDX-License-Identifier: Apache-2.0
// The option --mapping [FILE] of `run`: how layers are cut is told, and taken from a file.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/run_options.h"

namespace systole::cli {

inline constexpr const char* kMappingFile = "mapping.yaml";

/// Joins "--mapping FILE.yaml" to one word, and gives a lone "--mapping" the value "-".
std::vector<std::string> join_mapping_words(const std::vector<std::string>& arguments);

/// Takes RunCommand::mapping into the request. Throws Error for what it cannot stand beside.
void take_mapping(RunCommand& options);

}  // namespace systole::cli
