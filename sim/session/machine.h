// SPDX-License-Identifier: Apache-2.0
// An architecture as users name it.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole::session {

/// The architecture `name` (or file) with `memory` (ideal, random, ddr, the name or file of a DRAM;
/// empty: its own) and the overrides "KEY=VALUE". Throws Error.
arch::ArchConfig load_machine(const std::string& name, const std::string& memory,
                              const std::vector<std::string>& overrides);

}  // namespace systole::session
