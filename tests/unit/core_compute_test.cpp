// SPDX-License-Identifier: Apache-2.0
// Exact cycles of ldw, mxu, vpu and the port locks, with the sums beside; and their results.
#include "model/isa/counter_ids.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

using isa::Cause;
using isa::Counter;
using isa::Unit;
using Outcome = core::CoreKernel::Outcome;

isa::LoadWeights weights_of(uint16_t channels) {
  isa::LoadWeights load;
  load.dram_addr = 0x1000;
  load.channels = channels;
  load.cols = 16;
  return load;
}

isa::Matmul matmul_of(uint16_t rows, uint16_t channels) {
  isa::Matmul matmul;
  matmul.ow = rows;
  matmul.width = rows;
  matmul.ub_stride2 = 1;
  matmul.channels = channels;
  return matmul;
}

isa::Vector vector_of(uint16_t outputs) {
  isa::Vector vector;
  vector.ow = outputs;
  vector.width = outputs;
  vector.src_stride2 = 1;
  vector.dst_addr = 8192;  // bank 2
  vector.dst_stride2 = 1;
  vector.lanes_m1 = 15;
  return vector;
}

}  // namespace

TEST_CASE("a matmul starts when its tile is ready and ends when its last row is in ACC") {
  CoreBench bench;
  bench.add(weights_of(16));
  bench.add(matmul_of(20, 16));
  const BenchResult result = bench.run();
  // ldw: head 11, s = 13, granted 14, bus 15, 4 beats 19..22, usable 23, 16 rows 23..38, end 39,
  // ready 40.
  CHECK(result.at(0).start == 13);
  CHECK(result.at(0).end == 39);
  CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 16);
  // mxu: head 12, s = 14; start 40, T = 41, rows 41..60; end 41 + 20 + 16 + 16 = 93.
  CHECK(result.at(1).start == 14);
  CHECK(result.at(1).end == 93);
  CHECK(result.cycles == 95);
  CHECK(result.cause(Unit::kMxu, Cause::kSetup) == 3);     // take, acquire, tile start
  CHECK(result.cause(Unit::kMxu, Cause::kWeights) == 26);  // 14..39
  CHECK(result.cause(Unit::kMxu, Cause::kBusy) == 20);
  CHECK(result.cause(Unit::kMxu, Cause::kDrain) == 33);  // 61..93
  CHECK(result[Counter::kMxuTiles] == 1);
  CHECK(result[Counter::kMxuRows] == 20);
}

TEST_CASE("a tile with fewer rows than lanes costs its lanes") {
  CoreBench bench;
  bench.add(weights_of(16));
  bench.add(matmul_of(4, 16));
  const BenchResult result = bench.run();
  // T = 41, rows 41..44, weights enter until 56 = front done; end 41 + 4 + 32 = 77.
  CHECK(result.at(1).end == 77);
  CHECK(result.cause(Unit::kMxu, Cause::kBusy) == 4);
  CHECK(result.cause(Unit::kMxu, Cause::kWeightLoad) == 12);
  CHECK(result.cause(Unit::kMxu, Cause::kDrain) == 21);  // 57..77
}

TEST_CASE("the next tile starts in the last cycle of the one before") {
  CoreBench bench;
  bench.add(weights_of(32));
  SECTION("more rows than lanes") {
    bench.add(matmul_of(20, 32));
    const BenchResult result = bench.run();
    // 512 bytes: beats 19..26, usable 27; tile 0 27..42, ready 44; tile 1 43..58, ready 60. T
    // = 45..64, then T = 65..84; end 65 + 20 + 32 = 117.
    CHECK(result.at(0).end == 59);
    CHECK(result.at(1).end == 117);
    CHECK(result.cause(Unit::kMxu, Cause::kBusy) == 40);
  }
  SECTION("fewer rows than lanes") {
    bench.add(matmul_of(4, 32));
    const BenchResult result = bench.run();
    // T = 45, cost 16: 45..60; tile 1 is ready in 60: T = 61; end 61 + 4 + 32 = 97.
    CHECK(result.at(1).end == 97);
    CHECK(result.cause(Unit::kMxu, Cause::kWeightLoad) == 24);
  }
}

