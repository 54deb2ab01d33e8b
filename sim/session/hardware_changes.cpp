// SPDX-License-Identifier: Apache-2.0
// Lists the changes and tries each in a worker.
#include "sim/session/hardware_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "sim/engine/run_process.h"
#include "sim/process/worker_pool.h"
#include "sim/session/compile.h"

namespace systole::session {
namespace {

constexpr int kBitsPerByte = 8;

void double_parameters(const arch::ArchConfig& arch, std::vector<HardwareChange>& changes) {
  for (const isa::HwParamInfo& param : isa::kHwParams) {
    // What is wider takes less.
    if (param.member == &isa::HwParams::weight_bits || param.member == &isa::HwParams::act_bits)
      continue;
    HardwareChange change{"", arch};
    const int before = arch.hw.*param.member;
    if (before == 0) continue;  // an option that is not there
    if (before > param.max / 2) continue;
    change.arch.hw.*param.member = 2 * before;
    if (!arch::check_params(change.arch.hw).empty()) continue;
    change.name = fmt::format("{} {} -> {}", param.key, before, 2 * before);
    changes.push_back(std::move(change));
  }
}

/// Twice the channels.
void widen_dram(const arch::ArchConfig& arch, std::vector<HardwareChange>& changes) {
  HardwareChange wider{"", arch};
  arch::DdrConfig& ddr = wider.arch.memory.ddr;
  ddr.channels *= 2;
  if (arch::check_ddr(ddr)) return;
  wider.name = fmt::format("memory.channels {} -> {}", ddr.channels / 2, ddr.channels);
  if (arch::peak_bytes_per_cycle(wider.arch) < arch::dram_bytes_per_cycle(wider.arch)) {
    int& bits = wider.arch.hw.axi_bits;
    wider.name += fmt::format(" with axi.data_bits {} -> {}", bits, 2 * bits);
    bits *= 2;
  }
  if (arch::check_params(wider.arch.hw).empty()) changes.push_back(std::move(wider));
}

void improve_memory(const arch::ArchConfig& arch, std::vector<HardwareChange>& changes) {
  if (arch.memory.kind == "ddr") widen_dram(arch, changes);
  if (arch.memory.kind != "ideal") return;
  HardwareChange faster{"", arch};
  const double before = arch.memory.bytes_per_cycle;
  faster.arch.memory.bytes_per_cycle = 2 * before;
  faster.name = fmt::format("memory.bytes_per_cycle {:.6g} -> {:.6g}", before, 2 * before);
  int& bits = faster.arch.hw.axi_bits;
  if (2 * before * kBitsPerByte > bits) {
    faster.name += fmt::format(" with axi.data_bits {} -> {}", bits, 2 * bits);
    bits *= 2;
  }
  if (arch::check_params(faster.arch.hw).empty()) changes.push_back(std::move(faster));

  HardwareChange nearer{"", arch};
  int& latency = nearer.arch.memory.latency_cycles;
  if (latency < 2) return;
  latency /= 2;
  nearer.name = fmt::format("memory.latency_cycles {} -> {}", arch.memory.latency_cycles, latency);
  changes.push_back(std::move(nearer));
}

Cycle cycles_of(const pipeline::NetworkPlan& plan, const arch::ArchConfig& arch,
                const choices::Choices& choices) {
  Cycle cycles = 0;
  for (const program::Program& program : compile_stages(plan, arch, {choices})) {
    if (program.code.empty()) continue;  // the host's
    platform::DramImage image = platform::make_image(program);
    platform::RunOptions options;
    options.functional = false;
    options.keep_logs = false;
    const platform::RunResult run =
        engine::run_in_process(*engine::make_model_engine(arch), program, image, options);
    if (run.status != platform::RunStatus::kFinished) throw Error("the run did not finish");
    cycles += run.cycles;
  }
  return cycles;
}

}  // namespace

std::vector<HardwareChange> hardware_changes(const arch::ArchConfig& arch) {
  std::vector<HardwareChange> changes;
  double_parameters(arch, changes);
  improve_memory(arch, changes);
  return changes;
}

std::vector<ChangeResult> try_hardware_changes(const pipeline::NetworkPlan& plan,
                                               const arch::ArchConfig& arch,
                                               const choices::Choices& choices, int jobs,
                                               const std::function<void(size_t)>& progress) {
  const std::vector<HardwareChange> changes = hardware_changes(arch);
  std::vector<ChangeResult> results(changes.size());
  size_t finished = 0;
  process::run_workers(
      changes.size(), jobs,
      [&](size_t i) { return std::to_string(cycles_of(plan, changes[i].arch, choices)); },
      [&](size_t i, const process::WorkerResult& result) {
        results[i].name = changes[i].name;
        if (result.ok)
          results[i].cycles = std::stoull(result.text);
        else
          results[i].failure = result.text;
        progress(++finished);
      });
  std::stable_sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
    return (a.cycles == 0 ? kNever : a.cycles) < (b.cycles == 0 ? kNever : b.cycles);
  });
  return results;
}

}  // namespace systole::session
