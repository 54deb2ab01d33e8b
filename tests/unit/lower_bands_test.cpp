// SPDX-License-Identifier: Apache-2.0
// Bands of rows: which rows a group of layers makes and holds, and what the passes for them do.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/allocator.h"
#include "compiler/lower/bands.h"
#include "compiler/lower/compile_back.h"
#include "compiler/lower/hazards.h"
#include "compiler/lower/rehearsal.h"
#include "compiler/lower/schedule.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

constexpr int kLda = static_cast<int>(isa::Unit::kLda);
constexpr int kVpu = static_cast<int>(isa::Unit::kVpu);

lower::Layer layer(graph::TensorId in, graph::TensorId out, const lower::WindowDim& rows,
                   graph::TensorId residual = -1) {
  lower::Layer l;
  l.in = in, l.out = out, l.residual = residual;
  l.shape.h = rows;
  return l;
}

/// A 3x3 convolution of 8 rows, and a 3x3/2 pooling of it; both padded by 1.
std::vector<lower::Layer> conv_and_pool() {
  return {layer(0, 1, {.in = 8, .out = 8, .kernel = 3, .stride = 1, .dilation = 1, .pad = 1}),
          layer(1, 2, {.in = 8, .out = 4, .kernel = 3, .stride = 2, .dilation = 1, .pad = 1})};
}

bool has_bands(const std::string& dump) { return dump.find(" bands\n") != std::string::npos; }

}  // namespace

TEST_CASE("a band makes the rows that the last member needs and keeps those it needs again") {
  const lower::BandSchedule bands = lower::make_bands(conv_and_pool(), {0, 2}, 1);
  REQUIRE(bands.size() == 4);
  // Pooled row k covers rows 2k-1..2k+1: row 0 needs two rows; row 1 needs 1..3, of which 1 is
  // kept.
  CHECK(bands[0][0].made == lower::Range{0, 2});
  CHECK(bands[0][0].held == lower::Range{0, 2});
  CHECK(bands[1][0].made == lower::Range{2, 2});
  CHECK(bands[1][0].held == lower::Range{1, 3});
  CHECK(bands[1][0].kept() == 1);
  CHECK(bands[3][0].made == lower::Range{6, 2});
  CHECK(bands[3][1].made == lower::Range{3, 1});
  CHECK(lower::most_rows(bands, 0).held.count == 3);
  CHECK(lower::most_rows(bands, 0).made.count == 2);
}

TEST_CASE("the last band makes the rows that no member of the group needs") {
  // A 1x1/2 convolution reads rows 0, 2 and 4 of 6; others may want row 5.
  const std::vector<lower::Layer> layers = {
      layer(0, 1, {.in = 6, .out = 6, .kernel = 1}),
      layer(1, 2, {.in = 6, .out = 3, .kernel = 1, .stride = 2})};
  const lower::BandSchedule bands = lower::make_bands(layers, {0, 2}, 1);
  REQUIRE(bands.size() == 3);
  CHECK(bands[1][0].made == lower::Range{1, 2});
  CHECK(bands[2][0].made == lower::Range{3, 3});
}

TEST_CASE("a residual is needed row for row") {
  const std::vector<lower::Layer> layers = {
      layer(0, 1, {.in = 6, .out = 6, .kernel = 1}),
      layer(0, 2, {.in = 6, .out = 6, .kernel = 3, .pad = 1}, 1)};
  const lower::BandSchedule bands = lower::make_bands(layers, {0, 2}, 4);
  REQUIRE(bands.size() == 2);
  CHECK(bands[0][0].made == lower::Range{0, 4});
  CHECK(bands[1][0].held == lower::Range{4, 2});
}

TEST_CASE("layers that no later member reads, and maps of one row, run alone") {
  std::vector<lower::Layer> layers = conv_and_pool();
  CHECK(lower::can_band(layers, {0, 2}));
  layers[1].in = 0;
  CHECK_FALSE(lower::can_band(layers, {0, 2}));
  layers = conv_and_pool();
  layers[1].shape.h.out = 1;
  CHECK_FALSE(lower::can_band(layers, {0, 2}));
}

