// SPDX-License-Identifier: Apache-2.0
// What a DRAM did in a run; equal in both engines.
#pragma once

#include <cstdint>

namespace systole::memory {

/// Counts of a `ddr` memory over its channels; all zero for memories without rows. An access is one
/// column command. The lost times are those in which a channel's data bus was idle although an
/// access that could have used it was waiting, by the rule that held it back.
struct MemoryStats {
  uint64_t row_hits = 0;       ///< accesses to a row that was open
  uint64_t row_misses = 0;     ///< the bank had no open row
  uint64_t row_conflicts = 0;  ///< the bank had another row open
  uint64_t refreshes = 0;
  uint64_t turnarounds = 0;  ///< accesses in the other direction than the one before
  uint64_t lost_rows_ps = 0;
  uint64_t lost_refresh_ps = 0;
  uint64_t lost_turnaround_ps = 0;
  uint64_t lost_bank_group_ps = 0;
  bool operator==(const MemoryStats&) const = default;

  uint64_t accesses() const { return row_hits + row_misses + row_conflicts; }
  uint64_t lost_ps() const {
    return lost_rows_ps + lost_refresh_ps + lost_turnaround_ps + lost_bank_group_ps;
  }
};

}  // namespace systole::memory
