// SPDX-License-Identifier: Apache-2.0
// The golden executor against sums worked out by hand and against a scalar reference.
#include "model/golden/golden.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/base/seeded_random.h"
#include "model/golden/instruction.h"
#include "model/isa/rounding.h"
#include "model/program/assembler.h"

namespace systole::golden {
namespace {

isa::HwParams small(int rows, int cols) {
  isa::HwParams hw;
  hw.rows = rows;
  hw.cols = cols;
  hw.ub_kib = 4;
  hw.acc_rows = 64;
  return hw;
}

// A program with its data in one array of bytes.
struct Bench {
  program::Program program;
  std::vector<uint8_t> dram = std::vector<uint8_t>(8192);

  explicit Bench(const isa::HwParams& hw, const std::string& text) {
    program.hw = hw;
    program.code = program::assemble(text, "bench.s");
    program.code_addr = 8192;
    program.dram_bytes = dram.size() + 64 * program.code.size();
    dram.resize(program.dram_bytes);
  }
  void put(size_t at, std::initializer_list<int> bytes) {
    for (const int byte : bytes) dram[at++] = static_cast<uint8_t>(byte);
  }
  template <typename T>
  void put_values(size_t at, std::initializer_list<T> values) {
    for (const T value : values) {
      std::memcpy(&dram[at], &value, sizeof value);
      at += sizeof value;
    }
  }
  std::vector<int> get(size_t at, size_t count) const {
    std::vector<int> values;
    for (size_t i = 0; i < count; ++i) values.push_back(static_cast<int8_t>(dram[at + i]));
    return values;
  }
  GoldenResult run(uint64_t seed = 1) {
    GoldenOptions options;
    options.order_seed = seed;
    return run_golden(program, dram, options);
  }
};

}  // namespace

TEST_CASE("a load and a store move pixels between two address patterns") {
  // L = 4: a pixel of 5 bytes takes two words; pixels stand 3 words apart in UB.
  Bench bench(small(4, 4),
              "load signal=sto dram_addr=0x10 pixels=2 pixel_bytes=5 ub_pixel_stride=3 ub_addr=1\n"
              "store wait=lda dram_addr=0x100 pixels=8 pixel_bytes=4 ub_pixel_stride=1\n");
  bench.put(0x10, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 32) == std::vector<int>{0, 0, 0, 0, 1,  2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0,
                                                 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a window load overlaps windows and pads both ends") {
  // Windows of 3 bytes every 2, one byte of padding: x = 2k - 1 + b over a row of 4 bytes.
  Bench bench(small(4, 4),
              "load_window signal=sto dram_addr=0x10 row_bytes=4 windows=3 size=3 step=2 "
              "pad_left=1 pad_byte=-9\n"
              "store wait=lda dram_addr=0x100 pixels=3 pixel_bytes=3 ub_pixel_stride=1\n");
  bench.put(0x10, {1, 2, 3, 4});
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 9) == std::vector<int>{-9, 1, 2, 2, 3, 4, 4, -9, -9});
}

TEST_CASE("rows that are packed together follow one another in the lanes") {
  // L = 5: three rows of three lanes from lane 1 on, in words of windows 3 apart.
  Bench bench(small(5, 5),
              "load dram_addr=0x40 ub_addr=0 pixels=6 pixel_bytes=5 ub_pixel_stride=1\n"
              "load_window signal=sto dram_addr=0x10 dram_stride2=4 count2=3 row_bytes=4 windows=2 "
              "size=3 step=2 pad_left=1 pad_byte=-9 lane=1 lane_stride=3 window_words=3\n"
              "store wait=lda dram_addr=0x100 pixels=6 pixel_bytes=5 ub_pixel_stride=1\n");
  bench.put(0x10, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 30) == std::vector<int>{0, -9, 1, 2, -9, 5, 6, -9, 9,  10, 0, 0, 0, 0, 0,
                                                 0, 2,  3, 4, 6,  7, 8, 10, 11, 12, 0, 0, 0, 0, 0});
}

