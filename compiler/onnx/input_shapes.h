// SPDX-License-Identifier: Apache-2.0
// Dimensions that the user gives inputs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace systole::importer {

/// Dimensions that the user gives inputs, by name; they bind dynamic ones.
using InputShapes = std::map<std::string, std::vector<int64_t>>;

}  // namespace systole::importer
