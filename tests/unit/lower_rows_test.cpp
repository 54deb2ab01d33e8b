// SPDX-License-Identifier: Apache-2.0
// First layers whose kernel rows are packed into lanes: the reference's bytes, and what is saved.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/lower/row_packing.h"
#include "model/isa/counter_ids.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

using Taps = GraphBuilder::Window;

constexpr Taps kSeven = {.kh = 7,
                         .kw = 7,
                         .stride_h = 2,
                         .stride_w = 2,
                         .pad_top = 3,
                         .pad_left = 3,
                         .pad_bottom = 3,
                         .pad_right = 3};
constexpr Taps kThree = {
    .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};

struct First {
  int64_t h, w, c, channels;
  Taps window;
};

isa::HwParams array_of(int rows, int cols, int ub_kib, int acc_rows = 256) {
  isa::HwParams hw;
  hw.rows = rows, hw.cols = cols, hw.ub_kib = ub_kib, hw.acc_rows = acc_rows;
  return hw;
}

graph::QGraph graph_of(const First& layer, int64_t batch, SeededRandom& random) {
  GraphBuilder builder(random, batch);
  const graph::TensorId in = builder.input(layer.h, layer.w, layer.c);
  return builder.finish({builder.conv(in, layer.window, layer.channels)});
}

/// The rows that the plan in `dump` packs together.
int64_t packed_of(const std::string& dump) {
  const std::string before = "input window of ";
  const size_t at = dump.find(before);
  return at == std::string::npos ? 1 : std::stoll(dump.substr(at + before.size()));
}

/// A layer as row_packings sees it.
lower::Layer layer_of(const graph::QConv& conv, graph::QOp& op, int64_t c, lower::WindowDim h,
                      lower::WindowDim w) {
  op.conv() = conv;
  lower::Layer layer;
  layer.op = &op;
  layer.shape.c = c, layer.shape.h = h, layer.shape.w = w;
  return layer;
}

}  // namespace

TEST_CASE("rows that are packed together give the reference's bytes on any array") {
  const std::vector<First> layers{
      {17, 16, 3, 9, kSeven},
      {20, 19, 3, 10, {.kh = 11, .kw = 11, .stride_h = 4, .stride_w = 4}},
      {21, 10, 1, 8, kKeywordWindow},
      {9, 9, 3, 20, kThree},
      {9, 30, 1, 5, {.kh = 5, .kw = 3, .stride_h = 3, .pad_top = 2, .pad_bottom = 4}},
      {14, 6, 2, 4, {.kh = 3, .kw = 2, .stride_h = 4}},                  // gaps between windows
      {30, 3, 4, 7, {.kh = 9, .kw = 1, .pad_top = 8, .pad_bottom = 8}},  // packs of padding
      {12, 5, 3, 3, {.kh = 4, .kw = 3, .dil_h = 2}},                     // not packed
  };
  const std::vector<isa::HwParams> machines{array_of(16, 16, 8),   array_of(7, 13, 2),
                                            array_of(4, 4, 1, 32), array_of(1, 3, 1, 16),
                                            array_of(64, 8, 8),    array_of(3, 32, 4)};
  for (const isa::HwParams& hw : machines) {
    int packed = 0;
    for (const First& layer : layers) {
      SeededRandom random(static_cast<uint64_t>(layer.h));
      std::string dump;
      const std::string where =
          fmt::format("{}x{} on {}", layer.window.kh, layer.window.kw, describe(hw));
      check_compiled(graph_of(layer, 2, random), hw, random, where, &dump);
      packed += packed_of(dump) > 1;
      if (layer.window.dil_h > 1) CHECK(packed_of(dump) == 1);
    }
    INFO(describe(hw));
    CHECK(packed >= (hw.rows > 1 ? 2 : 0));
  }
}

TEST_CASE("rows of narrow activations and weights are packed, those of one bit without gaps") {
  isa::HwParams hw = array_of(16, 16, 32);
  hw.act_bits = 1, hw.weight_bits = 1;
  for (const int bits : {4, 2, 1}) {
    SeededRandom random(static_cast<uint64_t>(bits));
    graph::QGraph graph = graph_of({17, 17, 3, 60, kSeven}, 1, random);
    graph.ops[0].conv().weight_type = isa::ElementType::integer(bits);
    for (int8_t& weight : graph.ops[0].conv().weights)
      weight = static_cast<int8_t>(bits == 1 ? (weight < 0 ? -1 : 1) : weight >> (8 - bits));
    std::string dump;
    check_compiled(graph, hw, random, fmt::format("weights of {} bits", bits), &dump);
    CHECK(packed_of(dump) > 1);
    if (bits == 1) CHECK(packed_of(dump) == 7);
  }
}

TEST_CASE("packings are those that take fewer weight tiles than the ones of fewer rows") {
  graph::QOp op;
  const auto packings = [&](int rows, int64_t kernel, int64_t stride, int64_t row_lanes) {
    const lower::Layer layer =
        layer_of({}, op, 1, {.in = 64, .out = 8, .kernel = kernel, .stride = stride},
                 {.in = 64, .out = 8, .kernel = row_lanes});
    return lower::row_packings(layer, arch::Geometry(array_of(rows, rows, 64)));
  };
  // 7 rows of 21 lanes at 16 rows of the array: 7*2 tiles; by two rows 4*3, one of them nothing but
  // the missing row; by six 2*8, 6 of them missing; all 147 lanes as many, 10.
  CHECK(packings(16, 7, 2, 21) == std::vector<int64_t>{1, 2, 6});
  // At 128: 7, 4, 2; all seven take two as well.
  CHECK(packings(128, 7, 2, 21) == std::vector<int64_t>{1, 2, 4});
  // AlexNet at 32: 22; four rows of 33: 5 tiles three times, one of them missing; eight: 9, twice,
  // 165 lanes missing are 5; all 363: 12.
  CHECK(packings(32, 11, 4, 33) == std::vector<int64_t>{1, 4, 8, 11});
  CHECK(packings(16, 1, 1, 3) == std::vector<int64_t>{1});
}

TEST_CASE("a first layer takes the matrix unit as many tiles as its taps need") {
  // 7x7 on 3 channels, stride 2: 147 taps are 10 tiles of 16 rows, not 7 * 2; 4 column tiles of
  // 32*32 pixels.
  arch::ArchConfig arch;
  arch.hw = array_of(16, 16, 64, 1024);
  SeededRandom random(1);
  const program::Program program =
      lower::compile_back(graph_of({64, 64, 3, 64, kSeven}, 1, random), arch, {});
  const platform::RunResult run = run_on_model(program, arch.hw);
  CHECK(run.counters[static_cast<size_t>(isa::Counter::kMxuRows)] == 10 * 4 * 32 * 32);
}

}  // namespace systole
