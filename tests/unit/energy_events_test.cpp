// SPDX-License-Identifier: Apache-2.0
// Events of programs, with the sums that give them, and against the counters of runs.
#include <catch2/catch.hpp>

#include "model/golden/random_program.h"
#include "model/isa/counter_ids.h"
#include "sim/energy/events.h"
#include "sim/engine/run_process.h"
#include "tests/unit/energy_fixture.h"

namespace systole {
namespace {

using Event = energy::EnergyEvent;

// 4x4: a UB word has 4 bytes, a parameter row 16 in words of 4, a burst 64.
isa::HwParams small_hw() {
  isa::HwParams hw;
  hw.rows = hw.cols = 4;
  hw.axi_bits = 64;
  hw.burst_beats = 8;
  return hw;
}

/// `weights`: all bytes of DRAM; -1 at every width unless said.
energy::EnergyEvents events_of(const std::vector<isa::Words>& code,
                               std::vector<uint8_t> weights = {}) {
  program::Program program;
  program.hw = small_hw();
  program.code = code;
  program.dram_bytes = 4096;
  weights.resize(program.dram_bytes, 0xff);
  program.segments.push_back({0, "weights", std::move(weights)});
  energy::EnergyEvents sum;
  for (const auto& [tag, part] : energy::program_events(program).by_tag) sum += part;
  return sum;
}

TEST_CASE("loads write each word of each pixel, stores read a word for each burst it is in") {
  isa::Load load;  // 2 * 3 runs of 5 pixels of 6 bytes, two words each
  load.count0 = 2;
  load.count2 = 3;
  load.pixels = 5;
  load.pixel_bytes = 6;
  isa::LoadWindow window;  // 2 rows of 9 bytes, 3 windows of 5 bytes: two words each
  window.count1 = 2;
  window.row_bytes = 9;
  window.windows = 3;
  window.size = 5;
  window.window_words = 2;
  isa::Store store;  // 10 pixels of two words: 20; the burst border 3 bytes behind splits one more
  store.dram_addr = 61;
  store.pixels = 10;
  store.pixel_bytes = 6;
  const energy::EnergyEvents events =
      events_of({tagged(1, load), tagged(1, window), tagged(1, store), tagged(1, isa::SyncSto{})});
  CHECK(events[Event::kUbWrite] == 2 * 3 * 5 * 2 + 2 * 3 * 2);
  CHECK(events[Event::kUbRead] == 20 + 1);
  CHECK(events[Event::kInstruction] == 4);
  CHECK(events[Event::kDramReadByte] == 2 * 3 * 5 * 6 + 2 * 9 + 4 * 64);
  CHECK(events[Event::kDramWriteByte] == 60);
  CHECK(events[Event::kDmaBufferByte] == 2 * (180 + 18 + 256 + 60));  // in and out
  CHECK(events[Event::kLineByte] == 2 * (9 + 3 * 5));                 // a row in, its windows out
  store.dram_addr = 60;  // the border lies between two words
  CHECK(events_of({tagged(1, store)})[Event::kUbRead] == 20);
}

TEST_CASE("windows of rows that share words write each word that a row touches") {
  isa::LoadWindow window;  // lanes 3..5, 6..8 and 9..11 of words of four lanes
  window.count0 = 2;
  window.count2 = 3;
  window.row_bytes = 9;
  window.windows = 7;
  window.size = 3;
  window.lane = 3;
  window.lane_stride = 3;
  window.window_words = 3;
  const energy::EnergyEvents events = events_of({tagged(1, window)});
  CHECK(events[Event::kUbWrite] == 2 * 7 * (2 + 2 + 1));
  CHECK(events[Event::kDramReadByte] == 2 * 3 * 9 + 64);
}

TEST_CASE("parameters and tables are written in words of the parameter buffer") {
  isa::LoadParam rows, table;
  rows.count = 3;
  table.target = 1;
  table.count = 2;
  CHECK(events_of({tagged(1, rows), tagged(1, table)})[Event::kPbWrite] ==
        3 * 16 / 4 + 2 * 256 / 4);
}

TEST_CASE("a convolution multiplies the weights of its tiles with its rows") {
  const energy::EnergyEvents events =
      events_of({tagged(1, conv_weights()), tagged(1, conv_matmul())});
  const int64_t rows = 9 * 2 * 9;                // positions, groups, pixels
  CHECK(events[Event::kMac8] == 9 * 9 * 6 * 3);  // pixels, positions, channels to channels
  CHECK(events[Event::kMac4] == 0);
  CHECK(events[Event::kGatedMac] == 0);
  // 16 elements clock 8 + 32 bits for a row; 54 weight rows of 4 bytes enter. Lanes 0 to 3 wait as
  // many cycles, 6 together: bytes on three sides, sums below.
  CHECK(events[Event::kArrayRegisterBit] == rows * (16 * 40 + 6 * (8 + 32)) + 54 * (4 * 8 + 6 * 8));
  // Of 3 kernel rows 2, 3 and 2 output rows lie inside, as columns do: 7 * 7 in each group.
  CHECK(events[Event::kUbRead] == 2 * 7 * 7);
  CHECK(events[Event::kWbWrite] == 9 * 6);
  CHECK(events[Event::kWbRead] == 9 * 6);
  CHECK(events[Event::kAccRead] == rows);
  CHECK(events[Event::kAccWrite] == rows);
}

TEST_CASE("a weight of 0 gates its products") {
  // 3 bytes a row: of the first row one weight, of the second all.
  const energy::EnergyEvents events =
      events_of({tagged(1, conv_weights()), tagged(1, conv_matmul())}, {1, 0, 2, 0, 0, 0, 3});
  CHECK(events[Event::kGatedMac] == 9 * 4);
  CHECK(events[Event::kMac8] == 9 * (9 * 6 * 3 - 4));

  isa::LoadWeights narrow = conv_weights();
  narrow.narrow = narrow.pack = 1;
  isa::Matmul matmul = conv_matmul();
  matmul.narrow = 1;
  const energy::EnergyEvents four =
      events_of({tagged(1, narrow), tagged(1, matmul)}, {0x10, 0x01, 0x00, 0x22});
  CHECK(four[Event::kGatedMac] == 9 * 4);
  CHECK(four[Event::kMac4] == 9 * (2 * 9 * 6 * 3 - 4));
}

TEST_CASE("bytes of narrow values are several products each") {
  for (const int narrow : {1, 2, 3}) {
    isa::LoadWeights weights = conv_weights();
    weights.narrow = weights.pack = static_cast<uint8_t>(narrow);
    isa::Matmul matmul = conv_matmul();
    matmul.narrow = static_cast<uint8_t>(narrow);
    const energy::EnergyEvents events = events_of({tagged(1, weights), tagged(1, matmul)});
    INFO((8 >> narrow) << " bits");
    CHECK(events[Event::kMac8] == 0);
    CHECK(events[static_cast<Event>(static_cast<int>(Event::kMac8) + narrow)] == (9 * 9 * 6 * 3)
                                                                                     << narrow);
    CHECK(events[Event::kWbRead] == 9 * 6);  // bytes cost what they cost
  }
}

TEST_CASE("what the weight DMA expands is counted by how weights are stored, in bytes of tiles") {
  const auto counts = [](const isa::LoadWeights& op) {
    const energy::EnergyEvents events = events_of({tagged(1, op)});
    return std::array{events[Event::kExpandedWeight], events[Event::kCodebookWeight],
                      events[Event::kMaskedWeight], events[Event::kStructuredWeight]};
  };
  using Counts = std::array<int64_t, 4>;
  const int64_t bytes = 9 * 6 * 3;  // positions, rows (4 and 2 of the groups), columns
  CHECK(counts(conv_weights()) == Counts{0, 0, 0, 0});
  isa::LoadWeights narrow = conv_weights();
  narrow.narrow = 2;
  CHECK(counts(narrow) == Counts{bytes, 0, 0, 0});
  narrow.pack = 2;  // they stay as they are
  CHECK(counts(narrow) == Counts{0, 0, 0, 0});
  isa::LoadWeights codebook = conv_weights();
  codebook.narrow = 1;
  codebook.codebook = 1;
  CHECK(counts(codebook) == Counts{0, bytes, 0, 0});
  isa::LoadWeights masked = conv_weights();
  masked.bitmask = 1;
  CHECK(counts(masked) == Counts{0, 0, bytes, 0});
  isa::LoadWeights structured = conv_weights();  // of 4 and of 2 lanes two rows each
  structured.structured = 1;
  CHECK(counts(structured) == Counts{0, 0, 0, 9 * 4 * 3});
  isa::LoadWeights diagonal = conv_weights();
  diagonal.diagonal = 1;
  diagonal.narrow = 1;
  diagonal.channels = 4;
  CHECK(counts(diagonal) == Counts{9 * 3, 0, 0, 0});
}

TEST_CASE("elements choose for each row of a 2:4 tile, and words are expanded on their way in") {
  isa::LoadWeights weights = conv_weights();
  weights.structured = 1;
  isa::Matmul matmul = conv_matmul();
  matmul.structured = 1;
  const energy::EnergyEvents events = events_of({tagged(1, weights), tagged(1, matmul)});
  CHECK(events[Event::kSelection] == 9 * 2 * 9 * 16);  // positions, groups, pixels, elements
  CHECK(events[Event::kExpandedActivation] == 0);
  matmul.structured = 0;
  matmul.expand = 1;
  const energy::EnergyEvents expanded = events_of({tagged(1, conv_weights()), tagged(1, matmul)});
  CHECK(expanded[Event::kSelection] == 0);
  CHECK(expanded[Event::kExpandedActivation] == 4 * expanded[Event::kUbRead]);  // words of 4 bytes
}

TEST_CASE("kept tiles are read again without being loaded again") {
  isa::Matmul first = conv_matmul();
  first.keep = 1;
  const energy::EnergyEvents events =
      events_of({tagged(1, conv_weights()), tagged(1, first), tagged(1, conv_matmul())});
  CHECK(events[Event::kMac8] == 2 * 9 * 9 * 6 * 3);
  CHECK(events[Event::kWbWrite] == 9 * 6);
  CHECK(events[Event::kWbRead] == 2 * 9 * 6);
  CHECK_THROWS_WITH(
      events_of({tagged(1, conv_weights()), tagged(1, conv_matmul()), tagged(1, conv_matmul())}),
      "energy: the program uses more weight tiles than it loads");
}

TEST_CASE("a diagonal tile has as many weights as columns, in all its rows") {
  isa::LoadWeights weights = conv_weights();
  weights.diagonal = 1;
  weights.channels = 4;
  weights.first = 1;  // channels 1, 2, 3
  isa::Matmul matmul = conv_matmul();
  matmul.channels = 4;
  const energy::EnergyEvents events = events_of({tagged(1, weights), tagged(1, matmul)});
  CHECK(events[Event::kMac8] == 9 * 9 * 3);
  CHECK(events[Event::kWbWrite] == 9 * 4);
  CHECK(events[Event::kDramReadByte] == 2 * 64 + 9 * 3);
}

TEST_CASE("a vector instruction works on the lanes that it writes") {
  isa::VectorSet set;
  set.two_roundings = 1;
  set.use_table = 1;
  isa::Vector add;  // 3x3 outputs of 3 lanes from ACC, with a residual
  add.oh = add.ow = add.height = add.width = 3;
  add.lanes_m1 = 2;
  add.residual = 1;
  const energy::EnergyEvents events = events_of({tagged(1, set), tagged(1, add)});
  CHECK(events[Event::kAccRead] == 9);
  CHECK(events[Event::kUbRead] == 9);  // the residual
  CHECK(events[Event::kUbWrite] == 9);
  CHECK(events[Event::kPbRead] == 2);
  CHECK(events[Event::kTableLookup] == 9 * 3);
  CHECK(events[Event::kVpuIntAdd] == 9 * 3);          // bias
  CHECK(events[Event::kVpuFpAdd] == 4 * 9 * 3);       // to float, first rounding, sum, rounding
  CHECK(events[Event::kVpuFpMultiply] == 3 * 9 * 3);  // scale, back from the first, residual

  set.two_roundings = set.use_table = 0;
  set.multiply = 1;
  const energy::EnergyEvents product = events_of({tagged(1, set), tagged(1, add)});
  CHECK(product[Event::kTableLookup] == 0);
  CHECK(product[Event::kVpuFpAdd] == 2 * 9 * 3);       // to float, rounding
  CHECK(product[Event::kVpuFpMultiply] == 3 * 9 * 3);  // scale, residual, product
}

TEST_CASE("a window reads the taps inside of its source and adds them") {
  isa::Vector pool;  // 2x2 windows from (-1, -1) on, 2x2 outputs of 4 lanes
  pool.src_ub = 1;
  pool.h0 = pool.w0 = -1;
  pool.oh = pool.ow = pool.kh = pool.kw = 2;
  pool.height = pool.width = 3;
  pool.lanes_m1 = 3;
  const energy::EnergyEvents events = events_of({tagged(1, pool)});
  CHECK(events[Event::kUbRead] == 3 * 3);  // rows -1 and 0, 0 and 1: three inside
  CHECK(events[Event::kAccRead] == 0);
  CHECK(events[Event::kUbWrite] == 4);
  CHECK(events[Event::kVpuIntAdd] == 4 * 4 * 4);  // three more taps and the bias, lanes, outputs
  CHECK(events[Event::kVpuFpAdd] == 2 * 4 * 4);
  CHECK(events[Event::kVpuFpMultiply] == 4 * 4);
}

/// The part of `program` that one opcode is, which needs no other to be counted.
program::Program only(const program::Program& program, isa::Opcode opcode) {
  program::Program part = program;
  part.code.clear();
  for (const isa::Words& words : program.code)
    if (isa::Opcode(isa::Header::decode(words).opcode) == opcode) part.code.push_back(words);
  return part;
}

int64_t count_of(const program::Program& program, Event event) {
  int64_t sum = 0;
  for (const auto& [tag, part] : energy::program_events(program).by_tag) sum += part[event];
  return sum;
}

void check_against_counters(arch::ArchConfig arch, uint64_t seed) {
  golden::RandomOptions random;
  random.fault_percent = 0;
  for (uint64_t s = seed; s < seed + 40; ++s) {
    const program::Program program = golden::random_program(arch.hw, s, random);
    INFO("seed " << s);
    platform::DramImage dram = platform::make_image(program);
    platform::RunOptions options;
    options.functional = false;
    const auto engine = engine::make_model_engine(arch);
    const platform::RunResult result = engine::run_in_process(*engine, program, dram, options);
    REQUIRE(result.status == platform::RunStatus::kFinished);
    const energy::EnergyEvents events =
        energy::run_events(energy::program_events(program), result, 3);  // throws if not equal
    CHECK(events[Event::kCycle] == static_cast<int64_t>(result.cycles));
    CHECK(events[Event::kRegisterCycle] == 3 * events[Event::kCycle]);
    CHECK(events[Event::kAccWrite] ==
          static_cast<int64_t>(result.counters[static_cast<size_t>(isa::Counter::kMxuRows)]));
    // A store reads the UB in each of its fill steps; a sync is a step too.
    const auto busy = isa::cause_counter(isa::Unit::kSto, isa::Cause::kBusy);
    const size_t syncs = only(program, isa::Opcode::kSyncSto).code.size();
    CHECK(count_of(only(program, isa::Opcode::kStore), Event::kUbRead) +
              static_cast<int64_t>(syncs) ==
          static_cast<int64_t>(result.counters[static_cast<size_t>(busy)]));
  }
}

TEST_CASE("the counters of random programs are those of their instructions") {
  arch::ArchConfig arch;
  arch.hw = small_hw();
  arch.hw.ub_kib = 4;
  arch.hw.acc_rows = 64;
  arch.hw.weight_bits = 1;
  arch.memory.size_mib = 4096;
  check_against_counters(arch, 100);
  arch.hw.rows = 5;
  arch.hw.cols = 3;
  check_against_counters(arch, 200);
  arch.hw.rows = 2;
  arch.hw.cols = 9;
  check_against_counters(arch, 300);
  arch.hw.cols = 8;
  arch.hw.act_bits = 1;
  check_against_counters(arch, 400);
}

TEST_CASE("a counter that the instructions do not make is an error") {
  program::Program program;
  program.hw = small_hw();
  program.code = {tagged(1, conv_weights()), tagged(1, conv_matmul())};
  const energy::ProgramEvents events = energy::program_events(program);
  platform::RunResult result;
  result.counters = events.counters;
  result.cycles = 77;
  result.memory.row_misses = 3;
  result.memory.row_conflicts = 4;
  const energy::EnergyEvents sum = energy::run_events(events, result, 10);
  CHECK(sum[Event::kCycle] == 77);
  CHECK(sum[Event::kRegisterCycle] == 770);
  CHECK(sum[Event::kDramActivation] == 7);
  ++result.counters[static_cast<size_t>(isa::Counter::kMxuPadRows)];
  CHECK_THROWS_WITH(energy::run_events(events, result, 10),
                    "energy: the instructions make 64 mxu_pad_rows, the run counted 65");
}

}  // namespace
}  // namespace systole
