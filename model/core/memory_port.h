// SPDX-License-Identifier: Apache-2.0
// The core's view of DRAM: one call a burst, which answers with the burst's cycles and moves its
// bytes.
#pragma once

#include <cstdint>

#include "model/memory/burst_timing.h"

namespace systole::core {

/// Calls come in the order of (cycle, read before write). `addr` is that of the first beat
/// (bus-aligned).
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  /// Null `data`: timing only. Otherwise receives beats * bus bytes.
  virtual memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) = 0;
  /// Null `data`: timing only. Otherwise byte i is written where enables[i] is 0xff, not where it
  /// is 0.
  virtual memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t* data,
                                    uint8_t* enables) = 0;
};

}  // namespace systole::core
