// SPDX-License-Identifier: Apache-2.0
// A table of energies and areas of one technology, read from YAML (docs/energy.md).
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "model/arch/ddr.h"
#include "sim/energy/gates.h"

namespace systole::energy {

/// Widths of a product in the array, in bits, in the order of the tables.
inline constexpr std::array<int, 4> kMacWidths = {8, 4, 2, 1};
inline constexpr size_t kWidths = kMacWidths.size();

struct EnergyTable {
  std::string name, description;
  int node_nm = 0;
  // pJ
  std::array<arch::EnergyEntry, kWidths> mac;  ///< by kMacWidths
  arch::EnergyEntry gated_mac, register_bit, int_add, fp_add, fp_multiply, instruction;
  arch::EnergyEntry gate;       ///< of a NAND of two inputs that switches, in what is no arithmetic
  arch::EnergyEntry clock_bit;  ///< a flip-flop of a unit in a cycle, whatever the unit does
  std::map<double, arch::EnergyEntry> sram_64;  ///< KiB -> an access of 64 bits; at least two
  arch::DramEnergy rowless;  ///< memories without rows; the others have energies of their own
  // um2
  std::array<arch::EnergyEntry, kWidths> mac_area;  ///< of a word of products, by kMacWidths
  arch::EnergyEntry register_bit_area, int_add_area, fp_add_area, fp_multiply_area, sram_kib_area;
  arch::EnergyEntry gate_area;  ///< of a NAND of two inputs: of what no other entry is
  // mW
  arch::EnergyEntry leakage_mm2;
  GateTable gates;  ///< how many the units have; the same for all technologies
};

inline constexpr const char* kDefaultEnergyTable = "horowitz-45nm";

/// Reads a table by name (from the configuration directories, folder energy) or by path. Throws
/// Error with file, line and key: unknown, missing or negative entries, entries without a source.
EnergyTable load_energy_table(const std::string& name_or_path);

/// Tables of many points, each read once.
class EnergyTables {
 public:
  /// What load_energy_table gives, and throws.
  const EnergyTable& find(const std::string& name_or_path);

 private:
  std::map<std::string, EnergyTable> known_;
};

/// Names of the tables that load_energy_table knows.
std::vector<std::string> list_energy_tables();

/// pJ of an access of `bits` bits to a memory of `kib` KiB: in proportion to the bits; between
/// published capacities, and beyond them as an extrapolation, a power of the capacity.
arch::EnergyEntry sram_access(const EnergyTable& table, double kib, double bits);

}  // namespace systole::energy
