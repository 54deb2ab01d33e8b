// SPDX-License-Identifier: Apache-2.0
// A run of the kernel as the result of an engine.
#include "sim/engine/timed_model.h"

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/timed/kernel_run.h"
#include "sim/platform/stopwatch.h"

namespace systole::engine {
namespace {

platform::RunStatus status_of(const timed::KernelRun& run) {
  switch (run.outcome) {
    case core::CoreKernel::Outcome::kLimit:
      return platform::RunStatus::kCycleLimit;
    case core::CoreKernel::Outcome::kWatchdog:
      return platform::RunStatus::kWatchdog;
    default:
      return run.finished() ? platform::RunStatus::kFinished : platform::RunStatus::kFault;
  }
}

}  // namespace

platform::RunResult run_kernel(const program::Program& program, const arch::ArchConfig& arch,
                               const platform::RunOptions& options) {
  if (const std::string reason = arch::check_params(arch.hw); !reason.empty()) throw Error(reason);
  const platform::Stopwatch stopwatch;
  timed::KernelRun run = timed::run_kernel(
      program, arch, {options.cycle_limit, options.watchdog_cycles, options.keep_logs});
  platform::RunResult result;
  const platform::Stopwatch::Times times = stopwatch.times();
  result.host_seconds = times.elapsed;
  result.cpu_seconds = times.cpu;
  result.status = status_of(run);
  result.fault = run.fault;
  result.fault_pc = run.fault_pc;
  result.cycles = run.cycles;
  result.counters = run.counters;
  result.memory = run.memory;
  result.dump = std::move(run.dump);
  result.take(std::move(run.log));
  return result;
}

}  // namespace systole::engine
