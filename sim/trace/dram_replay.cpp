// SPDX-License-Identifier: Apache-2.0
// Asks the memory once more.
#include "sim/trace/dram_replay.h"

#include "model/arch/geometry.h"
#include "model/base/error.h"

namespace systole::trace {
namespace {

using memory::MemoryStats;

constexpr uint64_t kCacheLine = 64;

MemoryStats difference(const MemoryStats& after, const MemoryStats& before) {
  return {after.row_hits - before.row_hits,
          after.row_misses - before.row_misses,
          after.row_conflicts - before.row_conflicts,
          after.refreshes - before.refreshes,
          after.turnarounds - before.turnarounds,
          after.lost_rows_ps - before.lost_rows_ps,
          after.lost_refresh_ps - before.lost_refresh_ps,
          after.lost_turnaround_ps - before.lost_turnaround_ps,
          after.lost_bank_group_ps - before.lost_bank_group_ps};
}

}  // namespace

void replay_bursts(
    const platform::RunResult& run, memory::MemoryTiming& memory,
    const std::function<void(const core::DramEvent&, const memory::BurstTiming&)>& see) {
  for (const core::DramEvent& event : run.dram)
    see(event, memory.schedule({event.cycle, event.addr, event.beats, event.write}));
  if (memory.stats() != run.memory)
    throw internal_error("the memory does not answer the bursts of the log as it did in the run");
}

void replay_dram(const TracedRun& run, const std::function<void(const TracedBurst&)>& see) {
  const std::unique_ptr<memory::MemoryTiming> timing = memory::make_memory_timing(
      run.arch.memory, run.arch.clock_mhz, arch::Geometry(run.arch.hw).axi_bytes);
  const std::vector<BurstOwner> owners = burst_owners(run);
  MemoryStats before;
  size_t index = 0;
  replay_bursts(run.result, *timing,
                [&](const core::DramEvent& event, const memory::BurstTiming& burst) {
                  const MemoryStats after = timing->stats();
                  see({event, owners[index++], burst, difference(after, before)});
                  before = after;
                });
}

AccessMap::AccessMap(const arch::MemoryConfig& memory)
    : access_bytes_(memory.kind == "ddr" ? static_cast<uint64_t>(memory.ddr.access_bytes)
                                         : kCacheLine) {
  if (memory.kind == "ddr") map_.emplace(memory.ddr);
}

}  // namespace systole::trace
