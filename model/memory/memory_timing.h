// SPDX-License-Identifier: Apache-2.0
// When a DRAM's bursts cross the bus: the interface of the timing models and the models there are.
#pragma once

#include <cstdint>
#include <memory>

#include "model/arch/arch.h"
#include "model/memory/burst_timing.h"
#include "model/memory/memory_stats.h"

namespace systole::memory {

/// A timing model. Requests come in (cycle, read before write) order; an answer never depends on
/// later ones. Contract (docs/memory.md): cycle <= accept < first <= last; first is above the last
/// of the burst before in the same direction; last - first >= beats - 1. `error` is left to the
/// memory.
class MemoryTiming {
 public:
  virtual ~MemoryTiming() = default;
  virtual BurstTiming schedule(const BurstRequest& request) = 0;
  /// What it did so far.
  virtual MemoryStats stats() const { return {}; }
};

/// One shared data bus of a bandwidth, after a latency.
class IdealMemory : public MemoryTiming {
 public:
  IdealMemory(double bytes_per_cycle, int latency_cycles, int bus_bytes);
  BurstTiming schedule(const BurstRequest& request) override;

 private:
  const Cycle latency_;
  const uint64_t beat_time_;  ///< fixed point, >= one cycle
  uint64_t bus_free_ = 0;     ///< fixed point
};

/// A test memory: every number is drawn from the seed; bursts back to back, short and long stalls.
class RandomMemory : public MemoryTiming {
 public:
  explicit RandomMemory(uint64_t seed) : state_(seed) {}
  BurstTiming schedule(const BurstRequest& request) override;

 private:
  uint64_t draw(uint64_t bound);
  Cycle stall();

  uint64_t state_;
  Cycle last_beat_[2] = {0, 0};  ///< of reads, of writes
};

/// The timing model that `config` names, for a core clock and a bus of `bus_bytes`; throws Error if
/// there is none.
std::unique_ptr<MemoryTiming> make_memory_timing(const arch::MemoryConfig& config, double clock_mhz,
                                                 int bus_bytes);

}  // namespace systole::memory
