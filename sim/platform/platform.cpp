// SPDX-License-Identifier: Apache-2.0
// Binds core, memory and host, runs them, and gathers the result.
#include "sim/platform/platform.h"

#include <fmt/format.h>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/timed/run_order.h"
#include "sim/platform/host_driver.h"
#include "sim/platform/memory.h"
#include "sim/platform/stopwatch.h"

namespace systole::platform {
namespace {

/// Binds the sockets of core, memory and host.
class Platform : public sc_core::sc_module {
 public:
  Platform(const sc_core::sc_module_name& name, const arch::ArchConfig& arch,
           const program::Program& program, DramImage& dram, const CoreFactory& make_core,
           const Resumption* resumption)
      : sc_module(name),
        core(make_core(clock_period(arch))),
        memory("memory",
               memory::make_memory_timing(arch.memory, arch.clock_mhz,
                                          arch::Geometry(arch.hw).axi_bytes),
               arch.memory.size_mib << 20, dram),
        host("host", *core, program.code_addr, static_cast<uint32_t>(program.code.size()),
             resumption != nullptr) {
    if (resumption != nullptr) memory.resume(resumption->bursts, resumption->written);
    core->memory.bind(memory.socket);
    host.csr.bind(core->csr);
  }

  const std::unique_ptr<core::CoreModule> core;
  Memory memory;
  HostDriver host;

 private:
  static sc_core::sc_time clock_period(const arch::ArchConfig& arch) {
    return {std::max(1.0, 1e6 / arch.clock_mhz), sc_core::SC_PS};
  }
};

}  // namespace

RunResult run_platform(const arch::ArchConfig& arch, const program::Program& program,
                       DramImage& dram, const RunOptions& options, const CoreFactory& make_core,
                       const Resumption* resumption) {
  if (sc_core::sc_get_status() != sc_core::SC_ELABORATION)
    throw Error("a process can run one simulation: SystemC's kernel is global");
  if (dram.size() < program.dram_bytes) dram.resize(program.dram_bytes);
  try {
    Platform platform("platform", arch, program, dram, make_core, resumption);
    core::CoreModule& core = *platform.core;
    core.cycle_limit = options.cycle_limit;
    core.watchdog_cycles = options.watchdog_cycles;
    core.log.enabled = options.keep_logs;
    core.progress = options.progress;

    const Stopwatch stopwatch;
    sc_core::sc_start();
    const Stopwatch::Times times = stopwatch.times();
    if (sc_core::sc_get_status() != sc_core::SC_PAUSED)
      throw Error("the simulation ran out of events before the core ended", ExitCode::kStopped);

    RunResult result = platform.host.result();
    result.host_seconds = times.elapsed;
    result.cpu_seconds = times.cpu;
    result.memory = platform.memory.stats();
    platform.memory.end(result.cycles);
    result.written = platform.memory.written();
    timed::put_in_order(core.log, program);
    result.take(std::move(core.log));
    return result;
  } catch (const sc_core::sc_report& report) {
    throw Error(fmt::format("simulation: {}", report.get_msg()), ExitCode::kStopped);
  }
}

}  // namespace systole::platform