TEST_CASE("a matmul and a vector give the product, scaled and rounded to even") {
  // 2x2 array; A = [1 2; 3 4], W = [10 20; 30 40], A.W = [70 100; 150 220]; bias (1, -1), scale
  // 0.5: 35.5 -> 36, 49.5 -> 50, 75.5 -> 76, 109.5 -> 110, all to even; zero point 3; 110+3 stays
  // below 127.
  Bench bench(
      small(2, 2),
      "load signal=mxu dram_addr=0 pixels=2 pixel_bytes=2 ub_pixel_stride=1\n"
      "load_weights dram_addr=0x20 channels=2 cols=2\n"
      "load_param signal=vpu dram_addr=0x40 count=2\n"
      "matmul wait=lda signal=vpu ow=2 width=2 ub_stride2=1 channels=2\n"
      "vector_set clamp_lo=-128 clamp_hi=127 out_zero=3\n"
      "vector wait=lda,mxu signal=sto ow=2 width=2 src_stride2=1 dst_addr=8 dst_stride2=1 "
      "lanes_m1=1\n"
      "store wait=vpu dram_addr=0x100 ub_addr=8 pixels=2 pixel_bytes=2 ub_pixel_stride=1\n");
  bench.put(0, {1, 2, 3, 4});
  bench.put(0x20, {10, 20, 30, 40});
  bench.put_values<int32_t>(0x40, {1, -1});  // PB_ROW_BYTES = 4 * 2
  bench.put_values<float>(0x48, {0.5f, 0.5f});
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 4) == std::vector<int>{39, 53, 79, 113});
}

TEST_CASE("kept weights serve a second matmul and accumulate adds") {
  // 1x1 array: 5*7 = 35, then again with accumulate: 70.
  Bench bench(small(1, 1),
              "load signal=mxu dram_addr=0\n"
              "load_param signal=vpu dram_addr=0x40 count=2\n"
              "load_weights dram_addr=4\n"
              "matmul wait=lda keep=1\n"
              "matmul signal=vpu accumulate=1\n"
              "vector_set clamp_lo=-128 clamp_hi=127\n"
              "vector wait=lda,mxu signal=sto dst_addr=3\n"
              "store wait=vpu dram_addr=0x100 ub_addr=3\n");
  bench.put(0, {5});
  bench.put(4, {7});
  bench.put_values<float>(0x44, {1.0f});
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 1) == std::vector<int>{70});
}

TEST_CASE("max and sum windows treat padding as told") {
  // One row 4 -7 9 of one lane; windows of 2 from column -1. Max: 4 4 9, padding never wins.
  // Sum with padding 10: 14 -3 2.
  const std::string head =
      "load signal=vpu dram_addr=0 pixels=3 ub_pixel_stride=1\n"
      "load_param signal=vpu dram_addr=0x40 count=2\n"
      "sync_vpu wait=lda\n"
      "vector_set clamp_lo=-128 clamp_hi=127\n";
  const std::string window =
      "vector wait=lda signal=sto src_ub=1 ow=3 kw=2 w0=-1 width=3 src_stride2=1 dst_addr=8 "
      "dst_stride2=1 pad_byte=10 ";
  const std::string tail =
      "\nstore wait=vpu dram_addr=0x100 ub_addr=8 pixels=3 ub_pixel_stride=1\n";
  for (const bool sum : {false, true}) {
    Bench bench(small(1, 1), head + window + (sum ? "reduce_sum=1" : "reduce_sum=0") + tail);
    bench.put(0, {4, -7, 9});
    bench.put_values<float>(0x44, {1.0f});
    REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
    CHECK(bench.get(0x100, 3) == (sum ? std::vector<int>{14, -3, 2} : std::vector<int>{4, 4, 9}));
  }
}

TEST_CASE("a residual and a table work in both rounding forms") {
  // x = 5, scale 0.5: 2.5. Residual 3, zero 1, scale 0.25: 0.5. One rounding: 3.0 -> 3.
  // Two: rint(2.5) = 2, then 2*1 + 0.5 = 2.5 -> 2. The table negates: -3 and -2.
  for (const bool two : {false, true}) {
    Bench bench(small(1, 1),
                std::string("load dram_addr=0 pixels=2 ub_pixel_stride=1\n"
                            "load_param dram_addr=0x40 count=2\n"
                            "load_param signal=vpu target=1 row=2 dram_addr=0x200\n"
                            "vector_set clamp_lo=-128 clamp_hi=127 mid_lo=-128 mid_hi=127 "
                            "res_zero=1 res_scale=0.25 use_table=1 table_index=2 two_roundings=") +
                    (two ? "1" : "0") +
                    "\nvector wait=lda signal=sto src_ub=1 residual=1 res_addr=1 dst_addr=2\n"
                    "store wait=vpu dram_addr=0x100 ub_addr=2\n");
    bench.put(0, {5, 3});
    bench.put_values<float>(0x44, {0.5f});
    for (int y = -128; y < 128; ++y)
      bench.dram[static_cast<size_t>(0x200 + y + 128)] = static_cast<uint8_t>(-y);
    REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
    CHECK(bench.get(0x100, 1) == std::vector<int>{two ? -2 : -3});
  }
}

