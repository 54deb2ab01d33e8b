// SPDX-License-Identifier: Apache-2.0
// Exact cycles of lda, sto, the read port and the memory, with the sums beside.
#include "model/isa/counter_ids.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

using isa::Cause;
using isa::Counter;
using isa::Unit;

/// A load of one run of `bytes` bytes as one pixel.
isa::Load load_run(uint32_t dram, uint16_t bytes) {
  isa::Load load;
  load.dram_addr = dram;
  load.pixel_bytes = bytes;
  return load;
}

isa::Store store_run(uint32_t dram, uint16_t bytes) {
  isa::Store store;
  store.dram_addr = dram;
  store.pixel_bytes = bytes;
  return store;
}

void fill_memory(CoreBench& bench) {
  for (size_t i = 0; i < CoreBench::kCodeAddr; ++i)
    bench.memory.bytes[i] = static_cast<uint8_t>(i * 7 + i / 256);
}

}  // namespace

TEST_CASE("a load of one burst drains one word a cycle from the cycle after its last beat") {
  CoreBench bench;
  fill_memory(bench);
  bench.add(load_run(0x1000, 64));
  const BenchResult result = bench.run();
  // Take 10, acquire 11, s = 12; granted 13, on the bus 14, beat 18, usable 19; 4 words of
  // 16: 19..22; end 23.
  CHECK(result.at(0).start == 12);
  CHECK(result.at(0).end == 23);
  CHECK(result.cycles == 25);
  CHECK(result.cause(Unit::kLda, Cause::kBusy) == 4);
  CHECK(result.cause(Unit::kLda, Cause::kMemory) == 8);  // 12..18 and 23
  CHECK(result[Counter::kReadBytesActivations] == 64);
  CHECK(result[Counter::kReadBeats] == 2);
  CHECK(std::memcmp(bench.datapath->word(0), bench.memory.bytes.data() + 0x1000, 64) == 0);
}

TEST_CASE("a word that spans two bursts costs a step in each") {
  CoreBench bench;
  fill_memory(bench);
  bench.add(load_run(0x11e8, 64));
  const BenchResult result = bench.run();
  // 24 bytes to the boundary at 0x1200: words 0, 1: 19, 20. The second burst is granted in 14, on
  // the bus in 15, beat 19; its 40 bytes touch words 1, 2, 3: 21..23; end 24.
  CHECK(result.at(0).end == 24);
  CHECK(result.cause(Unit::kLda, Cause::kBusy) == 5);
  REQUIRE(result.log.dram.size() == 3);
  CHECK(result.log.dram[1] == core::DramEvent{14, 0x11c0, 1, false});
  CHECK(result.log.dram[2] == core::DramEvent{15, 0x1200, 1, false});
  CHECK(std::memcmp(bench.datapath->word(0), bench.memory.bytes.data() + 0x11e8, 64) == 0);
}

TEST_CASE("a pixel starts a new word") {
  CoreBench bench;
  fill_memory(bench);
  isa::Load load = load_run(0x1000, 20);
  load.pixels = 3;
  load.ub_pixel_stride = 2;
  load.ub_addr = 5;
  bench.add(load);
  const BenchResult result = bench.run();
  // 60 bytes are 3 pixels of 2 words: 19..24; end 25.
  CHECK(result.at(0).end == 25);
  CHECK(std::memcmp(bench.datapath->word(7), bench.memory.bytes.data() + 0x1014, 16) == 0);
  CHECK(std::memcmp(bench.datapath->word(8), bench.memory.bytes.data() + 0x1024, 4) == 0);
  CHECK(bench.datapath->word(8)[4] == 0);  // lanes that no byte reaches stay as they were
}

