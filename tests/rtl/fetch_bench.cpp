// SPDX-License-Identifier: Apache-2.0
// The fetch unit: every instruction reaches its unit's queue in order; a fault stops everything at
// once.
#include <catch2/catch.hpp>

#include "Vsys_fetch_AXI_BITS256_BURST_BEATS4_OUTSTANDING2.h"
#include "Vsys_fetch_AXI_BITS32_BURST_BEATS1_OUTSTANDING1.h"
#include "Vsys_fetch_AXI_BITS512_BURST_BEATS8_OUTSTANDING8.h"
#include "model/isa/causes.h"
#include "model/isa/isa.h"
#include "tests/rtl/read_port.h"

namespace systole {
namespace {

template <class D, int kBytes, int kBeats>
struct Config {
  using Dut = D;
  static constexpr int kAxiBytes = kBytes, kBurstBeats = kBeats;
};

constexpr uint32_t kBase = 0x1c0;  // a multiple of 64, not of a burst

/// A fetch unit before a memory that holds a program.
template <class C>
struct FetchBench {
  explicit FetchBench(uint64_t seed) : b(seed), memory(64 * 1024), port(b, memory) {
    b->start_i = b->fault_i = 0;
    b->full_i = 0;
  }
  void put(const std::vector<uint32_t>& words) {
    std::memcpy(&memory[kBase + 64 * program.size()], words.data(), 64);
    program.push_back(words);
  }
  /// A sync of a random unit, its tag a random number.
  std::vector<uint32_t> random_sync() {
    std::vector<uint32_t> words(16, 0);
    words[0] = static_cast<uint32_t>(b.pick(1, 5)) << 4 | static_cast<uint32_t>(b.pick(0, 65535))
                                                              << 16;
    return words;
  }

  /// Runs until all is dispatched or a fault was seen and `after_fault` cycles have passed.
  void run(int stall_in_4, int after_fault = 0) {
    b->base_i = kBase / 64;
    b->length_i = static_cast<uint32_t>(program.size());
    b->start_i = 1;
    bool fault_seen = false;
    while (fault_seen ? after_fault-- > 0 : !finished) {
      REQUIRE(b.cycle < 200000);
      port.drive();
      b->full_i = 0;
      for (int unit = 1; unit <= 5; ++unit)
        if (b.pick(0, 3) < stall_in_4) b->full_i = static_cast<uint8_t>(b->full_i | 1 << unit);
      b->fault_i = fault_seen;
      b.settle();
      port.answer();
      b.settle();
      finished = b->all_done_o && b.cycle > 0;
      if (b->push_o) {
        REQUIRE(!fault_seen);
        REQUIRE(pushed < program.size());
        const auto& words = program[pushed];
        CHECK(b->push_o == 1 << (words[0] >> 4 & 15));
        CHECK((b->full_i & b->push_o) == 0);
        CHECK(b->pc_o == pushed);
        REQUIRE(bench::peek<uint32_t>(b->instr_o, 16) == words);
        CHECK(b->cause_o == static_cast<int>(isa::Cause::kBusy));
        ++pushed;
      }
      if (b->fault_o) {
        REQUIRE(!fault_seen);
        fault_seen = true;
        fault_pc = b->pc_o;
        fault_code = b->fault_code_o;
      }
      b.tick();
      b->start_i = 0;
    }
  }

  bench::Bench<typename C::Dut> b;
  std::vector<uint8_t> memory;
  bench::ReadPort<typename C::Dut, C::kAxiBytes, C::kBurstBeats> port;
  std::vector<std::vector<uint32_t>> program;
  size_t pushed = 0;
  bool finished = false;
  uint32_t fault_pc = ~0u, fault_code = 0;
};

using Narrow = Config<Vsys_fetch_AXI_BITS32_BURST_BEATS1_OUTSTANDING1, 4, 1>;
using Middle = Config<Vsys_fetch_AXI_BITS256_BURST_BEATS4_OUTSTANDING2, 32, 4>;
using Broad = Config<Vsys_fetch_AXI_BITS512_BURST_BEATS8_OUTSTANDING8, 64, 8>;

TEMPLATE_TEST_CASE("instructions reach the queues in order, whatever stalls", "", Narrow, Middle,
                   Broad) {
  const int stall_in_4 = GENERATE(0, 2, 3);
  FetchBench<TestType> f(7);
  for (int i = 0; i < 150; ++i) f.put(f.random_sync());
  f.run(stall_in_4);
  CHECK(f.pushed == f.program.size());
  CHECK(f.port.bytes_asked == 64 * f.program.size());
}

TEMPLATE_TEST_CASE("a faulty instruction is reported once and nothing moves after it", "", Narrow,
                   Middle, Broad) {
  const int at = GENERATE(0, 1, 37);
  FetchBench<TestType> f(8);
  for (int i = 0; i < 60; ++i) f.put(f.random_sync());
  auto words = f.random_sync();
  words[0] |= 0x0f;  // no such operation
  std::memcpy(&f.memory[kBase + 64 * static_cast<size_t>(at)], words.data(), 64);
  f.run(1, 500);
  CHECK(f.pushed == static_cast<size_t>(at));
  CHECK(f.fault_pc == static_cast<uint32_t>(at));
  CHECK(f.fault_code == static_cast<uint32_t>(isa::Fault::kIllegalOpcode));
  CHECK(!f.b->all_done_o);
}

}  // namespace
}  // namespace systole
