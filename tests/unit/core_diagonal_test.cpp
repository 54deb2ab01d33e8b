// SPDX-License-Identifier: Apache-2.0
// Exact cycles of diagonal weight tiles, with the sums beside; and the depthwise sums they give.
#include "model/isa/counter_ids.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

using isa::Cause;
using isa::Counter;
using isa::Unit;

isa::LoadWeights diagonals(uint16_t positions, uint16_t channels, uint16_t cols) {
  isa::LoadWeights load;
  load.dram_addr = 0x1000;
  load.positions = positions;
  load.channels = channels;
  load.cols = cols;
  load.diagonal = true;
  return load;
}

isa::Matmul row_of(uint16_t outputs, uint16_t channels, uint8_t taps) {
  isa::Matmul matmul;
  matmul.ow = outputs;
  matmul.width = static_cast<uint16_t>(outputs + taps - 1);
  matmul.ub_stride2 = 1;
  matmul.channels = channels;
  matmul.kw = taps;
  return matmul;
}

}  // namespace

TEST_CASE("a diagonal tile is written a row a cycle, from the step that completes its position") {
  CoreBench bench;
  bench.add(diagonals(9, 16, 16));
  bench.add(row_of(20, 16, 9));
  const BenchResult result = bench.run();
  // ldw: head 11, s = 13, granted 14, bus 15; 144 bytes are 3 beats 19..21, usable 22. 9 positions
  // of 16 rows: 22..165, end 166. Tile 0 is ready in 22 + 15 + 2 = 39: T = 40; the array takes 20
  // cycles a tile, the ring 16: T_last = 40 + 8 * 20 = 200, end = 200 + 20 + 32 = 252.
  CHECK(result.at(0).end == 166);
  CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 144);
  CHECK(result.cause(Unit::kLdw, Cause::kWeights) == 0);
  CHECK(result[Counter::kReadBytesWeights] == 144);
  CHECK(result.at(1).end == 252);
  CHECK(result.cause(Unit::kMxu, Cause::kBusy) == 180);
}

TEST_CASE("with as many rows as the array has, diagonal tiles arrive as fast as they are used") {
  CoreBench bench;
  bench.add(diagonals(9, 16, 16));
  bench.add(row_of(16, 16, 9));
  const BenchResult result = bench.run();
  // As above; tile j is ready in 39 + 16j, just when tile j-1 is in its last cycle.
  CHECK(result.at(1).end == 40 + 8 * 16 + 16 + 32);
  CHECK(result.cause(Unit::kMxu, Cause::kBusy) == 144);
  CHECK(result.cause(Unit::kMxu, Cause::kWeightLoad) == 0);
}

TEST_CASE("the first part of a position is moved beside the rows of the one before") {
  CoreBench bench;
  isa::LoadWeights load = diagonals(3, 16, 16);
  load.dram_addr = 0x11e8;
  SECTION("rows are left when the part comes") {
    bench.add(load);
    const BenchResult result = bench.run();
    // s = 12: bursts of 24 and 24 bytes, granted 13, 14, beats 18, 19, usable 19, 20. Position 0:
    // 19..34, with the first 8 bytes of position 1 in 20; positions 1 and 2: 35..66; end 67.
    CHECK(result.at(0).end == 67);
    CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 48);
  }
  SECTION("no row is left") {
    load.dram_addr = 0x11ff;
    load.positions = 2;
    load.channels = load.cols = 2;
    bench.add(load);
    const BenchResult result = bench.run();
    // Byte 0 in 19, byte 1 in 20: rows 20, 21; then 22, 23; end 24.
    CHECK(result.at(0).end == 24);
    CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 5);
  }
}

