// SPDX-License-Identifier: Apache-2.0
// The memory `ddr`: AXI bursts cut into accesses of DRAM channels (docs/memory.md).
#pragma once

#include <array>
#include <vector>

#include "model/memory/ddr_channel.h"
#include "model/memory/memory_timing.h"

namespace systole::memory {

/// Where an access goes.
struct DdrPlace {
  int64_t channel = 0, group = 0, bank = 0, row = 0, column = 0;
  bool operator==(const DdrPlace&) const = default;
};

/// Cuts addresses as `memory.mapping` says. Addresses beyond the DRAM wrap.
class DdrAddressMap {
 public:
  explicit DdrAddressMap(const arch::DdrConfig& config);
  DdrPlace place(uint64_t addr) const;

 private:
  struct Slice {
    int shift = 0;
    uint64_t mask = 0;
    int64_t of(uint64_t addr) const { return static_cast<int64_t>(addr >> shift & mask); }
  };
  std::array<Slice, arch::kDdrFields> slices_;  ///< by DdrField
};

/// First come first served in each channel. Times are integer picoseconds; a cycle's is rounded
/// down, a time's cycle up.
class DdrMemory : public MemoryTiming {
 public:
  DdrMemory(const arch::DdrConfig& config, double clock_mhz, int bus_bytes);
  BurstTiming schedule(const BurstRequest& request) override;
  MemoryStats stats() const override { return stats_; }

  /// Where to put the commands of each channel from now on, as DdrChannel::set_log.
  void set_logs(DdrCommandLogs* logs);
  Picoseconds start_of(Cycle cycle) const;
  /// When the commands of a burst of which the memory is asked in `cycle` can begin.
  Picoseconds arrival(Cycle cycle) const { return start_of(cycle) + config_.controller_ps; }
  /// Issues the refreshes of all channels that are due before `cycle`; statistics have none of
  /// them.
  void idle(Cycle cycle);

 private:
  /// Picoseconds are counted in 1/65536 where they are multiplied by cycles.
  static constexpr int kFractionBits = 16;

  /// The first cycle that does not start before `time`.
  Cycle cycle_from(Picoseconds time) const;
  BurstTiming read(const BurstRequest& request);
  BurstTiming write(const BurstRequest& request);
  /// When the access at `addr` has its first data on a channel's bus.
  Picoseconds access(uint64_t addr, const DdrAccess& what);

  const arch::DdrConfig config_;
  const uint64_t period_;  ///< of a core cycle, in 1/65536 ps
  const uint64_t bus_bytes_, access_bytes_;
  const DdrAddressMap map_;
  std::vector<DdrChannel> channels_;
  Cycle last_read_ = 0, last_write_ = 0;  ///< last beats
  std::vector<Cycle>
      write_buffer_;  ///< a ring: cycle in which the burst that was there has left it
  size_t next_write_ = 0;
  MemoryStats stats_;
};

}  // namespace systole::memory
