// SPDX-License-Identifier: Apache-2.0
// Windows larger than buffers and instruction fields: cut, and to the reference's bytes.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/lower/compile_back.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

using Taps = GraphBuilder::Window;

isa::HwParams array_of(int rows, int cols, int ub_kib) {
  isa::HwParams hw;
  hw.rows = rows, hw.cols = cols, hw.ub_kib = ub_kib;
  return hw;
}

/// Arrays and buffers: whole words, columns that do not divide rows, more columns than rows, and
/// the smallest there is.
std::vector<isa::HwParams> machines() {
  isa::HwParams least = array_of(1, 1, 1);
  least.ub_banks = 1, least.wb_tiles = 2, least.acc_rows = 2, least.pb_rows = 2;
  least.axi_bits = 32, least.burst_beats = 1, least.outstanding = 1, least.queue_depth = 1;
  isa::HwParams few_rows = array_of(4, 8, 2);
  few_rows.acc_rows = 16;
  return {array_of(16, 16, 16), array_of(7, 13, 4), few_rows, least};
}

struct Pool {
  int64_t h, w, c;
  Taps window;
};

bool in_parts(const std::string& dump) { return dump.find(", in parts") != std::string::npos; }

/// Means of random bytes lie close together: scales that spread them over a byte.
void spread(graph::QGraph& graph) {
  for (graph::QOp& op : graph.ops)
    if (op.is<graph::QPool>() && op.pool().sum)
      for (float& scale : op.pool().post.scale)
        scale *= std::sqrt(static_cast<float>(op.pool().kh * op.pool().kw));
}

/// The bytes and the use of parts of a pool alone.
void check_pool(const Pool& p, bool sum, bool exclude_pad, const isa::HwParams& hw) {
  SeededRandom random(static_cast<uint64_t>(p.h * 31 + p.w * 7 + p.c));
  GraphBuilder builder(random, 2);
  const graph::TensorId in = builder.input(p.h, p.w, p.c);
  graph::QGraph graph = builder.finish({builder.pool(in, p.window, sum, exclude_pad)});
  spread(graph);
  std::string dump;
  check_compiled(graph, hw, random,
                 fmt::format("{}x{}x{} {}{} on {}", p.h, p.w, p.c, sum ? "sum" : "max",
                             exclude_pad ? " without pads" : "", describe(hw)),
                 &dump);
  CHECK(in_parts(dump));
}

}  // namespace

TEST_CASE("pooling windows of any size are reduced in parts on any buffer") {
  const Pool global[] = {{40, 40, 70, {.kh = 40, .kw = 40}},
                         {300, 5, 3, {.kh = 300, .kw = 5}},
                         {1, 1200, 20, {.kw = 1200}},
                         {1500, 1, 5, {.kh = 1500}}};
  for (const isa::HwParams& hw : machines())
    for (const Pool& pool : global)
      for (const bool sum : {true, false}) check_pool(pool, sum, false, hw);
}

TEST_CASE("a large window that fits is reduced in parts while it is loaded") {
  for (const bool sum : {true, false})
    check_pool({112, 112, 32, {.kh = 112, .kw = 112}}, sum, false, array_of(16, 16, 1024));
}

TEST_CASE("a sum in parts is bound by a word for each result, not by its taps") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(1, 1294, 1);
  const graph::QGraph graph = builder.finish({builder.pool(in, Taps{.kw = 1294}, true, false)});
  std::string dump;
  lower::BackOptions options;
  options.ir_dump = &dump;
  const program::Program program = lower::compile_back(graph, arch::load_arch("edge-4x4"), options);
  REQUIRE(in_parts(dump));
  CHECK(program.layers.at(0).vpu_bound == 1);
}

TEST_CASE("large windows that move and reach over the map are reduced in parts") {
  const Pool pools[] = {
      {50,
       60,
       9,
       {.kh = 48,
        .kw = 40,
        .stride_h = 2,
        .stride_w = 30,
        .pad_top = 20,
        .pad_left = 3,
        .pad_bottom = 5,
        .pad_right = 17}},
      {1, 700, 2, {.kw = 260, .stride_w = 290, .pad_left = 200, .pad_right = 100}}};
  for (const isa::HwParams& hw : {array_of(16, 16, 16), array_of(7, 13, 4), array_of(8, 8, 1)})
    for (const Pool& pool : pools) {
      check_pool(pool, false, false, hw);
      for (const bool exclude_pad : {false, true}) check_pool(pool, true, exclude_pad, hw);
    }
}

