// SPDX-License-Identifier: Apache-2.0
// An architecture as users name it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/scale_sim/config.h"

namespace systole::session {

/// The overrides "KEY=VALUE" that `memory` stands for: ideal, random, ddr, the name or file of a
/// DRAM. Throws Error.
std::vector<std::string> memory_overrides(const std::string& memory);

/// The architecture `name` (or file) with `memory` (ideal, random, ddr, the name or file of a DRAM;
/// empty: its own) and the overrides "KEY=VALUE". Throws Error.
arch::ArchConfig load_machine(const std::string& name, const std::string& memory,
                              const std::vector<std::string>& overrides);

/// The same with what `config` says, which the overrides change. It has the name of the
/// configuration's run. Throws Error.
arch::ArchConfig load_scale_sim_machine(const scale_sim::Config& config, const std::string& name,
                                        const std::string& memory,
                                        const std::vector<std::string>& overrides);

/// The same of the architecture that the program file `program` was compiled for; where it tells
/// none, of `otherwise`. Throws Error.
arch::ArchConfig load_program_machine(const std::filesystem::path& program,
                                      const std::string& otherwise, const std::string& memory,
                                      const std::vector<std::string>& overrides);

}  // namespace systole::session