TEST_CASE("the runs of the loops are bursts of their own") {
  CoreBench bench;
  fill_memory(bench);
  isa::Load load = load_run(0x1000, 16);
  load.count1 = 2;
  load.dram_stride1 = 0x1000;
  load.ub_stride1 = 8;
  load.count2 = 2;
  load.dram_stride2 = 16;
  load.ub_stride2 = 1;
  bench.add(load);
  const BenchResult result = bench.run();
  // Granted 13..16, beats 18..21, a step each: 19..22; end 23.
  CHECK(result.at(0).end == 23);
  CHECK(result[Counter::kReadBursts] == 5);
  CHECK(std::memcmp(bench.datapath->word(9), bench.memory.bytes.data() + 0x2010, 16) == 0);
}

TEST_CASE("load_param writes PB_WORD bytes a step") {
  CoreBench bench;
  isa::LoadParam rows;
  rows.dram_addr = 0x1000;
  rows.count = 2;
  isa::LoadParam table;
  table.dram_addr = 0x2000;
  table.target = true;

  SECTION("parameter rows") {
    bench.add(rows);
    const BenchResult result = bench.run();
    // 2 rows of 64 bytes: beats 18, 19, usable 20; 8 steps of 16 bytes: 20..27; end 28.
    CHECK(result.at(0).end == 28);
    CHECK(result[Counter::kReadBytesParams] == 128);
  }
  SECTION("a table") {
    bench.add(table);
    const BenchResult result = bench.run();
    // 256 bytes: beats 18..21, usable 22; 16 steps: 22..37; end 38.
    CHECK(result.at(0).end == 38);
  }
}

TEST_CASE("load_window emits a row's windows two cycles after its last fill step") {
  CoreBench bench;
  fill_memory(bench);
  isa::LoadWindow load;
  load.dram_addr = 0x1000;
  load.dram_stride1 = 0x100;
  load.count1 = 2;
  load.ub_stride1 = 10;
  load.row_bytes = 40;
  load.windows = 5;
  load.size = 20;
  load.window_words = 2;
  load.step = 5;
  load.pad_left = 3;
  load.pad_byte = -7;
  bench.add(load);
  const BenchResult result = bench.run();
  // Row 0: usable 19, 40 bytes are 3 blocks of 16: 19..21; 5 windows of 2 words: 23..32. Row 1
  // fills from 33: 33..35, emits 37..46 = e; end 47.
  CHECK(result.at(0).end == 47);
  CHECK(result.cause(Unit::kLda, Cause::kBusy) == 26);
  const int8_t* first = bench.datapath->word(0);
  CHECK(first[2] == -7);
  CHECK(first[3] == static_cast<int8_t>(bench.memory.bytes[0x1000]));
  // Window 4 of row 1: bytes 17..36; lane 2 of its second word is byte 35.
  CHECK(bench.datapath->word(19)[2] == static_cast<int8_t>(bench.memory.bytes[0x1123]));
}

TEST_CASE("load_window packs rows one behind the other into the lanes of shared words") {
  CoreBench bench;
  fill_memory(bench);
  isa::LoadWindow load;
  load.dram_addr = 0x1000;
  load.dram_stride2 = 0x100;
  load.count2 = 3;  // rows of 12 in lanes 2, 30 and 58 = 3*16 + 10 of a window's five words
  load.lane = 2;
  load.ub_stride2 = 1;
  load.lane_stride = 12;
  load.row_bytes = 40;
  load.windows = 5;
  load.window_words = 5;
  load.size = 12;
  load.step = 5;
  load.pad_left = 3;
  load.pad_byte = -7;
  bench.add(load);
  const BenchResult result = bench.run();
  // Each row fills in 3 steps. Row 0 touches one word a window: fill 19..21, emissions 23..27. Row
  // 1 lies in lanes 14 and up of the second: 28..30, 2*5 in 32..41. Row 2: 42..44, 46..55 = e;
  // end 56.
  CHECK(result.at(0).end == 56);
  CHECK(result.cause(Unit::kLda, Cause::kBusy) == 3 * 3 + 5 + 10 + 10);
  const auto byte = [&](uint64_t window, uint64_t lane) {
    return bench.datapath->word(5 * window + lane / 16)[lane % 16];
  };
  const auto memory = [&](size_t address) {
    return static_cast<int8_t>(bench.memory.bytes[address]);
  };
  for (const uint64_t row : {0u, 1u, 2u}) {
    CHECK(byte(0, 2 + 28 * row + 2) == -7);
    CHECK(byte(0, 2 + 28 * row + 3) == memory(0x1000 + 0x100 * row));
    CHECK(byte(4, 2 + 28 * row + 11) == memory(0x1000 + 0x100 * row + 20 - 3 + 11));
  }
  CHECK(byte(0, 1) == 0);  // lanes before the first are left alone
  CHECK(byte(0, 70) == 0);
}

