// SPDX-License-Identifier: Apache-2.0
// A memory is a few keys of the architecture.
#include "sim/session/machine.h"

#include <fmt/format.h>

#include "model/arch/ddr.h"
#include "model/base/error.h"

namespace systole::session {
std::vector<std::string> memory_overrides(const std::string& memory) {
  if (memory == "ideal" || memory == "random") return {"memory.kind=" + memory};
  const std::string preset = memory == "ddr" ? "ddr4-2400" : memory;
  arch::find_ddr_preset(preset);  // throws
  return {"memory.kind=ddr", "memory.preset=" + preset};
}

arch::ArchConfig load_machine(const std::string& name, const std::string& memory,
                              const std::vector<std::string>& overrides) {
  std::vector<std::string> all;
  try {
    if (!memory.empty()) all = memory_overrides(memory);
  } catch (const Error& error) {
    throw Error(fmt::format("--memory: {}", error.what()), error.code());
  }
  all.insert(all.end(), overrides.begin(), overrides.end());
  return arch::load_arch(name, all);
}

}  // namespace systole::session
