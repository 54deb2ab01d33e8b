// SPDX-License-Identifier: Apache-2.0
// Patches that serve several tiles: the reference's bytes, and no row loaded twice.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/strips.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

using Taps = GraphBuilder::Window;

constexpr Taps kThree = {
    .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};

struct First {
  int64_t h, w, c, channels;
  Taps window;
};

graph::QGraph graph_of(const First& layer, int64_t batch, SeededRandom& random) {
  GraphBuilder builder(random, batch);
  const graph::TensorId in = builder.input(layer.h, layer.w, layer.c);
  return builder.finish({builder.conv(in, layer.window, layer.channels)});
}

graph::QGraph keyword_spotting(int64_t batch, SeededRandom& random) {
  return graph_of({49, 10, 1, 64, kKeywordWindow}, batch, random);
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a strip takes rows that follow, and begins anew where they do not fit") {
  lower::Strip strip;
  CHECK(strip.extend(0, {0, 4}, 8));
  CHECK(strip.added() == lower::Range{0, 4});
  CHECK_FALSE(strip.extend(0, {2, 4}, 8));  // rows 2 and 3 are there
  CHECK(strip.added() == lower::Range{4, 2});
  CHECK_FALSE(strip.extend(0, {2, 4}, 8));  // the same rows, other columns
  CHECK(strip.added() == lower::Range{6, 0});
  CHECK(strip.extend(0, {5, 4}, 8));  // row 8 would be the ninth
  CHECK(strip.added() == lower::Range{5, 4});
  CHECK(strip.first() == 5);
  CHECK(strip.extend(1, {5, 4}, 8));  // of another item
  CHECK(strip.extend(1, {0, 4}, 8));  // from the top again
  CHECK(strip.extend(1, {6, 2}, 8));  // rows 4 and 5 would be missing
}

TEST_CASE("layers in strips give the reference's bytes on any array") {
  const std::vector<First> layers{
      {40, 16, 3, 9, kThree},
      {33,
       19,
       1,
       10,
       {.kh = 5, .kw = 4, .stride_h = 2, .stride_w = 2, .pad_top = 2, .pad_left = 1}},
      {30, 9, 4, 20, {.kh = 3, .kw = 3, .dil_h = 2, .dil_w = 2, .pad_top = 2, .pad_left = 2}},
      {24, 20, 2, 5, {.kh = 7, .kw = 1, .stride_w = 2, .pad_top = 6, .pad_bottom = 6}},
      {28, 7, 30, 16, kThree},
  };
  int strips = 0, several = 0;
  for (const auto& [rows, cols, ub_kib, acc_rows] : {std::tuple{16, 16, 16, 128},
                                                     {7, 13, 4, 128},
                                                     {32, 32, 64, 256},
                                                     {4, 4, 2, 32},
                                                     {8, 3, 4, 64}}) {
    isa::HwParams hw;
    hw.rows = rows, hw.cols = cols, hw.ub_kib = ub_kib, hw.acc_rows = acc_rows;
    for (const First& layer : layers) {
      SeededRandom random(static_cast<uint64_t>(layer.h));
      std::string dump;
      check_compiled(graph_of(layer, 2, random), hw, random,
                     fmt::format("{}x{} on {}", layer.window.kh, layer.window.kw, describe(hw)),
                     &dump);
      strips += count(dump, "in strips for");
      several += count(dump, "in strips for") > 0 && count(dump, "staging in 1x") == 0;
    }
  }
  CHECK(strips >= 10);
  CHECK(several >= 3);
}

TEST_CASE("the input of a first layer that fits is loaded once") {
  SeededRandom random(1);
  const graph::QGraph graph = keyword_spotting(1, random);
  isa::HwParams hw;
  hw.rows = hw.cols = 32;
  std::string dump;
  const program::Program program = check_compiled(graph, hw, random, "10x4", &dump);
  CHECK_THAT(dump, Catch::Contains("in strips for 25 rows"));
  const platform::RunResult run = run_on_model(program, hw);
  // 25 rows of 5 outputs see 29 packs of four rows, each row 9 cycles of load_window (fill, 2, 5
  // windows, a burst): 1,044. Tiles of 5 rows that load their own would load 5 * 9 packs.
  CHECK_THAT(dump, Catch::Contains("window of 4 rows"));
  CHECK(run.cycles < 1044 + 400);
}

TEST_CASE("strips of two items are held for all column tiles") {
  isa::HwParams hw;
  hw.rows = hw.cols = 16;  // four column tiles
  uint64_t bytes[2];
  for (const int64_t batch : {1, 2}) {
    SeededRandom random(1);
    const program::Program program =
        check_compiled(keyword_spotting(batch, random), hw, random, "10x4");
    bytes[batch - 1] = run_on_model(program, hw)
                           .counters[static_cast<size_t>(isa::Counter::kReadBytesActivations)];
  }
  CHECK(bytes[1] == 2 * bytes[0]);
}

}  // namespace systole