TEST_CASE("the next load's bursts are requested while the first drains") {
  CoreBench bench;
  bench.add(load_run(0x1000, 64));
  bench.add(load_run(0x2000, 64));
  const BenchResult result = bench.run();
  // 0: head 11, s = 13, granted 14 = front done, usable 20, steps 20..23, end 24.
  CHECK(result.at(0).end == 24);
  // 1: WAIT 15: take 15, s = 17, granted 18, usable 24. The back end is free in 24, loads, is
  // active in 25: 25..28; end 29.
  CHECK(result.at(1).start == 17);
  CHECK(result.at(1).end == 29);
}

TEST_CASE("at most four loads are in flight") {
  CoreBench bench;
  bench.memory.latency = 100;
  for (int i = 0; i < 6; ++i) bench.add(load_run(0x1000, 16));
  const BenchResult result = bench.run();
  // Fetch: on the bus 2, beats 102..107, usable 108: head of k in 111 + k. 0: s = 113, granted 114
  // = front done, then take 115, s = 117; 121; 125: four in flight. Instruction 0: beat 215, step
  // 216, end 217: the fifth is taken in 218, s = 220. 1: s = 117, beat 219, active since 218: step
  // 220, end 221; the sixth front is in WAIT from 222: take 222, s = 224.
  CHECK(result.at(0).start == 113);
  CHECK(result.at(3).start == 125);
  CHECK(result.at(0).end == 217);
  CHECK(result.at(4).start == 220);
  CHECK(result.at(1).end == 221);
  CHECK(result.at(5).start == 224);
}

TEST_CASE("lda and ldw take turns at the read port, lda first") {
  CoreBench bench;
  isa::LoadWeights weights;
  weights.dram_addr = 0x3000;
  weights.channels = 64;
  weights.cols = 16;  // 1024 bytes: two bursts
  bench.add(isa::SyncVpu{}, 0, bit(Unit::kLda) | bit(Unit::kLdw));
  bench.add(weights, bit(Unit::kVpu), 0);
  isa::Load load = load_run(0x1000, 1024);
  bench.add(load, bit(Unit::kVpu), 0);
  const BenchResult result = bench.run();
  // vpu: head(3, 0) = 12, end = 14: tokens in 15, both s = 17, both pending in 18: lda, ldw, lda,
  // ldw.
  REQUIRE(result.log.dram.size() == 5);
  CHECK(result.log.dram[1] == core::DramEvent{19, 0x1000, 8, false});
  CHECK(result.log.dram[2] == core::DramEvent{20, 0x3000, 8, false});
  CHECK(result.log.dram[3] == core::DramEvent{21, 0x1200, 8, false});
  CHECK(result.log.dram[4] == core::DramEvent{22, 0x3200, 8, false});
}

TEST_CASE("the read port waits for acceptance and grants in that cycle") {
  CoreBench bench;
  bench.memory.accept = 3;
  bench.memory.latency = 10;
  bench.add(load_run(0x1000, 1024));
  const BenchResult result = bench.run();
  // Fetch: bus 2, beat 12, usable 13, head 16, s = 18, granted 19, bus 20..23, granted 23, bus 24.
  REQUIRE(result.log.dram.size() == 3);
  CHECK(result.log.dram[1].cycle == 20);
  CHECK(result.log.dram[2].cycle == 24);
}

