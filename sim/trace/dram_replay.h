// SPDX-License-Identifier: Apache-2.0
// The bursts of a run with what the memory did with each.
#pragma once

#include <functional>
#include <optional>

#include "model/memory/ddr_memory.h"
#include "sim/trace/burst_owners.h"

namespace systole::trace {

/// A burst, its owner, its cycles, and what it met in the DRAM.
struct TracedBurst {
  const core::DramEvent& event;
  const BurstOwner& owner;
  memory::BurstTiming timing;
  memory::MemoryStats met;  ///< of this burst alone; all zero where the memory has no rows
};

/// Asks `memory`, which is new and the run's, for the bursts of the run's DRAM log in its order,
/// and calls `see` for each. A memory's answer depends on the requests before it and on nothing
/// else (docs/memory.md): asked for the same bursts again, it gives the cycles that the run had.
/// Throws Error (internal) if its statistics in the end are not those of the run.
void replay_bursts(
    const platform::RunResult& run, memory::MemoryTiming& memory,
    const std::function<void(const core::DramEvent&, const memory::BurstTiming&)>& see);

/// The same of a memory of its own, with the owners of the bursts.
void replay_dram(const TracedRun& run, const std::function<void(const TracedBurst&)>& see);

/// Where the first access of a burst goes, and how many bytes each access has.
class AccessMap {
 public:
  explicit AccessMap(const arch::MemoryConfig& memory);
  /// Whether the memory has channels, banks and rows.
  bool has_rows() const { return map_.has_value(); }
  /// Bytes of an access: of a `ddr` memory those of a column command, else those of a cache line.
  uint64_t access_bytes() const { return access_bytes_; }
  uint64_t first_access(uint64_t addr) const { return addr / access_bytes_ * access_bytes_; }
  /// Only if has_rows().
  memory::DdrPlace place(uint64_t addr) const { return map_->place(first_access(addr)); }

 private:
  std::optional<memory::DdrAddressMap> map_;
  uint64_t access_bytes_;
};

}  // namespace systole::trace
