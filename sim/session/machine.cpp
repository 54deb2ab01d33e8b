// SPDX-License-Identifier: Apache-2.0
// A memory is a few keys of the architecture.
#include "sim/session/machine.h"

#include <fmt/format.h>

#include "model/arch/arch_text.h"
#include "model/arch/ddr.h"
#include "model/base/error.h"
#include "model/program/program_file.h"

namespace systole::session {
namespace {

/// Those of the memory, then the others.
std::vector<std::string> all_overrides(const std::string& memory,
                                       const std::vector<std::string>& overrides) {
  std::vector<std::string> all;
  try {
    if (!memory.empty()) all = memory_overrides(memory);
  } catch (const Error& error) {
    throw Error(fmt::format("--memory: {}", error.what()), error.code());
  }
  all.insert(all.end(), overrides.begin(), overrides.end());
  return all;
}

}  // namespace

std::vector<std::string> memory_overrides(const std::string& memory) {
  if (memory == "ideal" || memory == "random") return {"memory.kind=" + memory};
  const std::string preset = memory == "ddr" ? "ddr4-2400" : memory;
  arch::find_ddr_preset(preset);  // throws
  return {"memory.kind=ddr", "memory.preset=" + preset};
}

arch::ArchConfig load_machine(const std::string& name, const std::string& memory,
                              const std::vector<std::string>& overrides) {
  return arch::load_arch(name, all_overrides(memory, overrides));
}

arch::ArchConfig load_scale_sim_machine(const scale_sim::Config& config, const std::string& name,
                                        const std::string& memory,
                                        const std::vector<std::string>& overrides) {
  std::vector<std::string> own = config.overrides;
  if (memory.empty()) own.insert(own.end(), config.memory.begin(), config.memory.end());
  const std::vector<std::string> users = all_overrides(memory, overrides);
  own.insert(own.end(), users.begin(), users.end());
  arch::ArchConfig arch = arch::load_arch(name, own);
  arch.name = arch::overridden_name(config.run_name, users);
  return arch;
}

arch::ArchConfig load_program_machine(const std::filesystem::path& program,
                                      const std::string& otherwise, const std::string& memory,
                                      const std::vector<std::string>& overrides) {
  std::error_code error;
  if (!std::filesystem::exists(program, error)) throw Error(program.string() + ": no such file");
  if (!std::filesystem::is_regular_file(program, error))
    throw Error(program.string() + ": not a regular file");
  const std::string text = program::architecture_of(program);
  if (text.empty()) return load_machine(otherwise, memory, overrides);
  return arch::parse_arch(text, program.string(), all_overrides(memory, overrides));
}

}  // namespace systole::session
