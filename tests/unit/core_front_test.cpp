// SPDX-License-Identifier: Apache-2.0
// Exact cycles of fetch, dispatch, issue, semaphores and the end of a run.
#include "model/isa/counter_ids.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

using isa::Cause;
using isa::Counter;
using isa::Unit;
using Outcome = core::CoreKernel::Outcome;

}  // namespace

TEST_CASE("an empty program runs for one cycle") {
  CoreBench bench;
  const BenchResult result = bench.run();
  CHECK(result.outcome == Outcome::kFinished);
  CHECK(result.cycles == 1);  // all 0 instructions are dispatched in cycle 0
  CHECK(result.log.dram.empty());
}

TEST_CASE("a sync goes through fetch, take, acquire, one step") {
  CoreBench bench;
  bench.add(isa::SyncLda{});
  const BenchResult result = bench.run();
  CHECK(result.outcome == Outcome::kFinished);
  // Head visible in 10: take 10, acquire 11, s = 12; descriptor visible 13, active 14, step 14,
  // end 15.
  CHECK(head(1, 0) == 10);
  CHECK(result.at(0).start == 12);
  CHECK(result.at(0).end == 15);
  CHECK(result.cycles == 17);  // nothing in flight is seen in 16
  // fetch: 1 instruction pushed in 9; before that memory (9 cycles), after it idle from 10 to 16.
  CHECK(result.cause(Unit::kFetch, Cause::kMemory) == 9);
  CHECK(result.cause(Unit::kFetch, Cause::kBusy) == 1);
  CHECK(result.cause(Unit::kFetch, Cause::kIdle) == 7);
  // lda: no head until 9; 10 and 11 setup; 12, 13 in flight, 14 step, 15 in flight; 16 idle.
  CHECK(result.cause(Unit::kLda, Cause::kFetch) == 10);
  CHECK(result.cause(Unit::kLda, Cause::kSetup) == 2);
  CHECK(result.cause(Unit::kLda, Cause::kMemory) == 3);
  CHECK(result.cause(Unit::kLda, Cause::kBusy) == 1);
  CHECK(result.cause(Unit::kLda, Cause::kIdle) == 1);
  CHECK(result[Counter::kReadBytesInstructions] == 64);
  CHECK(result[Counter::kReadBursts] == 1);
  CHECK(result[Counter::kRetiredLda] == 1);
  REQUIRE(result.log.dram.size() == 1);
  CHECK(result.log.dram[0] == core::DramEvent{2, CoreBench::kCodeAddr, 1, false});
}

TEST_CASE("the syncs of the other units end as their finish rules say") {
  CoreBench bench;
  bench.add(isa::SyncLdw{});
  bench.add(isa::SyncMxu{});
  bench.add(isa::SyncVpu{});
  bench.add(isa::SyncSto{});
  const BenchResult result = bench.run();
  // Instruction k: head visible in head(4, k) = 13 + k, s two later.
  CHECK(result.at(0).start == 15);
  CHECK(result.at(0).end == 18);  // as lda: s + 3
  CHECK(result.at(1).start == 16);
  CHECK(result.at(1).end == 17);  // max(s + 1, ...)
  CHECK(result.at(2).start == 17);
  CHECK(result.at(2).end == 17);  // s
  CHECK(result.at(3).start == 18);
  CHECK(result.at(3).end == 20);  // fill step in s + 1, end one later
  CHECK(result.cycles == 22);     // nothing in flight is seen in 21
  CHECK(result.cause(Unit::kVpu, Cause::kBusy) == 1);
  CHECK(result.cause(Unit::kMxu, Cause::kSetup) == 3);  // take, acquire, s
  CHECK(result.cause(Unit::kMxu, Cause::kDrain) == 1);  // 17: in flight, nothing queued
}

TEST_CASE("a token that a sync signals is seen in the cycle after its end") {
  CoreBench bench;
  bench.add(isa::SyncVpu{}, bit(Unit::kLda), 0);
  bench.add(isa::SyncLda{}, 0, bit(Unit::kVpu));
  const BenchResult result = bench.run();
  // lda: head(2, 1) = 12, s = 14, end = 17. vpu: head in 11, token visible in 18: take 18, s = 20.
  CHECK(result.at(1).end == 17);
  CHECK(result.at(0).start == 20);
  CHECK(result.cause(Unit::kVpu, Cause::kSemLda) == 7);  // 11 to 17
}

TEST_CASE("back-to-back syncs of one unit take every third cycle, and four are in flight at most") {
  CoreBench bench;
  for (int i = 0; i < 3; ++i) bench.add(isa::SyncVpu{});
  for (int i = 0; i < 3; ++i) bench.add(isa::SyncMxu{});
  const BenchResult result = bench.run();
  // vpu: head(6, 0) = 15: take 15, s = end = 17; in flight until 18 is visible: take 18, s = 20;
  // 21, 23.
  CHECK(result.at(0).end == 17);
  CHECK(result.at(1).end == 20);
  CHECK(result.at(2).end == 23);
  // mxu: head(6, 3) = 18: take 18, s = 20, front done 20, WAIT 21 (the next head is there): s =
  // 23; 26.
  CHECK(result.at(3).start == 20);
  CHECK(result.at(4).start == 23);
  CHECK(result.at(5).start == 26);
  CHECK(result.at(5).end == 27);
}

