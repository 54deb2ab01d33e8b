// SPDX-License-Identifier: Apache-2.0
// The whole core: exact cycles of single instructions from docs/timing.md, faults, finish and
// restart.
//
// Every burst is accepted in its first cycle on the bus and delivers its first beat 10 cycles
// later. A program's first instruction is one burst of 8 beats: requested in 1, on the bus in 2,
// beats in 12..19, step in 20, IR in 21, pushed in 22, taken in 23, acquired in 24; so it starts in
// s = 25.
#include <catch2/catch.hpp>

#include "Vsys_core_ROWS4_COLS4_UB_KIB4_AXI_BITS64_WB_TILES4_ACC_ROWS64_PB_ROWS8.h"
#include "model/isa/any_instruction.h"
#include "model/isa/counter_ids.h"
#include "tests/rtl/core_driver.h"

namespace systole {
namespace {

using Driver =
    bench::CoreDriver<Vsys_core_ROWS4_COLS4_UB_KIB4_AXI_BITS64_WB_TILES4_ACC_ROWS64_PB_ROWS8>;
using isa::Cause;
using isa::Counter;
using isa::Unit;

constexpr uint64_t kStart = 25;
constexpr uint32_t kUnmapped = 0x20000;  // beyond the memory: errors

isa::Load load_of(uint32_t addr, uint16_t pixels, uint16_t pixel_bytes) {
  isa::Load load;
  load.dram_addr = addr, load.pixels = pixels, load.pixel_bytes = pixel_bytes;
  load.ub_pixel_stride = static_cast<uint16_t>((pixel_bytes + 3) / 4);
  return load;
}
isa::Store store_of(uint32_t addr, uint16_t pixels, uint16_t pixel_bytes) {
  isa::Store store;
  store.dram_addr = addr, store.pixels = pixels, store.pixel_bytes = pixel_bytes;
  store.ub_pixel_stride = static_cast<uint16_t>((pixel_bytes + 3) / 4);
  return store;
}

/// Runs one instruction, expects its start and end, and that the causes of every unit sum to the
/// run's length.
void expect_single(Driver& d, const isa::Words& words, uint64_t end) {
  REQUIRE(d.run({words}));
  CHECK(d.fault == isa::Fault::kNone);
  REQUIRE(d.retired.size() == 1);
  CHECK(d.retired[0].start == kStart);
  CHECK(d.retired[0].end == end);
  CHECK(d.cycles == end + 2);  // the end is visible in end+1, where the core finishes
  CHECK(d.counter(Counter::kCycles) == d.cycles);
  for (int u = 0; u < isa::kUnits; ++u) {
    uint64_t sum = 0;
    for (int c = 0; c < isa::kCauses; ++c) sum += d.counter(Unit(u), Cause(c));
    INFO(isa::unit_name(Unit(u)));
    CHECK(sum == d.cycles);
  }
}

TEST_CASE("an empty program takes one cycle") {
  Driver d(1);
  REQUIRE(d.run({}));
  CHECK(d.cycles == 1);
  CHECK(d.dram.empty());
}

TEST_CASE("syncs end after the fixed latency of their unit") {
  Driver d(2);
  // lda, ldw: descriptor visible in s+1, active in s+2 where its one step happens, end in s+3.
  expect_single(d, encode(isa::SyncLda{}), kStart + 3);
  expect_single(d, encode(isa::SyncLdw{}), kStart + 3);
  expect_single(d, encode(isa::SyncMxu{}), kStart + 1);
  expect_single(d, encode(isa::SyncVpu{}), kStart);
  // sto: fill step in s+1, end in the cycle after.
  expect_single(d, encode(isa::SyncSto{}), kStart + 2);
}

TEST_CASE("a load of one burst steps once for each word after the burst's last beat") {
  Driver d(3);
  // 18 bytes from 0x1003 touch 3 beats: pending 26, on the bus 27, beats 37..39, usable in 40.
  // Each pixel of 6 bytes is words of 4 and 2: 6 steps, 40..45; end 46.
  expect_single(d, encode(load_of(0x1003, 3, 6)), 46);
  CHECK(d.dram == std::vector<core::DramEvent>{{2, 0x8000, 8, false}, {27, 0x1000, 3, false}});
  CHECK(d.counter(Counter::kReadBytesActivations) == 18);
  CHECK(d.counter(Counter::kReadBytesInstructions) == 64);
  CHECK(d.counter(Counter::kReadBeats) == 8 + 3);
  CHECK(d.counter(Unit::kLda, Cause::kFetch) == 23);  // 0..22: nothing in the queue
  CHECK(d.counter(Unit::kLda, Cause::kSetup) == 2);   // taken in 23, acquired in 24
  CHECK(d.counter(Unit::kLda, Cause::kBusy) == 6);
  CHECK(d.counter(Unit::kLda, Cause::kMemory) == 16);  // 25..46 without the steps
  CHECK(d.counter(Unit::kLda, Cause::kIdle) == 1);     // 47
  CHECK(d.counter(Unit::kFetch, Cause::kBusy) == 1);
  CHECK(d.counter(Unit::kFetch, Cause::kMemory) == 22);
}

TEST_CASE("a word that spans two bursts costs a step in each") {
  Driver d(4);
  // 100 bytes from 0x1031: bursts of 15, 64 and 21 bytes, of 2, 8 and 3 beats, on the bus in 27,
  // 28, 29. Beats 37..38, 39..46, 47..49. Words of 4 bytes: 4 steps (4+4+4+3), 17 (1+15*4+3), 6
  // (1+5*4). Steps 39..42, 47..63, 64..69; end 70.
  expect_single(d, encode(load_of(0x1031, 1, 100)), 70);
  CHECK(d.counter(Unit::kLda, Cause::kBusy) == 4 + 17 + 6);
  CHECK(d.counter(Counter::kReadBursts) == 1 + 3);
}

TEST_CASE("load_window fills a row, emits its windows, and turns to the next row") {
  Driver d(5);
  isa::LoadWindow w;
  w.dram_addr = 0x1000, w.dram_stride1 = 16, w.count1 = 2, w.row_bytes = 10;
  w.windows = 3, w.size = 6, w.step = 2, w.pad_left = 2, w.ub_stride1 = 6, w.window_words = 2;
  // Two bursts of 2 beats: 37..38 and 39..40. Fill steps (4, 4, 2 bytes) in 39..41 = x.
  // N = 3*ceil(6/4) = 6 emissions in x+2..x+1+N = 43..48; second row filled from x+2+N = 49 to 51,
  // emitted in 53..58.
  expect_single(d, encode(w), 59);
  CHECK(d.counter(Unit::kLda, Cause::kBusy) == 2 * (3 + 6));
}

TEST_CASE("load_window emits every word that a row's windows touch") {
  Driver d(15);
  isa::LoadWindow w;
  w.dram_addr = 0x1000, w.dram_stride2 = 16, w.count2 = 3, w.row_bytes = 10;
  w.windows = 2, w.size = 6, w.step = 2, w.lane = 1, w.lane_stride = 2, w.ub_stride2 = 1;
  w.window_words = 5;
  // Three bursts of 2 beats from 37 on. Rows begin in lanes 1, 3 and (5) 1: ceil((1+6)/4) = 2, 3
  // and 2 words a window, N = 4, 6, 4. Fill 39..41,
  // emissions 43..46; 47..49, 51..56; 57..59, 61..64.
  expect_single(d, encode(w), 65);
  CHECK(d.counter(Unit::kLda, Cause::kBusy) == 3 * 3 + 4 + 6 + 4);
}

TEST_CASE("load_param steps once for each word of the parameter buffer") {
  Driver d(6);
  isa::LoadParam p;
  p.dram_addr = 0x1000, p.count = 2;
  // Rows of 16 bytes, words of 4: 4 beats in 37..40, 8 steps in 41..48.
  expect_single(d, encode(p), 49);
  CHECK(d.counter(Counter::kReadBytesParams) == 32);
}

TEST_CASE("load_weights steps once for each tile row") {
  Driver d(7);
  isa::LoadWeights w;
  w.dram_addr = 0x1000, w.channels = 6, w.cols = 3;
  // Groups of 4 and 2 channels: 6 rows of 3 bytes, 3 beats in 37..39, steps in 40..45.
  expect_single(d, encode(w), 46);
  CHECK(d.counter(Counter::kReadBytesWeights) == 18);
}

TEST_CASE("load_weights writes the rows of diagonal tiles one a cycle") {
  Driver d(14);
  isa::LoadWeights w;
  w.dram_addr = 0x1000, w.positions = 2, w.channels = 4, w.cols = 3, w.diagonal = true, w.first = 1;
  // 6 bytes, one beat in 37; each position gives 4 rows: 38..41 and 42..45.
  expect_single(d, encode(w), 46);
  CHECK(d.counter(Counter::kReadBytesWeights) == 6);
  CHECK(d.counter(Unit::kLdw, Cause::kBusy) == 8);
  // From 0x103e on: bursts of 2 and 4 bytes, beats in 37 and 38. Two bytes of position 0 in 38, the
  // third in 39: rows 39..42 and 43..46.
  w.dram_addr = 0x103e;
  expect_single(d, encode(w), 47);
  CHECK(d.counter(Unit::kLdw, Cause::kBusy) == 9);
}

TEST_CASE("a store ends when the last response has passed") {
  Driver d(8);
  // 100 bytes to 0x1031: fill steps as the load's, 4 in 26..29, 17 in 30..46, 6 in 47..52.
  // Ready in 31, 48, 54, on the bus a cycle later; beats 42..43, 59..66, 67..69 (10 after
  // acceptance, and after the burst before); the last response in 70.
  expect_single(d, encode(store_of(0x1031, 1, 100)), 71);
  CHECK(d.dram == std::vector<core::DramEvent>{{2, 0x8000, 8, false},
                                               {32, 0x1030, 2, true},
                                               {49, 0x1040, 8, true},
                                               {55, 0x1080, 3, true}});
  CHECK(d.counter(Counter::kWriteBytes) == 100);
  CHECK(d.counter(Counter::kWriteBeats) == 13);
  CHECK(d.counter(Unit::kSto, Cause::kBusy) == 27);
}

TEST_CASE("what a load brings a store takes back, with random memory") {
  const uint64_t seed = GENERATE(1, 2, 3, 4);
  INFO("seed " << seed);
  Driver d(seed);
  d.timing.random = true;
  auto load = load_of(0x1003, 5, 7);
  auto store = store_of(0x4005, 5, 7);
  load.count1 = store.count1 = 3;
  load.dram_stride1 = 333, store.dram_stride1 = 41;
  load.ub_stride1 = store.ub_stride1 = 10;
  REQUIRE(d.run({encode(load, {.signal = 1 << 5}), encode(store, {.wait = 1 << 1})}));
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 35; ++i)
      REQUIRE(d.memory[0x4005 + row * 41 + i] == d.memory[0x1003 + row * 333 + i]);
}

TEST_CASE("a fault at dispatch stops the core after what was taken") {
  Driver d(9);
  isa::Words bad = encode(isa::SyncVpu{});
  bad[0] = 0xff;
  // The second instruction's beats arrive in 20..27: step 28, IR 29, DR 30, recorded in 30, visible
  // in 31. Nothing is in flight then: the core stops in 31.
  REQUIRE(d.run({encode(isa::SyncVpu{}), bad, encode(isa::SyncVpu{})}));
  CHECK(d.fault == isa::Fault::kIllegalOpcode);
  CHECK(d.fault_pc == 1);
  CHECK(d.retired.size() == 1);
  CHECK(d.cycles == 32);
}

TEST_CASE("a bus error is reported with the instruction whose burst it was") {
  Driver d(10);
  REQUIRE(
      d.run({encode(isa::SyncVpu{}), encode(load_of(kUnmapped, 1, 4)), encode(isa::SyncLda{})}));
  CHECK(d.fault == isa::Fault::kBusRead);
  CHECK(d.fault_pc == 1);
  REQUIRE(d.run({encode(isa::SyncVpu{}), encode(store_of(kUnmapped, 1, 4))}));
  CHECK(d.fault == isa::Fault::kBusWrite);
  CHECK(d.fault_pc == 1);
}

TEST_CASE(
    "a core starts afresh after a fault, a stop in the middle of its fetches, and a finished run") {
  Driver d(11);
  const isa::Words load = encode(load_of(0x1003, 3, 6));
  expect_single(d, load, 46);
  std::vector<isa::Words> faulty(20, encode(isa::SyncMxu{}, {.signal = 1 << 4}));
  faulty[0][0] = 0xff;
  REQUIRE(d.run(faulty));  // more bursts of the program are on their way when it stops
  CHECK(d.fault == isa::Fault::kIllegalOpcode);
  CHECK(d.fault_pc == 0);
  expect_single(d, load, 46);
  expect_single(d, load, 46);
}

TEST_CASE("a unit that waits for a token that never comes makes no progress") {
  Driver d(12);
  CHECK_FALSE(d.run({encode(isa::SyncMxu{}, {.wait = 1 << 4})}, 0x8000, 500));
  CHECK_FALSE(d.dut().progress_o);
  CHECK(d.dut().running_o);
  CHECK((d.dut().unit_cause_o >> (4 * static_cast<int>(Unit::kMxu)) & 15) ==
        static_cast<unsigned>(Cause::kSemVpu));
}

TEST_CASE("a full ring holds a weight load back, and a fault then stops the core") {
  Driver d(13);
  isa::LoadWeights w;
  w.dram_addr = 0x1000, w.positions = 5, w.channels = 4, w.cols = 4;  // 5 tiles, the ring holds 4
  isa::Words bad = encode(isa::SyncVpu{});
  bad[0] = 0xff;
  std::vector<isa::Words> code(12, encode(isa::SyncVpu{}));
  code[0] = encode(w);
  code.push_back(bad);
  REQUIRE(d.run(code));
  CHECK(d.fault == isa::Fault::kIllegalOpcode);
  CHECK(d.counter(Unit::kLdw, Cause::kWeights) > 0);
  CHECK(d.retired.size() == 11);  // the syncs
}

}  // namespace
}  // namespace systole
