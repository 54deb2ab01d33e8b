// SPDX-License-Identifier: Apache-2.0
// What a memory can do at best, in core cycles.
#include <algorithm>
#include <limits>

#include "model/arch/arch.h"

namespace systole::arch {

double dram_bytes_per_cycle(const ArchConfig& arch) {
  const MemoryConfig& memory = arch.memory;
  if (memory.kind == "ideal") return memory.bytes_per_cycle;
  if (memory.kind == "ddr") return memory.ddr.peak_bytes_per_ns() * 1e3 / arch.clock_mhz;
  return std::numeric_limits<double>::infinity();
}

double peak_bytes_per_cycle(const ArchConfig& arch) {
  return std::min(arch.hw.axi_bits / 8.0, dram_bytes_per_cycle(arch));
}

double memory_latency_cycles(const ArchConfig& arch) {
  const MemoryConfig& memory = arch.memory;
  if (memory.kind == "ideal") return memory.latency_cycles;
  const DdrConfig& ddr = memory.ddr;
  if (memory.kind == "ddr")
    return static_cast<double>(ddr.controller_ps + ddr.trcd_ps + ddr.tcl_ps + ddr.tburst_ps) *
           arch.clock_mhz / 1e6;
  constexpr double kRandom = 64;
  return kRandom;
}

}  // namespace systole::arch
