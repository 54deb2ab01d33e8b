// SPDX-License-Identifier: Apache-2.0
// Binds core, memory and host, runs them, and gathers the result.
#include "sim/platform/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <tuple>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "sim/platform/host_driver.h"
#include "sim/platform/memory.h"

namespace systole::platform {
namespace {

/// Binds the sockets of core, memory and host.
class Platform : public sc_core::sc_module {
 public:
  Platform(const sc_core::sc_module_name& name, const arch::ArchConfig& arch,
           const program::Program& program, DramImage& dram, const CoreFactory& make_core)
      : sc_module(name),
        core(make_core(clock_period(arch))),
        memory("memory",
               memory::make_memory_timing(arch.memory, arch.clock_mhz,
                                          arch::Geometry(arch.hw).axi_bytes),
               arch.memory.size_mib << 20, dram),
        host("host", *core, program.code_addr, static_cast<uint32_t>(program.code.size())) {
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

/// Processor time of this process.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Brings a run's log into the order that RunResult promises, and tells the tags of its
/// instructions.
void take_log(core::RunLog& log, const program::Program& program, RunResult& result) {
  for (core::RetireEvent& event : log.retired)
    if (event.pc < program.code.size()) event.tag = isa::Header::decode(program.code[event.pc]).tag;
  std::stable_sort(log.retired.begin(), log.retired.end(), [](const auto& a, const auto& b) {
    return std::tie(a.end, a.unit) < std::tie(b.end, b.unit);
  });
  std::stable_sort(log.dram.begin(), log.dram.end(), [](const auto& a, const auto& b) {
    return std::tie(a.cycle, a.write) < std::tie(b.cycle, b.write);
  });
  result.retired = std::move(log.retired);
  result.dram = std::move(log.dram);
  result.causes = std::move(log.causes);
}

}  // namespace

RunResult run_platform(const arch::ArchConfig& arch, const program::Program& program,
                       DramImage& dram, const RunOptions& options, const CoreFactory& make_core) {
  if (sc_core::sc_get_status() != sc_core::SC_ELABORATION)
    throw Error("a process can run one simulation: SystemC's kernel is global");
  if (dram.size() < program.dram_bytes) dram.resize(program.dram_bytes);
  try {
    Platform platform("platform", arch, program, dram, make_core);
    core::CoreModule& core = *platform.core;
    core.cycle_limit = options.cycle_limit;
    core.watchdog_cycles = options.watchdog_cycles;
    core.log.enabled = options.keep_logs;
    core.progress = options.progress;

    const auto begin = std::chrono::steady_clock::now();
    const double cpu_begin = cpu_seconds();
    sc_core::sc_start();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (sc_core::sc_get_status() != sc_core::SC_PAUSED)
      throw Error("the simulation ran out of events before the core ended", ExitCode::kStopped);

    RunResult result = platform.host.result();
    result.host_seconds = elapsed.count();
    result.cpu_seconds = cpu_seconds() - cpu_begin;
    result.memory = platform.memory.stats();
    platform.memory.end(result.cycles);
    result.written = platform.memory.written();
    take_log(core.log, program, result);
    return result;
  } catch (const sc_core::sc_report& report) {
    throw Error(fmt::format("simulation: {}", report.get_msg()), ExitCode::kStopped);
  }
}

}  // namespace systole::platform