TEST_CASE("ldw waits for a free tile") {
  isa::HwParams hw;
  hw.wb_tiles = 2;
  CoreBench bench(hw);
  bench.add(weights_of(48));
  bench.add(matmul_of(20, 48));
  const BenchResult result = bench.run();
  // Tile 0 27..42, tile 1 43..58, no credit. T = 45..64 gives one back, visible 65: tile 2 65..80,
  // ready 82, end of the load 81. Tiles in the array: 45..64, 65..84, 85..104; end 85 + 20 + 32 =
  // 137.
  CHECK(result.cause(Unit::kLdw, Cause::kWeights) == 6);  // 59..64
  CHECK(result.at(0).end == 81);
  CHECK(result.at(1).end == 137);
}

TEST_CASE("kept tiles serve the next matmul") {
  isa::HwParams hw;
  hw.wb_tiles = 2;
  CoreBench bench(hw);
  bench.add(weights_of(16));
  isa::Matmul matmul = matmul_of(20, 16);
  matmul.keep = true;
  bench.add(matmul);
  matmul.keep = false;
  bench.add(matmul);
  const BenchResult result = bench.run();
  // head(3, k) = 12 + k: ready in 41, T = 42..61; end 94. Then WAIT 62, take 62, acquire 63 (its
  // own ACC bank does not block it), s = 64 and start, T = 65; end 65 + 20 + 32 = 117.
  CHECK(result.at(1).end == 94);
  CHECK(result.at(2).start == 64);
  CHECK(result.at(2).end == 117);
  CHECK(result.outcome == Outcome::kFinished);
}

TEST_CASE("padding rows are counted") {
  CoreBench bench;
  isa::LoadWeights weights = weights_of(16);
  weights.positions = 9;
  bench.add(weights);
  isa::Matmul matmul = matmul_of(1, 16);
  matmul.n = 2;
  matmul.oh = matmul.height = 5;
  matmul.ow = matmul.width = 4;
  matmul.kh = matmul.kw = 3;
  matmul.h0 = matmul.w0 = -1;
  bench.add(matmul);
  const BenchResult result = bench.run();
  CHECK(result[Counter::kMxuRows] == 9 * 40);
  // Kernel row 0 or 2 pads one output row of 5, column 0 or 2 one of 4. Real rows of an image: (4 +
  // 5 + 4) * (3
  // + 4 + 3) = 130; pads 2 * (180 - 130).
  CHECK(result[Counter::kMxuPadRows] == 100);
}

TEST_CASE("a vector has three cycles of setup and eleven of drain") {
  CoreBench bench;
  isa::Vector vector = vector_of(4);
  SECTION("from ACC") {
    bench.add(vector);
    const BenchResult result = bench.run();
    // s = 12, T0 = 15, E = 18, end = 29.
    CHECK(result.at(0).start == 12);
    CHECK(result.at(0).end == 29);
    CHECK(result.cycles == 31);
    CHECK(result.cause(Unit::kVpu, Cause::kSetup) == 5);
    CHECK(result.cause(Unit::kVpu, Cause::kBusy) == 4);
    CHECK(result.cause(Unit::kVpu, Cause::kDrain) == 11);
    CHECK(result[Counter::kVpuTaps] == 4);
    CHECK(result[Counter::kVpuOutputs] == 4);
  }
  SECTION("window from UB with a residual") {
    vector.src_ub = vector.residual = true;
    vector.kh = vector.kw = 2;
    bench.add(vector);
    const BenchResult result = bench.run();
    // 4 outputs of 4 taps and a residual read: T0 = 15, E = 34, end = 45.
    CHECK(result.at(0).end == 45);
    CHECK(result.cause(Unit::kVpu, Cause::kBusy) == 20);
    CHECK(result[Counter::kVpuTaps] == 16);
  }
  SECTION("from ACC with a residual") {
    vector.residual = true;
    vector.kh = vector.kw = 2;
    bench.add(vector);
    CHECK(bench.run().at(0).end == 15 + 16 - 1 + 11);  // the residual costs no cycle
  }
}

