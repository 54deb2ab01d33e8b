// SPDX-License-Identifier: Apache-2.0
// A bench for the event-driven core: builds programs from instruction structs, answers bursts by a
// fixed rule.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

#include "model/core/core_kernel.h"
#include "model/core/datapath.h"
#include "model/isa/any_instruction.h"
#include "model/isa/counter_ids.h"

namespace systole {

/// Accepts `accept` cycles after the question; the first beat comes `latency` cycles after it, or
/// one after the last beat of the burst before it in its direction; beats are `spacing` apart.
class FixedMemory : public core::MemoryPort {
 public:
  explicit FixedMemory(size_t axi_bytes) : bytes(size_t{1} << 20), axi_bytes_(axi_bytes) {}

  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) override {
    const size_t length = static_cast<size_t>(beats) * axi_bytes_;
    const bool error = addr + length > end;
    if (data && !error) std::memcpy(data, bytes.data() + addr, length);
    if (data && error) std::memset(data, 0xee, length);
    return answer(cycle, beats, last_read_, error);
  }
  memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t* data,
                            uint8_t* enables) override {
    const size_t length = static_cast<size_t>(beats) * axi_bytes_;
    const bool error = addr + length > end;
    for (size_t i = 0; data && !error && i < length; ++i)
      if (enables == nullptr || enables[i] == 0xff) bytes[addr + i] = data[i];
    return answer(cycle, beats, last_write_, error);
  }

  /// A new run begins: no burst has been answered yet.
  void restart() { last_read_ = last_write_ = 0; }

  std::vector<uint8_t> bytes;
  size_t end = size_t{1} << 20;  ///< bursts beyond are errors
  Cycle accept = 0, latency = 4, spacing = 1;
  std::mt19937* random = nullptr;  ///< draws the three for each burst

 private:
  memory::BurstTiming answer(Cycle cycle, int beats, Cycle& last, bool error) {
    if (random) {
      accept = (*random)() % 4 == 0 ? (*random)() % 20 : 0;
      latency = 1 + accept + (*random)() % ((*random)() % 4 == 0 ? 60 : 6);
      spacing = 1 + (*random)() % 3;
    }
    memory::BurstTiming timing;
    timing.accept = cycle + accept;
    timing.first = std::max({cycle + latency, timing.accept + 1, last + 1});
    last = timing.last = timing.first + static_cast<Cycle>(beats - 1) * spacing;
    timing.error = error;
    return timing;
  }

  const size_t axi_bytes_;
  Cycle last_read_ = 0, last_write_ = 0;
};

/// What a run left behind.
struct BenchResult {
  core::CoreKernel::Outcome outcome = core::CoreKernel::Outcome::kRunning;
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;
  Cycle cycles = 0;
  core::RunLog log;
  std::array<uint64_t, isa::kCounters> counters{};

  uint64_t operator[](isa::Counter counter) const { return counters[static_cast<size_t>(counter)]; }
  uint64_t cause(isa::Unit unit, isa::Cause cause) const {
    return counters[static_cast<size_t>(isa::cause_counter(unit, cause))];
  }
  /// The retire event of an instruction.
  core::RetireEvent at(uint32_t pc) const {
    for (const core::RetireEvent& event : log.retired)
      if (event.pc == pc) return event;
    FAIL("instruction " << pc << " has not retired");
    return {};
  }
};

class CoreBench {
 public:
  explicit CoreBench(const isa::HwParams& params = {})
      : hw(params), memory(static_cast<size_t>(params.axi_bits) / 8) {}

  /// Appends an instruction; returns its number.
  uint32_t add(const isa::AnyInstruction& instruction, uint16_t wait = 0, uint16_t signal = 0) {
    code.push_back(encode(instruction, {.wait = wait, .signal = signal}));
    return static_cast<uint32_t>(code.size() - 1);
  }

  BenchResult run(const core::KernelOptions& options = {.watchdog_cycles = 1000},
                  bool functional = true) {
    if (!code.empty())
      std::memcpy(memory.bytes.data() + kCodeAddr, code.data(), code.size() * sizeof(isa::Words));
    memory.restart();
    datapath = functional ? std::make_unique<core::Datapath>(hw) : nullptr;
    BenchResult result;
    core::CoreKernel kernel(hw, memory, datapath.get(), &result.log, kCodeAddr,
                            static_cast<uint32_t>(code.size()), options);
    active_cycles = 0;
    while (kernel.outcome() == core::CoreKernel::Outcome::kRunning) {
      kernel.step();
      ++active_cycles;
    }
    result.outcome = kernel.outcome();
    result.fault = kernel.fault();
    result.fault_pc = kernel.fault_pc();
    result.cycles = kernel.next_cycle();
    result.counters = kernel.counters(result.cycles);
    dump = kernel.dump();
    check_causes(result);
    return result;
  }

  static constexpr uint32_t kCodeAddr = 0x80000;

  const isa::HwParams hw;
  FixedMemory memory;
  std::vector<isa::Words> code;
  std::unique_ptr<core::Datapath> datapath;  ///< of the last run
  std::string dump;                          ///< at the end of the last run
  uint64_t active_cycles = 0;

 private:
  /// Each cycle of each unit has exactly one cause.
  static void check_causes(const BenchResult& result) {
    CHECK(result[isa::Counter::kCycles] == result.cycles);
    for (int u = 0; u < isa::kUnits; ++u) {
      uint64_t sum = 0;
      for (int c = 0; c < isa::kCauses; ++c)
        sum += result.cause(static_cast<isa::Unit>(u), static_cast<isa::Cause>(c));
      CHECK(sum == result.cycles);
    }
  }
};

/// Semaphore sets.
constexpr uint16_t bit(isa::Unit unit) {
  return static_cast<uint16_t>(1u << static_cast<int>(unit));
}

/// With the default memory (first beat 4 cycles after the question) and 512-bit bursts of 8 beats:
/// fetch's first burst is pending in 1, granted in 1, on the bus in 2, its 8 instructions (fewer:
/// fewer beats) come in beats 6, 7, ..., usable one after the last. `kHead` + k is the cycle in
/// which instruction k is at its queue's head, for a program of `n` <= 8 instructions: last beat 6
/// + n - 1, usable 6 + n, step 6 + n + k, IR + 1, DR + 2, pushed there, visible one later.
constexpr Cycle head(int n, int k) { return static_cast<Cycle>(6 + n + k + 3); }

}  // namespace systole
