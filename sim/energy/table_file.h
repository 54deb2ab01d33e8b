// SPDX-License-Identifier: Apache-2.0
// Where a table of energies and that of gates are.
#pragma once

#include <filesystem>
#include <string>

namespace systole::energy {

/// The file that load_energy_table reads. Throws Error.
std::filesystem::path find_energy_table(const std::string& name_or_path);
/// The file that load_gate_table reads. Throws Error.
std::filesystem::path find_gate_table(const std::string& name_or_path);

}  // namespace systole::energy