TEST_CASE("limited free space is the first part of it") {
  lower::FreeSpace space(100, 100);
  space.take({20, 30});
  CHECK(space.total() == 70);
  CHECK(space.limited(50).gaps() == std::vector<lower::Range>{{0, 20}, {50, 30}});
  CHECK(space.limited(1000).gaps() == space.gaps());
}

TEST_CASE("tiles side by side in a map do not wait for one another") {
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  const auto load = [](uint32_t first) {  // 4 rows of 4 words, 8 words apart
    isa::Load i;
    i.ub_addr = first, i.count1 = 4, i.ub_stride1 = 8, i.dram_stride1 = 64;
    i.pixels = 4, i.pixel_bytes = 8, i.ub_pixel_stride = 1;
    return lower::TileOp{i};
  };
  isa::Vector v;
  v.src_ub = true;
  v.height = v.oh = 4, v.width = v.ow = 4;
  v.src_stride1 = v.dst_stride1 = 8, v.src_stride2 = v.dst_stride2 = 1;
  v.src_addr = 0, v.dst_addr = 100;
  const lower::TileProgram program{{load(0), lower::TileOp{v}, load(4), load(0)}};
  const auto dependencies = lower::find_hazards(program, arch::Geometry(hw));
  CHECK(dependencies[1][kLda] == 0);
  CHECK(dependencies[2][kVpu] == lower::kNoOp);  // words 4..7 of each row: the vector read 0..3
  CHECK(dependencies[3][kVpu] == 1);
}

TEST_CASE("a network whose map does not fit the unified buffer runs in bands") {
  SeededRandom random(7);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(32, 32, 8);
  const GraphBuilder::Window same{
      .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  const graph::TensorId first = builder.conv(in, same, 8);
  const graph::TensorId second = builder.conv(first, {}, 8, in);
  const graph::QGraph graph = builder.finish({second});
  arch::ArchConfig arch;
  arch.hw.rows = arch.hw.cols = 8;
  arch.hw.axi_bits = 32;
  arch.memory.bytes_per_cycle = 0.5;  // each tensor that stays on chip saves 2 * 8192 / 0.5 cycles
  std::string dump;
  arch.hw.ub_kib = 6;
  lower::compile_back(graph, arch, {.ir_dump = &dump});
  CHECK(has_bands(dump));
  CHECK(dump.find("(residual in place)") != std::string::npos);
  dump.clear();
  arch.hw.ub_kib = 64;
  lower::compile_back(graph, arch, {.ir_dump = &dump});
  CHECK_FALSE(has_bands(dump));
}

TEST_CASE("a rehearsal follows a matrix unit that never waits to within its latencies") {
  // One load, one weight tile, then ten matmuls of 64 rows with one kept tile.
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  isa::Load load;
  load.pixels = 64, load.pixel_bytes = 8, load.ub_pixel_stride = 1;
  isa::LoadWeights weights;
  weights.channels = 8, weights.cols = 8;
  lower::TileProgram program{{lower::TileOp{load}, lower::TileOp{weights}}};
  for (int k = 0; k < 10; ++k) {
    isa::Matmul m;
    m.ub_stride2 = 1, m.width = m.ow = 64, m.channels = 8, m.keep = k < 9;
    program.ops.push_back({m, 0, 1});
  }
  const arch::Geometry geometry(hw);
  const auto dependencies = lower::find_hazards(program, geometry);
  arch::ArchConfig arch;
  arch.hw = hw;
  const auto order = lower::schedule(program, dependencies, hw.queue_depth);
  const std::vector<lower::OpCost> costs =
      lower::op_costs(program, lower::ProgramAccesses(program, arch::Geometry(arch.hw)), arch.hw,
                      arch::Geometry(arch.hw));
  const lower::RehearsalResult result =
      lower::rehearse(program, costs, dependencies, order, arch).value();
  // Ten times 64 rows, three cycles between instructions, 8 + 8 + 1 cycles to the last sum.
  CHECK(result.ends.back() - result.first_compute == Approx(10 * 64 + 9 * 3 + 17).margin(12));
  CHECK(result.memory > (512 + 64) / 64.0);
}

}  // namespace systole
