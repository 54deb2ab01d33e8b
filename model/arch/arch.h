// SPDX-License-Identifier: Apache-2.0
// An architecture: hardware parameters, clock and memory; read from YAML (docs/configuration.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/arch/ddr.h"
#include "model/isa/isa.h"

namespace systole::arch {

/// The DRAM behind the core. `ideal`: one shared data bus of a bandwidth after a latency. `ddr`:
/// banks, rows, refresh. `random`: a test memory whose every answer is drawn from `seed`.
struct MemoryConfig {
  std::string kind = "ideal";     ///< ideal | ddr | random
  double bytes_per_cycle = 64.0;  ///< ideal: bandwidth in bytes per core cycle
  int latency_cycles = 20;        ///< ideal: request to first beat
  uint64_t seed = 1;              ///< random
  DdrConfig ddr;                  ///< ddr
  uint64_t size_mib = 1024;       ///< addresses beyond answer with an error
  bool operator==(const MemoryConfig&) const = default;
};

struct ArchConfig {
  std::string name;
  std::string description;
  isa::HwParams hw;
  double clock_mhz = 1000.0;
  /// Of the technology whose derived clock it is (clock.h), in nm; 0: the clock is given.
  int clock_node_nm = 0;
  MemoryConfig memory;
};

/// Reads an architecture by name (from the configuration directories) or by path, applies
/// `overrides` ("key=value", keys as in the file), checks it. Throws Error with file, line, key and
/// legal range.
ArchConfig load_arch(const std::string& name_or_path,
                     const std::vector<std::string>& overrides = {});
/// What load_arch calls the architecture `name` with `overrides`.
std::string overridden_name(std::string name, const std::vector<std::string>& overrides);
/// Names of the architectures that load_arch knows.
std::vector<std::string> list_archs();
/// The architecture as YAML that load_arch reads.
std::string to_yaml(const ArchConfig& arch);

/// Bytes per core cycle that the DRAM can move at most, whatever the AXI bus; the test memory
/// `random` has no limit.
double dram_bytes_per_cycle(const ArchConfig& arch);
/// The smaller of AXI and DRAM.
double peak_bytes_per_cycle(const ArchConfig& arch);
/// Cycles from a read request to its first beat on an idle memory (`random`: typical).
double memory_latency_cycles(const ArchConfig& arch);

}  // namespace systole::arch