TEST_CASE("narrow values are reduced in parts") {
  for (const int bits : {4, 2, 1})
    for (const bool sum : {true, false}) {
      SeededRandom random(static_cast<uint64_t>(bits));
      GraphBuilder builder(random, 1);
      const graph::TensorId narrow = builder.conv(builder.input(30, 40, 4), {}, 40);
      graph::QGraph graph =
          builder.finish({builder.pool(narrow, {.kh = 30, .kw = 40}, sum, false)});
      graph::QTensor& t = graph.tensors[static_cast<size_t>(narrow)];
      spread(graph);
      t.type = isa::ElementType::integer(bits);
      t.zero_point = bits == 1 ? 0 : 1;
      graph::QPost& post = graph.ops[0].conv().post;
      post.clamp_lo = t.type.least(), post.clamp_hi = t.type.greatest();
      isa::HwParams hw = array_of(16, 16, 2);
      hw.act_bits = 1, hw.weight_bits = 1;
      std::string dump;
      check_compiled(graph, hw, random, fmt::format("{} bits, {}", bits, sum ? "sum" : "max"),
                     &dump);
      CHECK(in_parts(dump));
    }
}

TEST_CASE("a large pooling window takes a residual and a table, and its result stays on chip") {
  for (const bool sum : {true, false}) {
    SeededRandom random(5);
    GraphBuilder builder(random, 1);
    const graph::TensorId in = builder.input(60, 60, 24), second = builder.input(1, 1, 24);
    const graph::TensorId pooled = builder.pool(in, {.kh = 60, .kw = 60}, sum, false);
    builder.add_table();
    graph::QGraph graph = builder.finish({builder.conv(pooled, {}, 24, pooled)});
    spread(graph);
    graph.ops[0].pool().post.residual = graph::QResidual{.tensor = second, .scale = 0.75f};
    std::string dump;
    check_compiled(graph, array_of(16, 16, 32), random, sum ? "sum" : "max", &dump);
    CHECK(in_parts(dump));
  }
}

TEST_CASE("kernels, strides and dilations beyond the instruction fields are cut") {
  struct Conv {
    int64_t h, w, c;
    Taps window;
    int64_t group = 1;
  };
  const Conv convs[] = {
      {1, 2000, 1, {.kw = 512, .stride_w = 160}},
      {1, 2000, 3, {.kw = 400, .stride_w = 300, .pad_left = 250, .pad_right = 399}},
      {1500, 1, 2, {.kh = 512, .stride_h = 280, .pad_top = 100}},
      {300, 3, 2, {.kh = 300, .kw = 3}},
      {1, 1300, 5, {.kw = 3, .dil_w = 400}},
      {700, 2, 3, {.kh = 2, .stride_h = 257, .dil_h = 300, .pad_bottom = 300}},
      {1, 900, 6, {.kw = 290, .stride_w = 5}, 6},
      {1, 900, 6, {.kw = 290, .stride_w = 256, .pad_left = 40}, 3}};
  std::vector<isa::HwParams> machines_too = machines();
  machines_too.push_back(array_of(16, 16, 256));
  for (const isa::HwParams& hw : machines_too)
    for (const Conv& conv : convs)
      for (const bool on_chip : {false, true}) {
        SeededRandom random(static_cast<uint64_t>(conv.h + conv.w));
        GraphBuilder builder(random, 2);
        graph::TensorId in = builder.input(conv.h, conv.w, conv.c);
        if (on_chip) in = builder.conv(in, {}, conv.c);
        const graph::QGraph graph =
            builder.finish({builder.conv(in, conv.window, conv.group * 3, -1, conv.group)});
        check_compiled(graph, hw, random,
                       fmt::format("{}x{}x{} of {} groups{} on {}", conv.h, conv.w, conv.c,
                                   conv.group, on_chip ? ", made before" : "", describe(hw)));
      }
}

TEST_CASE("small pooling windows far apart read what they need") {
  for (const bool sum : {false, true})
    for (const isa::HwParams& hw : machines()) {
      SeededRandom random(3);
      GraphBuilder builder(random, 1);
      const graph::TensorId in = builder.input(3, 1300, 7);
      const graph::QGraph graph =
          builder.finish({builder.pool(in, {.kh = 2, .kw = 3, .stride_w = 400}, sum, false)});
      check_compiled(graph, hw, random, describe(hw));
    }
}

}  // namespace systole
