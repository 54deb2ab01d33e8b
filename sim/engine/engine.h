// SPDX-License-Identifier: Apache-2.0
// The interface of the two core engines: a program in, memory image, logs and counters out.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/core/events.h"
#include "model/isa/isa.h"
#include "model/isa/program.h"
#include "sim/platform/memory_stats.h"

namespace systole {

enum class RunStatus { kFinished, kFault, kWatchdog, kCycleLimit };

struct RunOptions {
  bool functional = true;         ///< model: move and compute data too (the RTL always does)
  bool keep_logs = true;          ///< collect the logs
  bool count_switching = false;   ///< model, functional: give RunResult::switching_macs
  Cycle cycle_limit = 0;          ///< 0: none
  Cycle watchdog_cycles = 10000;  ///< CoreModule::watchdog_cycles
  std::string wave_file;          ///< FST; empty: none (RTL only)
  Cycle wave_from = 0;
  Cycle wave_to = ~Cycle{0};
  uint64_t reset_seed = 0;  ///< RTL: seed of the registers' random initial values
  std::function<void(Cycle cycles, uint64_t retired)>
      progress;  ///< called now and then; may be empty
};

/// Addresses from `from` to before `to`; empty if they are equal.
struct ByteRange {
  uint64_t from = 0, to = 0;
  bool operator==(const ByteRange&) const = default;
};

struct RunResult {
  RunStatus status = RunStatus::kFinished;
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;
  Cycle cycles = 0;
  std::array<uint64_t, isa::kCounters> counters{};
  MemoryStats memory;
  std::vector<RetireEvent> retired;         ///< sorted by (end, unit)
  std::vector<DramEvent> dram;              ///< sorted by (cycle, write)
  CauseLog causes;                          ///< what every unit did in every cycle
  std::optional<MacsByTag> switching_macs;  ///< if they were counted
  ByteRange written;                        ///< holds every byte of DRAM that the run wrote
  std::string dump;                         ///< state of every unit if stopped by watchdog or limit
  double host_seconds = 0;                  ///< simulation alone
  double cpu_seconds = 0;                   ///< of the processor, for the same
};

/// The bytes of DRAM; zero where never written.
using DramImage = std::vector<uint8_t>;

/// Loads segments and code of `program` into a new image of program.dram_bytes.
DramImage make_image(const Program& program);

class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char* name() const = 0;
  /// Runs `program` from reset with `dram` as memory (size: at least program.dram_bytes), in place;
  /// only what RunResult::written holds has changed. One call per process: SystemC keeps global
  /// state.
  virtual RunResult run(const Program& program, DramImage& dram, const RunOptions& options) = 0;
};

std::unique_ptr<Engine> make_model_engine(const ArchConfig& arch);
/// Verilates and compiles the RTL for arch.hw unless the user cache has it; `trace` selects the
/// build that can write waveforms. `allow_large`: also builds arrays above 64x64, which takes long
/// (the user's --yes). Throws Error if the tools are missing or fail.
std::unique_ptr<Engine> make_rtl_engine(const ArchConfig& arch, bool trace,
                                        bool allow_large = false);

}  // namespace systole