TEST_CASE("a residual that multiplies works in both rounding forms") {
  // x = 5, scale 0.5: 2.5. Residual 7, zero 1, scale 0.5: 3. One rounding: 2.5 * 3 = 7.5 -> 8.
  // Two: rint(2.5) + 4 = 6, (6 - 4) * 0.75 = 1.5, 1.5 * 3 = 4.5 -> 4.
  for (const bool two : {false, true}) {
    Bench bench(small(1, 1),
                std::string("load dram_addr=0 pixels=2 ub_pixel_stride=1\n"
                            "load_param signal=vpu dram_addr=0x40 count=2\n"
                            "vector_set clamp_lo=-128 clamp_hi=127 mid_lo=-128 mid_hi=127 "
                            "mid_zero=4 mid_scale=0.75 res_zero=1 res_scale=0.5 multiply=1 "
                            "two_roundings=") +
                    (two ? "1" : "0") +
                    "\nvector wait=lda signal=sto src_ub=1 residual=1 res_addr=1 dst_addr=2\n"
                    "store wait=vpu dram_addr=0x100 ub_addr=2\n");
    bench.put(0, {5, 7});
    bench.put_values<float>(0x44, {0.5f});
    REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
    CHECK(bench.get(0x100, 1) == std::vector<int>{two ? 4 : 8});
  }
}

TEST_CASE("products beyond the normal numbers round to zero and saturate") {
  isa::VectorSet set;
  set.multiply = true;
  set.clamp_lo = -128;
  set.clamp_hi = 127;
  const int8_t one = 1, minus = -1, none = 0;
  set.res_scale = 0x1p63f;
  CHECK(int{isa::requantise(1 << 30, 0, 0x1p63f, &one, set)} == 127);  // 2^156
  CHECK(int{isa::requantise(1 << 30, 0, 0x1p63f, &minus, set)} == -128);
  CHECK(int{isa::requantise(1 << 30, 0, 0x1p63f, &none, set)} == 0);
  set.res_scale = 0x1p-64f;
  CHECK(int{isa::requantise(1, 0, 0x1p-64f, &one, set)} == 0);  // 2^-128
}

TEST_CASE("diagonal tiles give one channel a column, wherever the columns begin") {
  // 2x3 array, L = 3: groups of 2 and 1 lanes. Pixel (2, 3, 5); columns 0 and 1 are channels 1, 2:
  // 3*10 = 30 and 5*-4 = -20; column 2 is 0.
  Bench bench(small(2, 3),
              "load signal=mxu dram_addr=0 pixel_bytes=3\n"
              "load_param signal=vpu dram_addr=0x40 count=2\n"
              "load_weights dram_addr=0x20 channels=3 cols=2 diagonal=1 first=1\n"
              "matmul wait=lda signal=vpu channels=3\n"
              "vector_set clamp_lo=-128 clamp_hi=127\n"
              "vector wait=lda,mxu signal=sto dst_addr=8 lanes_m1=2\n"
              "store wait=vpu dram_addr=0x100 ub_addr=8 pixel_bytes=3\n");
  bench.put(0, {2, 3, 5});
  bench.put(0x20, {10, -4});
  bench.put_values<float>(0x50, {1.0f, 1.0f, 1.0f});  // PB_ROW_BYTES = 4 * 4
  REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
  CHECK(bench.get(0x100, 3) == std::vector<int>{30, -20, 0});
}

