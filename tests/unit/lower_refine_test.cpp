// SPDX-License-Identifier: Apache-2.0
// Plans that are chosen together with their neighbours: what they gain, and that results stay
// right.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/acc_rows.h"
#include "sim/engine/run_process.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

/// `count` fully connected layers of `channels` channels on `pixels` pixels.
graph::QGraph chain(int64_t count, int64_t channels, int64_t pixels, SeededRandom& random) {
  GraphBuilder builder(random, 1);
  graph::TensorId t = builder.input(1, pixels, channels);
  for (int64_t k = 0; k < count; ++k) t = builder.conv(t, {}, channels);
  return builder.finish({t});
}

Cycle cycles_of(const program::Program& program, const isa::HwParams& hw) {
  return run_on_model(program, hw).cycles;
}

/// What a dump says of the plan of a layer.
std::string plan_of(const std::string& dump, int layer) {
  const size_t at = dump.find(fmt::format("layer {} ", layer));
  return dump.substr(at, dump.find('\n', at) - at);
}

TEST_CASE("halves of the accumulators take turns, each filled by as many tiles as it may be") {
  lower::AccRows acc(200);
  // Alone: one half after the other.
  CHECK(acc.take(30, 1) == 0);
  CHECK(acc.take(30, 1) == 100);
  CHECK(acc.take(30, 1) == 0);
  // Two together: the first is where its half was written last, so that all of it has been read.
  acc.close();
  CHECK(acc.take(30, 2) == 100);
  CHECK(acc.take(30, 2) == 130);
  CHECK(acc.take(30, 2) == 0);
  CHECK(acc.take(30, 2) == 30);
  CHECK(acc.take(30, 2) == 130);
  CHECK(acc.take(30, 2) == 100);
  // What a half has no room for goes to the other one.
  acc.close();
  CHECK(acc.take(80, 4) == 20);
  CHECK(acc.take(30, 4) == 100);
}

TEST_CASE("a layer begins with the channels that are there while the last ones are computed") {
  isa::HwParams hw;
  std::string dump;
  SeededRandom random(1);
  const program::Program four =
      check_compiled(chain(4, 128, 1, random), hw, random, "four layers", &dump);
  CHECK_THAT(dump, Catch::Contains("early 112"));
  SeededRandom again(1);
  const program::Program five = check_compiled(chain(5, 128, 1, again), hw, again, "five layers");
  // 8 column tiles of 8 weight tiles of 16 rows, 3 cycles to issue each of 9 matmuls: nothing waits
  // for the last word.
  CHECK(cycles_of(five, hw) - cycles_of(four, hw) == 8 * 8 * 16 + 9 * 3);
}

TEST_CASE("the first column tile is cut right at any width and format") {
  struct Case {
    int rows, cols, act_bits, weight_bits;
    bool two_of_four;
  };
  int cut = 0;
  for (const Case& c : {Case{8, 8, 8, 8, false},
                        {8, 8, 4, 8, false},
                        {8, 8, 4, 4, false},
                        {8, 16, 8, 8, true},
                        {16, 8, 8, 4, true},
                        {16, 8, 2, 8, false},
                        {5, 3, 8, 8, false},
                        {7, 13, 8, 8, false}}) {
    isa::HwParams hw;
    hw.rows = c.rows, hw.cols = c.cols, hw.act_bits = c.act_bits, hw.weight_bits = c.weight_bits;
    hw.structured = c.two_of_four;
    SeededRandom random(1);
    graph::QGraph graph = chain(5, 136, 1, random);
    for (size_t k = 0; k < graph.ops.size(); ++k) {
      graph::QConv& conv = graph.ops[k].conv();
      conv.weight_type = isa::ElementType::integer(c.weight_bits);
      for (size_t i = 0; i < conv.weights.size(); ++i)
        conv.weights[i] = static_cast<int8_t>(
            c.two_of_four && i % 4 < 2 ? 0 : conv.weights[i] % (1 << (c.weight_bits - 1)));
      if (k + 1 == graph.ops.size()) break;
      graph::QTensor& out = graph.tensors[conv.out];
      out.type = isa::ElementType::integer(c.act_bits);
      out.zero_point = conv.post.out_zero = 0;
      conv.post.clamp_lo = out.type.least(), conv.post.clamp_hi = out.type.greatest();
    }
    std::string dump;
    check_compiled(graph, hw, random, describe(hw), &dump);
    cut += plan_of(dump, 2).find("early 0,") == std::string::npos ? 1 : 0;
  }
  CHECK(cut >= 6);  // where it pays
}

TEST_CASE("nothing beats the bound of a layer of few pixels, few channels or few columns") {
  const GraphBuilder::Window three{
      .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  for (const auto& [rows, cols] : {std::pair{32, 2}, {16, 16}, {2, 32}})
    for (const int64_t channels : {3, 8, 40})
      for (const bool depthwise : {false, true}) {
        isa::HwParams hw;
        hw.rows = rows, hw.cols = cols;
        SeededRandom random(1);
        GraphBuilder builder(random, 1);
        graph::TensorId t = builder.input(2, 2, channels);
        for (int k = 0; k < 20; ++k)
          t = builder.conv(t, depthwise ? three : GraphBuilder::Window{}, channels, -1,
                           depthwise ? channels : 1);
        const program::Program program =
            check_compiled(builder.finish({t}), hw, random, describe(hw));
        int64_t bound = 0;
        for (const program::LayerInfo& layer : program.layers) bound += layer.mxu_bound;
        CHECK(static_cast<int64_t>(cycles_of(program, hw)) >= bound);
      }
}

TEST_CASE("column tiles share a half of the accumulators where the array's latency shows") {
  isa::HwParams hw;
  hw.rows = hw.cols = 32;
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId wide = builder.conv(builder.input(1, 40, 64), {}, 512);
  std::string dump;
  check_compiled(builder.finish({wide}), hw, random, "wide", &dump);
  // A column tile streams for 80 cycles, leaves the array 64 later and is read in 58: more than
  // twice 80.
  CHECK(plan_of(dump, 1).find("together 1,") == std::string::npos);
}

}  // namespace
}  // namespace systole