TEST_CASE("a full queue stops dispatch until its head is taken") {
  isa::HwParams hw;
  hw.queue_depth = 1;
  CoreBench bench(hw);
  for (int i = 0; i < 3; ++i) bench.add(isa::SyncVpu{});
  const BenchResult result = bench.run();
  // Steps in 9, 10, 11. Instruction 0: DR 11, pushed 11, head 12, taken 12 (the queue is seen empty
  // in 13). Instruction 1: DR 12, the queue holds one: queue in 12, pushed 13, head 14; s = end =
  // 14 for 0, so it is taken in 15, s = 17. Instruction 2: DR 14, queue in 14 and 15, pushed in 16,
  // head 17, taken 18, s = 20.
  CHECK(result.at(0).start == 14);
  CHECK(result.at(1).start == 17);
  CHECK(result.at(2).start == 20);
  CHECK(result.cause(Unit::kFetch, Cause::kQueue) == 3);
}

TEST_CASE("bursts shorter than an instruction are assembled step by step") {
  isa::HwParams hw;
  hw.axi_bits = 32;
  hw.burst_beats = 1;
  hw.outstanding = 64;
  CoreBench bench(hw);
  bench.add(isa::SyncVpu{});
  const BenchResult result = bench.run();
  // 16 bursts of 4 bytes, granted in 1..16, on the bus in 2..17, beats 4 later: 6..21, usable in
  // 22; the last step in 22: head visible in 25, s = end = 27.
  CHECK(result[Counter::kReadBursts] == 16);
  CHECK(result.at(0).end == 27);
  CHECK(result.cycles == 29);
}

TEST_CASE("outstanding slots limit the reader") {
  isa::HwParams hw;
  hw.axi_bits = 32;
  hw.burst_beats = 1;
  hw.outstanding = 1;
  CoreBench bench(hw);
  bench.add(isa::SyncVpu{});
  const BenchResult result = bench.run();
  // Grant g, bus g + 1, beat g + 5, usable and stepped g + 6, slot free g + 7: a burst every 7
  // cycles from 1 on. The last is granted in 106, stepped in 112; head 115, s = end = 117.
  CHECK(result.log.dram.back().cycle == 107);
  CHECK(result.at(0).end == 117);
}

TEST_CASE("a dispatch fault is visible after DR and stops the core with its pc") {
  CoreBench bench;
  bench.add(isa::SyncVpu{});
  bench.add(isa::SyncVpu{});
  bench.code.back()[0] = 0xff;  // no such opcode
  bench.add(isa::SyncVpu{});
  const BenchResult result = bench.run();
  CHECK(result.outcome == Outcome::kFinished);
  CHECK(result.fault == isa::Fault::kIllegalOpcode);
  CHECK(result.fault_pc == 1);
  // Steps in 9, 10: instruction 0 is taken in 12, s = end = 14. DR of 1 is valid in 12; the fault
  // is visible in
  // 13. vpu has nothing in flight in 15: running ends in 16.
  CHECK(result.at(0).end == 14);
  CHECK(result.cycles == 16);
  CHECK(result.log.retired.size() == 1);
  CHECK(result.cause(Unit::kFetch, Cause::kIdle) == 3);  // 13 to 15
}

TEST_CASE("a fault stops takes of instructions that are queued") {
  CoreBench bench;
  bench.add(isa::SyncVpu{}, bit(Unit::kLda), 0);  // never gets its token
  bench.add(isa::SyncVpu{});
  bench.code.back()[5] = 1;  // reserved bit
  const BenchResult result = bench.run();
  CHECK(result.fault == isa::Fault::kMalformed);
  CHECK(result.log.retired.empty());
  // Step of instruction 1 in 9, DR in 11, visible in 12: everything is idle, the run ends with 12.
  CHECK(result.cycles == 13);
}

TEST_CASE("a bus error of fetch names the instruction that holds the burst's first byte") {
  CoreBench bench;
  for (int i = 0; i < 9; ++i) bench.add(isa::SyncVpu{});
  bench.memory.end = CoreBench::kCodeAddr + 8 * 64;  // the first burst is the last that can be read
  const BenchResult result = bench.run();
  CHECK(result.outcome == Outcome::kFinished);
  CHECK(result.fault == isa::Fault::kBusRead);
  CHECK(result.fault_pc == 8);
}

TEST_CASE("a deadlock ends by the watchdog in the last of its quiet cycles") {
  CoreBench bench;
  bench.add(isa::SyncVpu{}, bit(Unit::kSto), 0);
  const BenchResult result = bench.run({.watchdog_cycles = 100});
  CHECK(result.outcome == Outcome::kWatchdog);
  // The push in 9 was the last progress; quiet from 10 to 109.
  CHECK(result.cycles == 110);
  CHECK(result.cause(Unit::kVpu, Cause::kSemSto) == 100);
  CHECK(bench.dump.find("vpu   wait next pc 0 sync_vpu") != std::string::npos);
}

TEST_CASE("the cycle limit stops a run between two events") {
  CoreBench bench;
  bench.add(isa::SyncVpu{});
  const BenchResult result = bench.run({.cycle_limit = 5});
  CHECK(result.outcome == Outcome::kLimit);
  CHECK(result.cycles == 5);
}

}  // namespace systole
