// SPDX-License-Identifier: Apache-2.0
// A mapping as YAML that people edit, and as text for them.
#pragma once

#include <filesystem>
#include <string>

#include "compiler/lower/mapping.h"

namespace systole::session {

/// What stands in the comments of the file too: of each layer how it is cut and what stays on chip,
/// the next best plans and the cycles of the network with each.
std::string mapping_text(const lower::Mapping& mapping);
/// As load_mapping reads it.
std::string mapping_yaml(const lower::Mapping& mapping);
/// Throws Error with file and line: unknown or missing keys, values that are none.
lower::Mapping load_mapping(const std::filesystem::path& file);

}  // namespace systole::session
