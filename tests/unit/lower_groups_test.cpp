// SPDX-License-Identifier: Apache-2.0
// Convolutions in groups on arrays that do not divide them: right, and no cliffs.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

constexpr GraphBuilder::Window kThree = {
    .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};

/// One 3x3 layer of `groups` groups of `each` channels on 8x8 pixels.
graph::QGraph layer_of(int64_t groups, int64_t each, SeededRandom& random) {
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(8, 8, groups * each);
  return builder.finish({builder.conv(in, kThree, groups * each, -1, groups)});
}

TEST_CASE("convolutions in groups give the reference's bytes, whole or cut by channels") {
  for (const auto& [rows, cols, ub_kib] :
       {std::tuple{7, 13, 256}, {7, 13, 1}, {16, 16, 2}, {8, 4, 1}})
    for (const auto& [groups, each] :
         {std::pair<int64_t, int64_t>{3, 16}, {5, 6}, {12, 3}, {2, 40}}) {
      SeededRandom random(static_cast<uint64_t>(groups));
      isa::HwParams hw;
      hw.rows = rows, hw.cols = cols, hw.ub_kib = ub_kib;
      check_compiled(layer_of(groups, each, random), hw, random,
                     fmt::format("{} groups of {} on {}", groups, each, describe(hw)));
    }
}

TEST_CASE("a layer of more groups takes more cycles, in proportion") {
  arch::ArchConfig arch;
  arch.hw.rows = 7, arch.hw.cols = 13;
  Cycle most = 0;
  for (int64_t groups = 1; groups <= 40; ++groups) {
    SeededRandom random(1);
    const program::Program program = lower::compile_back(layer_of(groups, 16, random), arch, {});
    const platform::RunResult run = run_on_model(program, arch.hw);
    INFO(groups << " groups of 16: " << run.cycles << " cycles");
    CHECK(10 * run.cycles >= 9 * most);
    // A column tile of 13 meets two groups nearly always, and words of 13 lanes are no multiple of
    // what a group has.
    CHECK(static_cast<double>(run.cycles) <=
          2.4 * static_cast<double>(program.layers[0].mxu_bound) + 400);
    most = std::max(most, run.cycles);
  }
}

TEST_CASE("depthwise convolutions of few channels pack kernel rows, columns and channels") {
  constexpr GraphBuilder::Window kFive = {
      .kh = 5, .kw = 4, .stride_h = 2, .stride_w = 1, .pad_top = 2, .pad_left = 1};
  int windows = 0;
  for (const auto& [rows, cols] : {std::pair{16, 16}, {7, 13}, {32, 32}, {5, 3}, {1, 7}, {64, 8}})
    for (const int64_t channels : {2, 3, 8, 20})
      for (const auto& window : {kThree, kFive}) {
        SeededRandom random(static_cast<uint64_t>(channels));
        GraphBuilder builder(random, 2);
        const graph::TensorId in = builder.input(12, 9, channels);
        isa::HwParams hw;
        hw.rows = rows, hw.cols = cols, hw.ub_kib = 16;
        std::string dump;
        check_compiled(builder.finish({builder.conv(in, window, channels, -1, channels)}), hw,
                       random, fmt::format("{} channels on {}", channels, describe(hw)), &dump);
        windows += dump.find("input window") != std::string::npos;
      }
  CHECK(windows >= 20);
}

TEST_CASE("a depthwise convolution takes no more cycles than one of twice the outputs") {
  for (const int size : {8, 16, 32, 128})
    for (const int64_t channels : {2, 4, 8, 16, 32}) {
      arch::ArchConfig arch;
      arch.hw.rows = arch.hw.cols = size;
      const auto cycles = [&](int64_t outputs) {
        SeededRandom random(1);
        GraphBuilder builder(random, 1);
        const graph::TensorId in = builder.input(28, 28, channels);
        const graph::TensorId out = builder.conv(in, kThree, outputs, -1, channels);
        const program::Program program = lower::compile_back(builder.finish({out}), arch, {});
        return run_on_model(program, arch.hw).cycles;
      };
      INFO(channels << " channels on " << size);
      CHECK(cycles(channels) <= 1.1 * static_cast<double>(cycles(2 * channels)));
    }
}

TEST_CASE("windows whose tiles of zeros are too many to be named are not taken") {
  // 25 groups of 4 at 5x5 on 7x13: windows of 500 lanes are 77 tiles, 385 for a column tile, of
  // which 256 can be named; pixels of slices take 40,000 cycles.
  arch::ArchConfig arch;
  arch.hw.rows = 7, arch.hw.cols = 13;
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(8, 8, 100);
  const graph::TensorId out = builder.conv(
      in, {.kh = 5, .kw = 5, .pad_top = 2, .pad_left = 2, .pad_bottom = 2, .pad_right = 2}, 100, -1,
      25);
  const program::Program program = lower::compile_back(builder.finish({out}), arch, {});
  CHECK(run_on_model(program, arch.hw).cycles < 43000);
}

TEST_CASE("words of whole slices save passes where lanes are no multiple of rows") {
  isa::HwParams hw;
  hw.rows = 7, hw.cols = 13;
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(14, 14, 160);
  std::string dump;
  const program::Program program =
      check_compiled(builder.finish({builder.conv(in, {}, 160)}), hw, random, "160 to 160", &dump);
  CHECK_THAT(dump, Catch::Contains("in slices"));
  const platform::RunResult run = run_on_model(program, hw);
  // ceil(160/7) = 23 passes of 196 pixels for each of 13 column tiles; words of 7 + 6 lanes
  // take 25.
  CHECK(program.layers[0].mxu_bound == 23 * 13 * 196);
  CHECK(static_cast<double>(run.cycles) < 24.5 * 13 * 196);
}

TEST_CASE("words of whole slices are right in any shape and format") {
  struct Case {
    int rows, cols;
    GraphBuilder::Window window;
    int64_t channels, groups;
  };
  const GraphBuilder::Window two{.stride_h = 2, .stride_w = 2};
  int sliced = 0;
  for (const Case& c : {Case{7, 13, {}, 160, 1},
                        {7, 13, two, 80, 1},
                        {5, 13, {}, 140, 1},
                        {7, 13, kThree, 14, 1},
                        {7, 13, kThree, 160, 10},
                        {3, 8, kThree, 48, 4},
                        {7, 13, two, 48, 4}})
    for (const int64_t batch : {1, 2})
      for (const bool sparse : {false, true}) {
        isa::HwParams hw;
        hw.rows = c.rows, hw.cols = c.cols, hw.bitmask = sparse;
        SeededRandom random(3);
        GraphBuilder builder(random, batch);
        const graph::TensorId in = builder.input(14, 14, c.channels);
        graph::QGraph graph =
            builder.finish({builder.conv(in, c.window, c.channels, -1, c.groups)});
        if (sparse)
          for (size_t i = 0; i < graph.ops[0].conv().weights.size(); i += 4)
            graph.ops[0].conv().weights[i] = graph.ops[0].conv().weights[i + 1] =
                graph.ops[0].conv().weights[i + 2] = 0;
        std::string dump;
        check_compiled(graph, hw, random, describe(hw), &dump);
        sliced += dump.find("in slices") != std::string::npos ? 1 : 0;
      }
  CHECK(sliced >= 20);  // of 28: where it pays
}

}  // namespace
}  // namespace systole
