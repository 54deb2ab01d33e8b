// SPDX-License-Identifier: Apache-2.0
// What commands answer that are asked for a table of energies that nobody knows.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string>

namespace systole {

/// It lists the tables of configs/energy.
inline std::string unknown_energy_table(const std::string& name) {
  std::set<std::string> known;
  for (const auto& file : std::filesystem::directory_iterator(SYSTOLE_SOURCE_DIR "/configs/energy"))
    known.insert(file.path().stem().string());
  return fmt::format("unknown table of energies '{}': expected a YAML file or one of {}", name,
                     fmt::join(known, ", "));
}

}  // namespace systole
