// SPDX-License-Identifier: Apache-2.0
// A configuration of SCALE-Sim (v2 or v3) as this machine's (docs/topologies.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace systole::scale_sim {

struct Config {
  std::string run_name;
  std::vector<std::string> overrides;  ///< "KEY=VALUE" of an architecture, those of memory aside
  std::vector<std::string> memory;     ///< likewise
  std::string text;                    ///< for people: what became of its keys, a line each
};

/// Throws Error with file, line and key: what SCALE-Sim needs is missing or out of this machine's
/// range; another dataflow than weight stationary.
Config read_config(const std::filesystem::path& cfg);

}  // namespace systole::scale_sim