TEST_CASE("a store ends when the response of its last burst has passed") {
  CoreBench bench;
  fill_memory(bench);
  isa::Store store = store_run(0x2000, 64);
  bench.add(store);
  const BenchResult result = bench.run();
  // s = 12, fill 13..16, ready 18 and into AW, bus 19, beat 23, response 24, end 25.
  CHECK(result.at(0).start == 12);
  CHECK(result.at(0).end == 25);
  CHECK(result.cycles == 27);
  CHECK(result.log.dram.back() == core::DramEvent{19, 0x2000, 1, true});
  CHECK(result[Counter::kWriteBytes] == 64);
  CHECK(result[Counter::kWriteBeats] == 1);
  CHECK(result.cause(Unit::kSto, Cause::kBusy) == 4);
  CHECK(result.cause(Unit::kSto, Cause::kMemory) == 10);  // 12 and 17..25
  CHECK(bench.memory.bytes[0x2000] == 0);
  CHECK(bench.memory.bytes[0x2040] != 0);
}

TEST_CASE("a store writes only the bytes of its runs") {
  CoreBench bench;
  fill_memory(bench);
  const std::vector<uint8_t> before = bench.memory.bytes;
  isa::Store store = store_run(0x2005, 3);
  store.count2 = 2;
  store.dram_stride2 = 10;
  bench.add(store);
  bench.run();
  for (uint32_t i = 0x2000; i < 0x2020; ++i) {
    const bool written = (i >= 0x2005 && i < 0x2008) || (i >= 0x200f && i < 0x2012);
    CHECK(bench.memory.bytes[i] == (written ? 0 : before[i]));
  }
}

TEST_CASE("a store fills its next burst when a slot is free again") {
  isa::HwParams hw;
  hw.outstanding = 1;
  CoreBench bench(hw);
  isa::Store store = store_run(0x2000, 16);
  store.count2 = 2;
  store.dram_stride2 = 0x100;
  bench.add(store);
  const BenchResult result = bench.run();
  // Fill 13, AW 15, bus 16, beat 20, response 21, slot free 22: fill 22, AW 24, bus 25, beat 29;
  // end 31.
  CHECK(result.log.dram.back().cycle == 25);
  CHECK(result.at(0).end == 31);
}

TEST_CASE("a sync of sto ends after the store before it") {
  CoreBench bench;
  bench.memory.latency = 50;
  bench.add(store_run(0x2000, 16));
  bench.add(isa::SyncSto{});
  const BenchResult result = bench.run();
  // Fetch usable in 54, head 57, s = 59; fill 60, AW 62, bus 63, beat 113, end 115; the sync, long
  // ready: 116.
  CHECK(result.at(0).end == 115);
  CHECK(result.at(1).start == 63);
  CHECK(result.at(1).end == 116);
}

TEST_CASE("an erroneous read delivers zeros and stops the core with its pc") {
  CoreBench bench;
  bench.add(isa::SyncSto{});
  bench.add(load_run(0x200000, 16));
  const BenchResult result = bench.run();
  // head(2, 1) = 12, s = 14, granted 15, bus 16, beat 20: fault visible and step in 21; end 22, run
  // ends with 23.
  CHECK(result.fault == isa::Fault::kBusRead);
  CHECK(result.fault_pc == 1);
  CHECK(result.at(1).end == 22);
  CHECK(result.cycles == 24);
  CHECK(bench.datapath->word(0)[0] == 0);
}

TEST_CASE("an erroneous write stops the core after its response") {
  CoreBench bench;
  bench.add(store_run(0x200000, 16));
  const BenchResult result = bench.run();
  // Fill 13, AW 15, bus 16, beat 20, response 21: visible 22 = end; the run ends with 23.
  CHECK(result.fault == isa::Fault::kBusWrite);
  CHECK(result.fault_pc == 0);
  CHECK(result.at(0).end == 22);
  CHECK(result.cycles == 24);
}

}  // namespace systole
