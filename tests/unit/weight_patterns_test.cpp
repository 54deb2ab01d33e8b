// SPDX-License-Identifier: Apache-2.0
// What is seen in stored weights, and the bytes of each format, worked out by hand.
#include "sim/report/weight_patterns.h"

#include <catch2/catch.hpp>

#include "model/arch/arch.h"
#include "sim/report/sparsity.h"

namespace systole {
namespace {

struct Shape {
  int64_t in = 1, out = 1, kh = 1, kw = 1, group = 1, map = 8;
};

/// A graph of one convolution, weights [out][kh][kw][in / group].
report::WeightPatterns patterns(const Shape& s, const std::vector<int8_t>& weights, int bits = 8,
                                int rows = 4, int cols = 4, bool codebook = false,
                                bool bitmask = false, double gb_per_s = 64) {
  graph::QGraph graph;
  graph::QTensor in, out;
  in.h = in.w = s.map;
  in.c = s.in;
  out.h = s.map - s.kh + 1;
  out.w = s.map - s.kw + 1;
  out.c = s.out;
  graph.tensors = {in, out};
  graph::QOp op;
  op.name = "layer";
  op.conv().in = 0;
  op.conv().out = 1;
  op.conv().kh = s.kh;
  op.conv().kw = s.kw;
  op.conv().group = s.group;
  op.conv().weight_type = isa::ElementType::integer(bits);
  op.conv().weights = weights;
  op.conv().post.bias.assign(static_cast<size_t>(s.out), 0);
  graph.ops.push_back(op);
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  arch.memory.bytes_per_cycle = gb_per_s;  // at 1 GHz
  arch.hw.rows = rows;
  arch.hw.cols = cols;
  arch.hw.codebook = codebook ? 1 : 0;
  arch.hw.bitmask = bitmask ? 1 : 0;
  return *report::weight_patterns(graph, arch).at(0);
}

int64_t bytes(const report::WeightPatterns& p, lower::WeightFormat format) {
  return p.bytes_of(format);
}

}  // namespace

TEST_CASE("zeros, zero tiles, zero channels and values are counted") {
  // [out 5][in 4] at 4x4: column tiles of output channels 0..3 and 4.
  std::vector<int8_t> weights = {1, 0, 2, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const report::WeightPatterns p = patterns({4, 5}, weights);
  CHECK(p.count == 20);
  CHECK(p.zeros == 16);
  CHECK(p.tiles == 2);
  CHECK(p.zero_tiles == 1);
  CHECK(p.zero_outputs == 2);
  CHECK(p.zero_inputs == 2);
  CHECK(p.distinct == 4);
  CHECK(p.two_of_four);
  CHECK_FALSE(p.one_of_four);
  CHECK(p.one_of_two);
  CHECK(bytes(p, lower::WeightFormat::kDense) == 20);
  // Masks of 4 x 4 and 4 x 1 bits; rows of 2, 0, 2, 0 and of 0, 0, 0, 0 values, a byte at least.
  CHECK(bytes(p, lower::WeightFormat::kBitmask) == (2 + 2 + 1 + 2 + 1) + (1 + 4));
  // 16 entries; rows of four indices and of one.
  CHECK(bytes(p, lower::WeightFormat::kCodebook) == 16 + 4 * (2 + 1));
  // Two rows of 4 bytes and 4 x 2 bits, two of a byte and 2 bits.
  CHECK(bytes(p, lower::WeightFormat::kTwoOfFour) == 2 * (4 + 1) + 2 * (1 + 1));
  CHECK(p.smallest() == lower::WeightFormat::kBitmask);
}

TEST_CASE("2:4 takes five eighths of the bytes at 8 bits, three quarters at 4") {
  std::vector<int8_t> weights;
  for (int i = 0; i < 64 * 16; ++i)
    weights.push_back(static_cast<int8_t>(i % 4 < 2 ? 1 + i % 7 : 0));
  const report::WeightPatterns eight = patterns({64, 16}, weights);
  CHECK(bytes(eight, lower::WeightFormat::kDense) == 1024);
  CHECK(bytes(eight, lower::WeightFormat::kTwoOfFour) == 640);
  CHECK_FALSE(eight.one_of_two);
  const report::WeightPatterns four = patterns({64, 16}, weights, 4);
  CHECK(bytes(four, lower::WeightFormat::kDense) == 512);
  CHECK(bytes(four, lower::WeightFormat::kTwoOfFour) == 384);
  CHECK_FALSE(four.bytes[static_cast<size_t>(lower::WeightFormat::kCodebook)].has_value());
}

TEST_CASE("masked rows have a byte at least") {
  // 300 rows of 4 columns, of which 11 have one weight and none more.
  std::vector<int8_t> weights(1200, 0);
  for (int64_t row = 0; row < 10; ++row) weights[static_cast<size_t>(300 + row)] = 5;  // out 1
  weights[299] = 7;
  const report::WeightPatterns p = patterns({300, 4}, weights);
  CHECK(bytes(p, lower::WeightFormat::kBitmask) == 300 * 4 / 8 + 300);
  CHECK(p.smallest() == lower::WeightFormat::kBitmask);
  CHECK(p.stored == lower::WeightFormat::kDense);
  // On a fast memory a row takes a step however little it names, and the masks take steps besides.
  CHECK(patterns({300, 4}, weights, 8, 4, 4, false, true).stored == lower::WeightFormat::kDense);
  CHECK(patterns({300, 4}, weights, 8, 4, 4, false, true, 1).stored ==
        lower::WeightFormat::kBitmask);
  // Narrow weights have no masks.
  CHECK_FALSE(patterns({300, 4}, weights, 4)
                  .bytes[static_cast<size_t>(lower::WeightFormat::kBitmask)]
                  .has_value());
}

TEST_CASE("rows of narrow weights end with a byte") {
  // 3 columns of 4 bits: 2 bytes a row; 5 columns as tiles of 4 and 1: 2 + 1.
  CHECK(bytes(patterns({4, 3}, std::vector<int8_t>(12, 1), 4), lower::WeightFormat::kDense) == 8);
  CHECK(bytes(patterns({4, 5}, std::vector<int8_t>(20, 1), 4), lower::WeightFormat::kDense) == 12);
}

TEST_CASE("grouped convolutions are stored without the tiles between their groups") {
  // 8 channels in 2 groups of 4: two of four tiles are zero and left out; the weights are not.
  const report::WeightPatterns p = patterns({8, 8, 1, 1, 2}, std::vector<int8_t>(32, 1));
  CHECK(p.count == 32);
  CHECK(p.zeros == 0);
  CHECK(p.tiles == 4);
  CHECK(p.zero_tiles == 2);
  CHECK(bytes(p, lower::WeightFormat::kDense) == 32);
}

TEST_CASE("depthwise weights have a tile for each position and column tile") {
  std::vector<int8_t> weights(6 * 9, 1);
  for (size_t tap = 0; tap < 9; ++tap) weights[4 * 9 + tap] = weights[5 * 9 + tap] = 0;
  const report::WeightPatterns p = patterns({6, 6, 3, 3, 6}, weights);
  CHECK(p.tiles == 18);
  CHECK(p.zero_tiles == 9);
  CHECK(p.zero_outputs == 2);
  CHECK(p.zero_inputs == 2);
  CHECK(bytes(p, lower::WeightFormat::kDense) == 54);
  CHECK_FALSE(p.two_of_four);
}

TEST_CASE("a kernel that covers its map is cut as one long list of channels") {
  // 2x2 positions of 3 channels: 12 rows in words of 4.
  const report::WeightPatterns p =
      patterns({3, 1, 2, 2, 1, 2}, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(p.tiles == 3);
  CHECK(p.zero_tiles == 2);
}

TEST_CASE("few values are stored by codebook where the hardware has one") {
  // 5 columns of 4-bit indices: 2 bytes a row for four, 1 for the last; 16 bytes of values.
  const std::vector<int8_t> weights(80, 3);
  const report::WeightPatterns p = patterns({16, 5}, weights, 8, 4, 4, true);
  CHECK(p.stored == lower::WeightFormat::kCodebook);
  CHECK(bytes(p, lower::WeightFormat::kCodebook) == 16 + 16 * 3);
  CHECK(report::not_gained(p).empty());
  CHECK(patterns({16, 5}, weights).stored == lower::WeightFormat::kDense);
}

TEST_CASE("what is not gained is said of each layer") {
  std::vector<int8_t> weights(64, 0);
  weights[0] = 1;
  const report::WeightPatterns p = patterns({8, 8}, weights);
  CHECK(report::not_gained(p) ==
        std::vector<std::string>{
            "bitmask would take 24 of 64 bytes; weights are stored dense",
            "2:4 holds; the array multiplies by the zeros too",
            "7 output and 7 input channels have no weight but zero; they are computed all the "
            "same"});
  CHECK(report::not_gained(patterns({8, 8}, std::vector<int8_t>(64, 3))).size() ==
        1);  // a codebook of one
  std::vector<int8_t> depthwise(6 * 9, 1);
  for (size_t tap = 0; tap < 9; ++tap) depthwise[4 * 9 + tap] = depthwise[5 * 9 + tap] = 0;
  CHECK(report::not_gained(patterns({6, 6, 3, 3, 6}, depthwise)).at(0) ==
        "9 of 18 weight tiles are zero; they are loaded and computed all the same");
}

TEST_CASE(
    "shared values without a zero among them do not keep groups apart that packed take less") {
  const Shape depthwise{.in = 32, .out = 32, .kh = 3, .kw = 3, .group = 32, .map = 34};
  std::vector<int8_t> weights(32 * 9);
  const auto stored = [&](int first) {
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<int8_t>(first + i % 16);
    return patterns(depthwise, weights, 8, 128, 128, true).stored;
  };
  CHECK(stored(0) == lower::WeightFormat::kCodebook);
  CHECK(stored(1) == lower::WeightFormat::kDense);
}

TEST_CASE("what a network does not gain sums up its layers") {
  std::vector<int8_t> weights(64, 0);
  weights[0] = 1;
  const auto found = report::not_gained(
      {patterns({8, 8}, weights), std::nullopt, patterns({8, 8}, std::vector<int8_t>(64, 3))});
  REQUIRE(found.size() == 2);  // what is stored is known of a program alone
  CHECK(found[0] == "2:4: holds in 1 of 2 layers; the array multiplies by the zeros too");
  CHECK(found[1] ==
        "zeros: 49.2 % of the weights; products with them are computed except in tiles of zeros "
        "and where 2:4 leaves them out");  // 63 of 128
  CHECK(report::not_gained(std::vector<std::optional<report::WeightPatterns>>{}).empty());
}

}  // namespace systole