TEST_CASE("each tile of a position waits for its own credit") {
  isa::HwParams hw;
  hw.rows = 4;
  hw.cols = 10;
  hw.wb_tiles = 2;
  CoreBench bench(hw);
  bench.add(diagonals(2, 10, 10));
  bench.add(row_of(20, 10, 2));
  const BenchResult result = bench.run();
  // A position has groups of 4, 4 and 2 rows. Usable 20 (one beat in 19). Tiles 0 and 1: 20..27.
  // T = 26, then each tile 20 cycles: 26, 46, ..., 126; credits visible in 46, 66, 86, 106. Tile 2:
  // 46, 47; then 66..69, 86..89, 106, 107; end 108.
  CHECK(result.at(0).end == 108);
  CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 20);
  CHECK(result.cause(Unit::kLdw, Cause::kWeights) == 18 + 18 + 16 + 16);
  CHECK(result.at(1).end == 126 + 20 + 4 + 10);
}

TEST_CASE("only the parts of the first position cost cycles of their own") {
  isa::HwParams hw;
  hw.rows = 4;
  hw.cols = 10;
  hw.wb_tiles = 2;
  hw.axi_bits = 32;
  hw.burst_beats = 1;
  CoreBench bench(hw);
  bench.add(diagonals(2, 10, 10));
  bench.add(row_of(20, 10, 2));
  const BenchResult result = bench.run();
  // Bursts of 4 bytes: bursts 0 and 1 are parts of position 0, burst 2 completes it; its last two
  // bytes and burst 3 are moved beside the 8 row steps that follow; burst 4 completes position 1
  // as a row step: 2 + 20. The stalls are those of the case before.
  CHECK(result.cause(Unit::kLdw, Cause::kBusy) == 22);
  CHECK(result.cause(Unit::kLdw, Cause::kWeights) == 18 + 18 + 16 + 16);
}

TEST_CASE("diagonal tiles give depthwise sums on arrays of any shape") {
  struct Shape {
    int rows, cols;
  };
  for (const Shape shape : {Shape{4, 4}, {5, 3}, {3, 7}, {1, 1}, {16, 4}, {2, 9}}) {
    isa::HwParams hw;
    hw.rows = shape.rows;
    hw.cols = shape.cols;
    hw.ub_kib = 4;
    hw.wb_tiles = 2;
    const arch::Geometry geo(hw);
    constexpr int kTaps = 3, kOutputs = 6;
    const int lanes = geo.lanes;
    for (int slice = 0; slice < geo.col_slices; ++slice) {
      INFO(shape.rows << "x" << shape.cols << " slice " << slice);
      CoreBench bench(hw);
      for (size_t i = 0; i < 0x2000; ++i)
        bench.memory.bytes[i] = static_cast<uint8_t>(i * 31 + i / 7);
      isa::Load load;
      load.pixels = kOutputs + kTaps - 1;
      load.pixel_bytes = static_cast<uint16_t>(lanes);
      load.ub_pixel_stride = 1;
      const int first = slice * shape.cols, cols = std::min(shape.cols, lanes - first);
      isa::LoadWeights weights =
          diagonals(kTaps, static_cast<uint16_t>(lanes), static_cast<uint16_t>(cols));
      weights.first = static_cast<uint8_t>(first);
      bench.add(load, 0, bit(Unit::kMxu));
      bench.add(weights);
      bench.add(row_of(kOutputs, static_cast<uint16_t>(lanes), kTaps), bit(Unit::kLda), 0);
      REQUIRE(bench.run().outcome == core::CoreKernel::Outcome::kFinished);
      const auto byte = [&](size_t at) { return static_cast<int8_t>(bench.memory.bytes[at]); };
      for (int j = 0; j < kOutputs; ++j)
        for (int c = 0; c < cols; ++c) {
          int32_t sum = 0;
          for (int t = 0; t < kTaps; ++t)
            sum += byte(static_cast<size_t>((j + t) * lanes + first + c)) *
                   byte(static_cast<size_t>(0x1000 + t * cols + c));
          INFO("output " << j << " column " << c);
          CHECK(bench.datapath->acc_row(static_cast<uint64_t>(j))[c] == sum);
        }
    }
  }
}

}  // namespace systole