TEST_CASE("a convolution equals a scalar reference on odd arrays") {
  // 3x3 kernel, padding 1, stride 2, dilation 1, 11 input and 4 output channels, on arrays whose
  // slices cut the channels unevenly. The scalar reference knows nothing of tiles.
  for (const auto& [rows, cols] : {std::pair{5, 3}, {3, 7}, {4, 4}, {16, 16}, {1, 4}}) {
    const isa::HwParams hw = small(rows, cols);
    const arch::Geometry g(hw);
    constexpr int kC = 11, kH = 5, kW = 6, kOh = 3, kOw = 3;
    const int outputs = std::min(cols, 4);
    const int words = static_cast<int>(g.words(kC));
    SeededRandom random(static_cast<uint64_t>(rows * 100 + cols));
    INFO(rows << "x" << cols);
    Bench bench(
        hw,
        fmt::format(
            "load signal=mxu dram_addr=0 pixels={0} pixel_bytes={1} ub_pixel_stride={2}\n"
            "load_param signal=vpu dram_addr=0x1000 count=2\n"
            "load_weights dram_addr=0x800 positions=9 channels={1} cols={3}\n"
            "matmul wait=lda signal=vpu oh=3 ow=3 kh=3 kw=3 stride_h=2 stride_w=2 h0=-1 w0=-1 "
            "height=5 width=6 channels={1} ub_stride1={4} ub_stride2={2} pad_byte=4\n"
            "vector_set clamp_lo=-128 clamp_hi=127\n"
            "vector wait=lda,mxu signal=sto ow=9 width=9 src_stride2=1 dst_stride2=1 dst_addr={5} "
            "lanes_m1={6}\n"
            "store wait=vpu dram_addr=0x1800 ub_addr={5} pixels=9 pixel_bytes={3} "
            "ub_pixel_stride=1\n",
            kH * kW, kC, words, outputs, kW * words, kH * kW * words, outputs - 1));
    std::vector<int8_t> x(kH * kW * kC), w(9 * kC * outputs);
    for (size_t i = 0; i < x.size(); ++i)
      bench.dram[i] = static_cast<uint8_t>(x[i] = static_cast<int8_t>(random.next()));
    for (size_t i = 0; i < w.size(); ++i)
      bench.dram[0x800 + i] = static_cast<uint8_t>(w[i] = static_cast<int8_t>(random.next()));
    for (int c = 0; c < outputs; ++c) {
      bench.put_values<int32_t>(0x1000 + 4 * c, {c * 1000});
      bench.put_values<float>(0x1000 + g.pb_row_bytes + 4 * c, {0x1p-10f});
    }
    REQUIRE(bench.run().status == GoldenResult::Status::kFinished);
    std::vector<int> expected;
    for (int i = 0; i < kOh; ++i)
      for (int j = 0; j < kOw; ++j)
        for (int c = 0; c < outputs; ++c) {
          int sum = c * 1000;
          for (int y = 0; y < 3; ++y)
            for (int t = 0; t < 3; ++t)
              for (int k = 0; k < kC; ++k) {
                const int h = 2 * i - 1 + y, v = 2 * j - 1 + t;
                const bool inside = h >= 0 && h < kH && v >= 0 && v < kW;
                sum += (inside ? x[(h * kW + v) * kC + k] : 4) *
                       w[((y * 3 + t) * kC + k) * outputs + c];
              }
          expected.push_back(isa::round_clamp(static_cast<float>(sum) * 0x1p-10f, 0, -128, 127));
        }
    CHECK(bench.get(0x1800, expected.size()) == expected);
  }
}

TEST_CASE("dispatch faults are found in the order of the checks") {
  const isa::HwParams hw = small(4, 4);  // UB of 1024 words, ACC of 64 rows, PB of 64, WB of 8
  const auto fault = [&](const std::string& text) {
    return dispatch_fault(program::assemble(text, "f.s").at(0), hw);
  };
  using isa::Fault;
  CHECK(fault("load ub_addr=1023 pixel_bytes=4") == Fault::kNone);
  CHECK(fault("load ub_addr=1023 pixel_bytes=5") == Fault::kUbRange);
  CHECK(fault("load wait=0x2") == Fault::kMalformed);     // itself
  CHECK(fault("load signal=0x1") == Fault::kMalformed);   // fetch
  CHECK(fault("load signal=0x40") == Fault::kMalformed);  // no unit
  CHECK(fault("load dram_addr=0xffffffff pixel_bytes=1") == Fault::kNone);
  CHECK(fault("load dram_addr=0xffffffff pixel_bytes=2") == Fault::kDramRange);
  CHECK(fault("load dram_addr=0xffffffff pixel_bytes=2 ub_addr=1024") == Fault::kUbRange);
  CHECK(fault("load_weights cols=5") == Fault::kMalformed);
  CHECK(fault("load_weights first=1") == Fault::kMalformed);  // only diagonals have a first
  CHECK(fault("load_weights channels=9 diagonal=1") == Fault::kMalformed);
  CHECK(fault("load_weights channels=5 diagonal=1") == Fault::kMalformed);  // beyond the word
  CHECK(fault("load_weights channels=4 cols=2 first=2 diagonal=1") == Fault::kNone);
  CHECK(fault("load_weights channels=3 cols=2 first=2 diagonal=1") == Fault::kMalformed);
  // A diagonal has `cols` bytes a position, 8 in all; other tiles 32.
  CHECK(fault("load_weights dram_addr=0xfffffff8 positions=2 channels=4 cols=4 diagonal=1") ==
        Fault::kNone);
  CHECK(fault("load_weights dram_addr=0xfffffff9 positions=2 channels=4 cols=4 diagonal=1") ==
        Fault::kDramRange);
  CHECK(fault("load_weights dram_addr=0xfffffff8 positions=2 channels=4 cols=4") ==
        Fault::kDramRange);
  CHECK(fault("matmul acc_addr=63") == Fault::kNone);
  CHECK(fault("matmul acc_addr=63 ow=2") == Fault::kAccRange);
  CHECK(fault("matmul keep=1 kh=2 kw=4") == Fault::kNone);
  CHECK(fault("matmul keep=1 kh=3 kw=3") == Fault::kWbCapacity);
  CHECK(fault("matmul keep=0 kh=3 kw=3") == Fault::kNone);
  CHECK(fault("vector param_row=62") == Fault::kNone);
  CHECK(fault("vector param_row=63") == Fault::kPbRange);
  CHECK(fault("vector lanes_m1=4") == Fault::kMalformed);
  CHECK(fault("vector src_slice=1") == Fault::kNone);  // not used: the source is ACC
  CHECK(fault("vector src_ub=1 src_slice=1") == Fault::kMalformed);
  CHECK(fault("vector src_addr=64") == Fault::kAccRange);
  CHECK(fault("vector_set clamp_lo=1") == Fault::kMalformed);
  CHECK(fault("vector_set mid_scale=0") == Fault::kMalformed);
  CHECK(fault("vector_set mid_scale=5.421011e-20") == Fault::kNone);  // 2^-64
  CHECK(fault("load_param row=62 count=3") == Fault::kPbRange);
  CHECK(fault("load_param target=1 row=3") == Fault::kNone);
  CHECK(fault("load_param target=1 row=4") == Fault::kPbRange);
  CHECK(fault(".word 0xff 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0") == Fault::kIllegalOpcode);
  CHECK(fault(".word 0x10 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0") == Fault::kMalformed);  // reserved bit
}

