// SPDX-License-Identifier: Apache-2.0
// What is there of all that commands need beside Systole itself.
#pragma once

#include <string>
#include <vector>

namespace systole::cli {

/// A tool, a library or a folder.
struct Part {
  std::string name;
  bool found = false;
  bool needed = false;  ///< commands fail without it; else they are slower or lack a convenience
  std::string detail;   ///< version and path, size and free space; where it is not found: why
  std::string serves;   ///< what does not work without it
  std::string remedy;   ///< "apt install verilator"
};

/// Asks tools for their versions and folders for their space.
std::vector<Part> look_at_installation();

}  // namespace systole::cli
