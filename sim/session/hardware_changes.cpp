// SPDX-License-Identifier: Apache-2.0
// Goes through the parameters, then through what the memory has.
#include "sim/session/hardware_changes.h"

#include <fmt/format.h>

#include <utility>

#include "model/arch/geometry.h"

namespace systole::session {
namespace {

constexpr int kBitsPerByte = 8;

class Changes {
 public:
  explicit Changes(const arch::ArchConfig& arch) : arch_(arch) {}

  std::vector<HardwareChange> list() {
    for (const isa::HwParamInfo& param : isa::kHwParams) change_parameter(param);
    if (arch_.memory.kind == "ddr") change_dram();
    if (arch_.memory.kind == "ideal") change_ideal();
    return std::move(changes_);
  }

 private:
  void add(HardwareChange change) {
    if (arch::check_params(change.arch.hw).empty()) changes_.push_back(std::move(change));
  }

  void change_parameter(const isa::HwParamInfo& param) {
    const int before = arch_.hw.*param.member;
    const auto set = [&](int after) {
      HardwareChange change{fmt::format("{} {} -> {}", param.key, before, after), arch_};
      change.arch.hw.*param.member = after;
      add(std::move(change));
    };
    if (param.min == 0 && param.max == 1) {
      set(1 - before);
      return;
    }
    if (before <= param.max / 2) set(2 * before);
    if (before / 2 >= param.min) set(before / 2);
  }

  /// Widens the bus of `change` if it would be the limit of `bytes` a cycle.
  static void widen_bus(HardwareChange& change, double bytes) {
    int& bits = change.arch.hw.axi_bits;
    if (bytes * kBitsPerByte <= bits) return;
    change.name += fmt::format(" with axi.data_bits {} -> {}", bits, 2 * bits);
    bits *= 2;
  }

  void change_dram() {
    const int before = arch_.memory.ddr.channels;
    for (const int after : {2 * before, before / 2}) {
      HardwareChange change{fmt::format("memory.channels {} -> {}", before, after), arch_, true};
      change.arch.memory.ddr.channels = after;
      if (arch::check_ddr(change.arch.memory.ddr)) continue;
      if (after > before) widen_bus(change, arch::dram_bytes_per_cycle(change.arch));
      add(std::move(change));
    }
  }

  void change_ideal() {
    const double bytes = arch_.memory.bytes_per_cycle;
    for (const double after : {2 * bytes, bytes / 2}) {
      HardwareChange change{fmt::format("memory.bytes_per_cycle {:.6g} -> {:.6g}", bytes, after),
                            arch_, true};
      change.arch.memory.bytes_per_cycle = after;
      if (after > bytes) widen_bus(change, after);
      add(std::move(change));
    }
    const int latency = arch_.memory.latency_cycles;
    for (const int after : {2 * latency, latency / 2}) {
      if (after < 1 || after == latency) continue;
      HardwareChange change{fmt::format("memory.latency_cycles {} -> {}", latency, after), arch_,
                            true};
      change.arch.memory.latency_cycles = after;
      add(std::move(change));
    }
  }

  const arch::ArchConfig& arch_;
  std::vector<HardwareChange> changes_;
};

}  // namespace

std::vector<HardwareChange> hardware_changes(const arch::ArchConfig& arch) {
  return Changes(arch).list();
}

}  // namespace systole::session