TEST_CASE("a cut-off run counts the taps, outputs and rows until then") {
  CoreBench bench;
  isa::Vector vector = vector_of(4);
  vector.src_ub = vector.residual = true;
  bench.add(vector);
  // T0 = 15: residual 15, tap 16, residual 17, tap 18, ...; outputs written in 27, 29, ...
  const BenchResult result = bench.run({.cycle_limit = 19});  // last cycle 18
  CHECK(result[Counter::kVpuTaps] == 2);
  CHECK(result[Counter::kVpuOutputs] == 0);
  CHECK(bench.run({.cycle_limit = 28})[Counter::kVpuOutputs] == 1);
  CHECK(bench.run({.cycle_limit = 27})[Counter::kVpuOutputs] == 0);

  CoreBench matrix;
  matrix.add(weights_of(16));
  matrix.add(matmul_of(20, 16));
  CHECK(matrix.run({.cycle_limit = 46})[Counter::kMxuRows] == 5);  // 41..45
  CHECK(matrix.run({.cycle_limit = 41})[Counter::kMxuRows] == 0);
}

TEST_CASE("an instruction waits in LOCK until the bank's holder has ended") {
  CoreBench bench;
  bench.add(vector_of(4));
  bench.add(matmul_of(20, 16));  // ACC rows of the same bank; its tile never comes
  const BenchResult result = bench.run();
  // vpu: head 11, s = 13, T0 = 16, E = 19, end 30: released in 31. mxu: take 12, LOCK 13..30 bank,
  // acquire 31.
  CHECK(result.at(0).end == 30);
  CHECK(result.cause(Unit::kMxu, Cause::kBank) == 18);
  CHECK(result.outcome == Outcome::kWatchdog);
}

TEST_CASE("the other ACC bank does not block") {
  CoreBench bench;
  bench.add(vector_of(4));
  isa::Matmul matmul = matmul_of(20, 16);
  matmul.acc_addr = 512;
  bench.add(matmul);
  CHECK(bench.run().cause(Unit::kMxu, Cause::kBank) == 0);
}

TEST_CASE("mxu goes before vpu when both ask for a bank in one cycle") {
  CoreBench bench;
  bench.add(weights_of(16));
  bench.add(isa::SyncLda{}, 0, bit(Unit::kMxu) | bit(Unit::kVpu));
  bench.add(matmul_of(4, 16), bit(Unit::kLda), 0);
  bench.add(vector_of(4), bit(Unit::kLda), 0);
  const BenchResult result = bench.run();
  // head(4, k) = 13 + k. ldw: s = 15, usable 25, rows 25..40, ready 42. sync: s = 16, end 19,
  // tokens 20: both take 20 and want ACC in 21. mxu: s = 22, T = 43, end 43 + 4 + 32 = 79: released
  // in 80. vpu: s = 81.
  CHECK(result.at(2).start == 22);
  CHECK(result.at(2).end == 79);
  CHECK(result.at(3).start == 81);
  CHECK(result.cause(Unit::kVpu, Cause::kBank) == 59);  // 21..79
}

TEST_CASE("a matmul gives its UB read ports back at front done") {
  CoreBench bench;
  bench.add(weights_of(16));
  bench.add(matmul_of(20, 16));
  isa::Store store;
  store.dram_addr = 0x4000;
  bench.add(store);
  const BenchResult result = bench.run();
  // head(3, k) = 12 + k: ready in 41, T = 42, front done 61: sto acquires in 62, s = 63.
  CHECK(result.at(2).start == 63);
  CHECK(result.at(1).end == 94);
}

