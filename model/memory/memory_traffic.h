// SPDX-License-Identifier: Apache-2.0
// What a DRAM delivers to typical traffic, measured, and what theory gives (docs/memory.md).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/arch/ddr.h"
#include "model/memory/memory_stats.h"

namespace systole::memory {

enum class TrafficPattern {
  kStream,   ///< reads of consecutive addresses
  kStrided,  ///< reads that are the next row of the same banks each time
  kRandom,   ///< reads of random addresses
  kMixed,    ///< reads and writes in turn, of a stream each
};
inline constexpr TrafficPattern kTrafficPatterns[] = {
    TrafficPattern::kStream, TrafficPattern::kStrided, TrafficPattern::kRandom,
    TrafficPattern::kMixed};
const char* traffic_name(TrafficPattern pattern);

struct TrafficResult {
  double gb_per_s = 0;  ///< delivered
  double at_least = 0;  ///< theory, in GB/s
  double at_most = 0;   ///< theory; equal to at_least where it gives one figure
  double row_hit_rate = 0;
  MemoryStats stats;
};

/// Asks a memory for bursts of kTrafficBurst bytes over a bus that does not limit it,
/// kTrafficOutstanding of each direction at a time, more where the DRAM delivers more than these
/// while a row opens.
inline constexpr int kTrafficBurst = 512;
inline constexpr size_t kTrafficOutstanding = 64;
TrafficResult run_traffic(const arch::DdrConfig& config, TrafficPattern pattern);

}  // namespace systole::memory