TEST_CASE("faults are predicted with code and program counter") {
  Bench bench(small(4, 4), "sync_lda\nload ub_addr=1024\nsync_lda\n");
  const GoldenResult dispatch = bench.run();
  REQUIRE(dispatch.status == GoldenResult::Status::kFault);
  CHECK(dispatch.faults == std::vector<GoldenFault>{{isa::Fault::kUbRange, 1}});

  Bench bus(small(4, 4),
            "load dram_addr=0x10000000 signal=sto\nstore wait=lda dram_addr=0x10000000\n");
  const GoldenResult result = bus.run();
  REQUIRE(result.status == GoldenResult::Status::kFault);
  CHECK(result.faults ==
        std::vector<GoldenFault>{{isa::Fault::kBusRead, 0}, {isa::Fault::kBusWrite, 1}});
}

TEST_CASE("a deadlock is reported with what each unit waits for") {
  Bench bench(small(4, 4), "sync_lda wait=vpu signal=vpu\nsync_vpu wait=lda signal=lda\nmatmul\n");
  const GoldenResult result = bench.run();
  REQUIRE(result.status == GoldenResult::Status::kDeadlock);
  CHECK(result.waiting ==
        "pc 0 (sync_lda, lda) waits for a token from vpu; pc 2 (matmul, mxu) waits for a weight "
        "tile; pc 1 (sync_vpu, vpu) waits for a token from lda");
}

TEST_CASE("a program that would run for ever is refused") {
  Bench bench(small(4, 4), "load count0=65535 count1=65535 count2=65535 pixel_bytes=1\n");
  CHECK_THROWS_WITH(bench.run(),
                    "golden executor: pc 0 (load, lda) exceeds the work limit of a run");
}

TEST_CASE("garbage never crashes the golden executor") {
  SeededRandom random(31);
  INFO("seed 31");
  for (int i = 0; i < 400; ++i) {
    Bench bench(small(5, 3), "sync_lda\n");
    for (int k = 0; k < 12; ++k) {
      isa::Words words;
      const isa::InstructionInfo& info =
          isa::kInstructions[random.below(static_cast<int64_t>(isa::kInstructions.size()))];
      for (int w = 0; w < isa::kInstructionWords; ++w)
        words[w] = static_cast<uint32_t>(random.next() & random.next() & random.next() &
                                         (random.chance(50) ? info.used[w] : 0x00070007u));
      isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(info.opcode));
      if (random.chance(90)) words[0] &= info.used[0];
      if (random.chance(90)) words[1] = 0;
      bench.program.code.push_back(words);
    }
    GoldenOptions options;
    options.work_limit = 1e6;
    try {
      run_golden(bench.program, bench.dram, options);
    } catch (const Error&) {
    }
  }
}

}  // namespace systole::golden
