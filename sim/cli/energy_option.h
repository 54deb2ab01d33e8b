// SPDX-License-Identifier: Apache-2.0
// The option --energy [TABLE] of `run`, which takes none or one word.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/energy/table.h"

namespace systole::cli {

/// Joins "--energy TABLE" to one word, and gives a lone "--energy" the default table, so that a
/// network named after it is not taken for its value: a word with another extension than a YAML
/// file's is none.
std::vector<std::string> join_energy_words(const std::vector<std::string>& arguments);

/// The table `name`, which must have the memory of `arch`; none for an empty name. Throws Error.
std::optional<energy::EnergyTable> energy_option_table(const std::string& name,
                                                       const arch::ArchConfig& arch);

}  // namespace systole::cli
