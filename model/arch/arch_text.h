// SPDX-License-Identifier: Apache-2.0
// An architecture as text that stands in another file than one of its own.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole::arch {

/// As load_arch reads a file that holds `text`; errors name `file`. Throws Error.
ArchConfig parse_arch(const std::string& text, const std::string& file,
                      const std::vector<std::string>& overrides = {});
/// What parse_arch reads the same architecture from: as to_yaml, but a derived clock stays one.
std::string to_stored_yaml(const ArchConfig& arch);

}  // namespace systole::arch
