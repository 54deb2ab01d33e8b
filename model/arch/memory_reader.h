// SPDX-License-Identifier: Apache-2.0
// The `memory.*` keys of an architecture: reading, checking, printing.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/arch/yaml_keys.h"

namespace systole::arch {

/// Every key that some memory has.
std::vector<std::string> memory_keys();

/// The memory that `keys` describe; `file` names the architecture where no line can be given.
/// Throws Error with file, line, key and legal range: unknown kind or preset, a key of another
/// kind, values that do not fit together.
MemoryConfig read_memory(const YamlKeys& keys, const std::string& file, double clock_mhz);

/// The section `memory:` that read_memory reads, all values written out.
std::string memory_yaml(const MemoryConfig& memory);

}  // namespace systole::arch
