// SPDX-License-Identifier: Apache-2.0
// An architecture as users name it.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole {

/// The architecture `name` (or file) with `memory` (ideal, random, ddr, the name or file of a DRAM;
/// empty: its own) and the overrides "KEY=VALUE". Throws Error.
inline ArchConfig load_machine(const std::string& name, const std::string& memory,
                               const std::vector<std::string>& overrides) {
  std::vector<std::string> all;
  if (memory == "ideal" || memory == "random") {
    all.push_back("memory.kind=" + memory);
  } else if (!memory.empty()) {
    all.emplace_back("memory.kind=ddr");
    all.push_back("memory.preset=" + (memory == "ddr" ? std::string("ddr4-2400") : memory));
  }
  all.insert(all.end(), overrides.begin(), overrides.end());
  return load_arch(name, all);
}

}  // namespace systole