TEST_CASE("a fault ends the run though mxu waits for a tile and ldw for a credit") {
  isa::HwParams hw;
  hw.wb_tiles = 2;
  SECTION("mxu") {
    CoreBench bench(hw);
    bench.add(matmul_of(4, 16));
    bench.add(isa::SyncVpu{});
    bench.code.back()[9] = 1;
    const BenchResult result = bench.run();
    CHECK(result.outcome == Outcome::kFinished);
    CHECK(result.fault == isa::Fault::kMalformed);
    // mxu: head 11, s = 13. Fault: step of 1 in 9, DR 11, visible 12. In 13 mxu runs and waits: the
    // end.
    CHECK(result.cycles == 14);
  }
  SECTION("ldw") {
    CoreBench bench(hw);
    bench.add(weights_of(48));
    bench.add(isa::SyncVpu{});
    bench.code.back()[9] = 1;
    const BenchResult result = bench.run();
    CHECK(result.outcome == Outcome::kFinished);
    CHECK(result.cycles == 60);  // two tiles until 58; in 59 it waits for a credit
  }
}

TEST_CASE("matmul and vector compute what the instruction set says") {
  isa::HwParams hw;
  hw.rows = 5;
  hw.cols = 3;
  hw.pb_rows = 4;
  CoreBench bench(hw);
  std::mt19937 random(1);
  for (size_t i = 0; i < 0x8000; ++i) bench.memory.bytes[i] = static_cast<uint8_t>(random());
  const std::vector<uint8_t>& dram = bench.memory.bytes;
  constexpr int kChannels = 7, kHeight = 4, kWidth = 3;

  isa::Load load;  // 12 pixels of 7 channels: 2 words each
  load.pixels = kHeight * kWidth;
  load.pixel_bytes = kChannels;
  load.ub_pixel_stride = 2;
  bench.add(load, 0, bit(Unit::kMxu));
  isa::LoadWeights weights;
  weights.dram_addr = 0x1000;
  weights.positions = 9;
  weights.channels = kChannels;
  weights.cols = 2;
  bench.add(weights);
  isa::Matmul matmul;
  matmul.ub_stride1 = 2 * kWidth;
  matmul.ub_stride2 = 2;
  matmul.height = matmul.oh = kHeight;
  matmul.width = matmul.ow = kWidth;
  matmul.channels = kChannels;
  matmul.kh = matmul.kw = 3;
  matmul.h0 = matmul.w0 = -1;
  matmul.pad_byte = 9;
  matmul.acc_addr = 30;
  bench.add(matmul, bit(Unit::kLda), 0);
  const BenchResult result = bench.run();
  REQUIRE(result.outcome == Outcome::kFinished);
  for (int i = 0; i < kHeight; ++i)
    for (int j = 0; j < kWidth; ++j)
      for (int c = 0; c < 3; ++c) {
        int32_t sum = 0;
        for (int y = 0; y < 3; ++y)
          for (int x = 0; x < 3; ++x)
            for (int k = 0; k < kChannels; ++k) {
              const int h = i + y - 1, w = j + x - 1;
              const bool inside = h >= 0 && h < kHeight && w >= 0 && w < kWidth;
              const int a =
                  inside ? static_cast<int8_t>(dram[(h * kWidth + w) * kChannels + k]) : 9;
              const int b =
                  c < 2 ? static_cast<int8_t>(dram[0x1000 + ((y * 3 + x) * kChannels + k) * 2 + c])
                        : 0;
              sum += a * b;
            }
        INFO("row " << i << " column " << j << " channel " << c);
        CHECK(bench.datapath->acc_row(30 + i * kWidth + j)[c] == sum);
      }
}

}  // namespace systole
