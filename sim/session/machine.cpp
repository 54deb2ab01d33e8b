// SPDX-License-Identifier: Apache-2.0
// A memory is a few keys of the architecture.
#include "sim/session/machine.h"

#include <fmt/format.h>

#include "model/arch/ddr.h"
#include "model/base/error.h"

namespace systole::session {
namespace {

/// Throws Error in the words of --memory, not of the keys that it stands for.
void check_memory(const std::string& memory) {
  try {
    arch::find_ddr_preset(memory);
  } catch (const Error& error) {
    throw Error(fmt::format("--memory: {}", error.what()), error.code());
  }
}

std::vector<std::string> keys_of(const std::string& memory) {
  if (memory.empty()) return {};
  if (memory == "ideal" || memory == "random") return {"memory.kind=" + memory};
  const std::string preset = memory == "ddr" ? "ddr4-2400" : memory;
  check_memory(preset);
  return {"memory.kind=ddr", "memory.preset=" + preset};
}

}  // namespace

arch::ArchConfig load_machine(const std::string& name, const std::string& memory,
                              const std::vector<std::string>& overrides) {
  std::vector<std::string> all = keys_of(memory);
  all.insert(all.end(), overrides.begin(), overrides.end());
  return arch::load_arch(name, all);
}

}  // namespace systole::session
