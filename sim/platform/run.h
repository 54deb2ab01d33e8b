// SPDX-License-Identifier: Apache-2.0
// What a run is asked for, and what comes out of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/core/events.h"
#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"
#include "model/memory/memory_stats.h"
#include "sim/platform/dram_image.h"

namespace systole::platform {

struct WaveWords;

enum class RunStatus { kFinished, kFault, kWatchdog, kCycleLimit };

/// Of the RTL's builds with waveforms: states of a run, from which another one can go on. What
/// comes out is the same.
struct SnapshotOptions {
  bool leave = false;   ///< leave some, unless a run to the end has
  Cycle resume_at = 0;  ///< begin with the last one at or before this cycle; 0: from reset
  std::string file;     ///< empty: in the cache, by program and RTL
  Cycle interval = 0;   ///< one in so many cycles; 0: as far as 5 % of the time allow

  bool any() const { return leave || resume_at > 0; }
};

struct RunOptions {
  bool functional = true;         ///< model: move and compute data too (the RTL always does)
  bool keep_logs = true;          ///< collect the logs
  bool count_switching = false;   ///< model, functional: give RunResult::switching_macs
  Cycle cycle_limit = 0;          ///< 0: none
  Cycle watchdog_cycles = 10000;  ///< CoreModule::watchdog_cycles
  std::string wave_file;          ///< FST; empty: none (RTL only)
  Cycle wave_from = 0;
  Cycle wave_to = ~Cycle{0};
  bool wave_all = true;                         ///< all signals, else those that the views show
  std::shared_ptr<const WaveWords> wave_words;  ///< null: none
  uint64_t reset_seed = 0;  ///< RTL: seed of the registers' random initial values
  SnapshotOptions snapshots;
  std::function<void(Cycle cycles, uint64_t retired)>
      progress;  ///< called now and then; may be empty
};

struct RunResult {
  RunStatus status = RunStatus::kFinished;
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;
  Cycle cycles = 0;
  std::array<uint64_t, isa::kCounters> counters{};
  memory::MemoryStats memory;
  std::vector<core::RetireEvent> retired;         ///< sorted by (end, unit)
  std::vector<core::DramEvent> dram;              ///< sorted by (cycle, write)
  core::CauseLog causes;                          ///< what every unit did in every cycle
  std::optional<core::MacsByTag> switching_macs;  ///< if they were counted
  ByteRange written;                              ///< holds every byte of DRAM that the run wrote
  std::string dump;         ///< state of every unit if stopped by watchdog or limit
  Cycle began_at = 0;       ///< of the snapshot that it went on from; 0: from reset
  double host_seconds = 0;  ///< simulation alone
  double cpu_seconds = 0;   ///< of the processor, for the same

  /// `log`: in the order of timed::put_in_order.
  void take(core::RunLog log) {
    retired = std::move(log.retired);
    dram = std::move(log.dram);
    causes = std::move(log.causes);
  }
};

}  // namespace systole::platform
