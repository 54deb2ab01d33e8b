// SPDX-License-Identifier: Apache-2.0
// What a program takes, told by the core's own kernel without SystemC, and without data.
#pragma once

#include <array>
#include <string>

#include "model/arch/arch.h"
#include "model/core/core_kernel.h"
#include "model/core/events.h"
#include "model/memory/memory_stats.h"
#include "model/program/program.h"

namespace systole::timed {

struct KernelRunOptions {
  Cycle cycle_limit = 0;          ///< 0: none
  Cycle watchdog_cycles = 10000;  ///< as core::KernelOptions
  bool keep_logs = true;
};

/// What came of a run.
struct KernelRun {
  core::CoreKernel::Outcome outcome{};
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;
  Cycle cycles = 0;
  std::array<uint64_t, isa::kCounters> counters{};
  memory::MemoryStats memory;
  core::RunLog log;  ///< in the order of put_in_order
  std::string dump;  ///< state of every unit, if the watchdog or the limit stopped it

  /// It came to its end, without a fault.
  bool finished() const {
    return outcome == core::CoreKernel::Outcome::kFinished && fault == isa::Fault::kNone;
  }
};

/// Runs `program` on `arch` from reset, timing only, on the kernel that the engine `model` has and
/// the timing model of the memory: what it gives is what that engine gives. Any number of times a
/// process. Of the program's bytes it reads those that timing depends on: code and masks.
KernelRun run_kernel(const program::Program& program, const arch::ArchConfig& arch,
                     const KernelRunOptions& options);

}  // namespace systole::timed
