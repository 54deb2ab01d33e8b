// SPDX-License-Identifier: Apache-2.0
// The passes of the compiler's back half, one by one, on small hand-made cases.
#include <catch2/catch.hpp>

#include "compiler/lower/allocator.h"
#include "compiler/lower/hazards.h"
#include "compiler/lower/packing.h"
#include "compiler/lower/schedule.h"
#include "compiler/lower/span.h"
#include "compiler/lower/tokens.h"
#include "compiler/lower/weight_stream.h"
#include "model/base/error.h"

namespace systole {
namespace {

constexpr int kLda = static_cast<int>(isa::Unit::kLda);
constexpr int kMxu = static_cast<int>(isa::Unit::kMxu);
constexpr int kVpu = static_cast<int>(isa::Unit::kVpu);

/// Hardware with 8x8 elements: words of 8 bytes.
isa::HwParams small_hardware() {
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  return hw;
}

/// Loads 8-channel pixels to the words [first, first + pixels).
lower::TileOp load(uint32_t first, uint16_t pixels) {
  isa::Load i;
  i.ub_addr = first, i.pixels = pixels, i.pixel_bytes = 8, i.ub_pixel_stride = 1;
  return {i};
}
lower::TileOp weights() {
  isa::LoadWeights i;
  i.channels = 8, i.cols = 8;
  return {i};
}
/// Multiplies the words [first, first + pixels) to ACC rows from `acc` on.
lower::TileOp matmul(uint32_t first, uint16_t pixels, uint16_t acc, lower::OpIndex tiles) {
  isa::Matmul i;
  i.ub_addr = first, i.ub_stride2 = 1, i.width = i.ow = pixels, i.channels = 8, i.acc_addr = acc;
  return {i, 0, tiles};
}
/// ACC rows from `acc` on to the words [to, to + pixels).
lower::TileOp vector(uint32_t acc, uint16_t pixels, uint32_t to) {
  isa::Vector i;
  i.src_addr = acc, i.src_stride2 = 1, i.width = i.ow = pixels, i.dst_addr = to, i.dst_stride2 = 1;
  return {i};
}

/// Two tiles of 4 pixels through two input buffers, two ACC halves and two output places.
lower::TileProgram two_tiles() {
  return {{load(0, 4), weights(), matmul(0, 4, 0, 1), vector(0, 4, 100),      // 0..3
           load(4, 4), weights(), matmul(4, 4, 512, 5), vector(512, 4, 104),  // 4..7
           load(0, 4), weights(), matmul(0, 4, 0, 9), vector(0, 4, 108)}};    // 8..11
}

}  // namespace

TEST_CASE("a span holds the input positions between the first and the last tap") {
  const lower::WindowDim dim{
      .in = 10, .out = 10, .kernel = 3, .stride = 1, .dilation = 1, .pad = 1};
  // Outputs 0..3, taps 0..2: positions -1..4; -1 is padding, so 0..4 are held and output 0 begins
  // at -1.
  const lower::Span top = lower::find_span(dim, {0, 4}, {0, 3}, false);
  CHECK(top.input == lower::Range{0, 5});
  CHECK(top.offset == -1);
  // Outputs 8..9: positions 7..10, of which 7..9 exist.
  const lower::Span bottom = lower::find_span(dim, {8, 2}, {0, 3}, false);
  CHECK(bottom.input == lower::Range{7, 3});
  CHECK(bottom.offset == 0);
}

TEST_CASE("a sampled span holds only the positions that a single tap uses") {
  const lower::WindowDim dim{.in = 10, .out = 5, .kernel = 3, .stride = 2, .dilation = 1, .pad = 1};
  // Tap 0 of outputs 0..4 is at -1, 1, 3, 5, 7: four exist, in steps of 2, and output 1 is the
  // first inside.
  const lower::Span span = lower::find_span(dim, {0, 5}, {0, 1}, true);
  CHECK(span.input == lower::Range{1, 4});
  CHECK(span.step == 2);
  CHECK(span.offset == -1);
  CHECK(span.stride == 1);
}

TEST_CASE("a span of padding alone holds nothing and points outside") {
  const lower::WindowDim dim{.in = 4, .out = 10, .kernel = 2, .stride = 1, .dilation = 1, .pad = 5};
  // Outputs 0..2, taps 0..1: positions -5..-2.
  const lower::Span span = lower::find_span(dim, {0, 3}, {0, 2}, false);
  CHECK(span.input.count == 0);
  CHECK(span.offset == 1);  // positions from 1 on are padding where none is held
}

TEST_CASE(
    "hazards are the conflicts between units: reads after writes, writes after reads and writes") {
  const lower::TileProgram program = two_tiles();
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  CHECK(dependencies[2][kLda] == 0);             // matmul reads what the load wrote
  CHECK(dependencies[3][kMxu] == 2);             // vector reads what the matmul wrote
  CHECK(dependencies[4][kMxu] == lower::kNoOp);  // another buffer: nothing to wait for
  CHECK(dependencies[8][kMxu] == 2);             // words 0..3 were read by the first matmul
  CHECK(dependencies[10][kVpu] == 3);            // ACC rows 0..3 were read by the first vector
  CHECK(dependencies[10][kLda] == 8);
}

TEST_CASE("a write that covers part of an interval leaves the rest to its old writer") {
  lower::TileProgram program{{load(0, 8), weights(), vector(0, 2, 2), matmul(4, 4, 600, 1)}};
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  CHECK(dependencies[2][kLda] == 0);
  CHECK(dependencies[3][kLda] == 0);  // words 4..7 are still the load's
  CHECK(dependencies[3][kVpu] == lower::kNoOp);
}

TEST_CASE("loads move before the computation they do not depend on") {
  const lower::TileProgram program = two_tiles();
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  const auto order = lower::schedule(program, dependencies, 8);
  // The second tile's loads come first of all; the third's activations wait for the buffer, its
  // weights do not.
  CHECK(order == std::vector<lower::OpIndex>{0, 1, 4, 5, 9, 2, 8, 3, 6, 7, 10, 11});
}

TEST_CASE("with a queue of one instruction a weight load stays behind the matmul before it") {
  const lower::TileProgram program = two_tiles();
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  const auto order = lower::schedule(program, dependencies, 1);
  CHECK(order == std::vector<lower::OpIndex>{0, 1, 2, 4, 5, 3, 6, 8, 9, 7, 10, 11});
}

TEST_CASE("tokens that others imply are not given") {
  const lower::TileProgram program = two_tiles();
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  const auto sets =
      lower::assign_tokens(program, dependencies, lower::schedule(program, dependencies, 8));
  CHECK(sets[2].wait == 1u << kLda);
  CHECK(sets[0].signal == 1u << kMxu);
  CHECK(sets[8].wait == 1u << kMxu);  // the buffer is free again
  CHECK(sets[2].signal == (1u << kLda | 1u << kVpu));
  CHECK(sets[10].wait == (1u << kLda | 1u << kVpu));
  CHECK(sets[11].wait == 1u << kMxu);
  CHECK(sets[1].signal == 0);  // weights go by credits
}

TEST_CASE("every token given is taken") {
  const lower::TileProgram program = two_tiles();
  const auto dependencies = lower::find_hazards(program, arch::Geometry(small_hardware()));
  const auto sets =
      lower::assign_tokens(program, dependencies, lower::schedule(program, dependencies, 2));
  int balance[isa::kUnits][isa::kUnits] = {};
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const int unit = static_cast<int>(isa::unit_of(program.ops[k].instruction));
    for (int other = 0; other < isa::kUnits; ++other) {
      if (sets[k].signal >> other & 1) ++balance[unit][other];
      if (sets[k].wait >> other & 1) --balance[other][unit];
    }
  }
  for (const auto& row : balance)
    for (const int tokens : row) CHECK(tokens == 0);
}

TEST_CASE("the verifier names weight tiles taken out of order") {
  lower::TileProgram program{
      {load(0, 4), weights(), weights(), matmul(0, 4, 0, 2), matmul(0, 4, 0, 1)}};
  REQUIRE_THROWS_WITH(
      lower::verify(program, small_hardware()),
      "internal error: tile operation 3 of layer 0: matmul takes weight tiles that are "
      "not next in the ring");
}

TEST_CASE("the verifier names accesses outside a buffer") {
  // 256 KiB of 8-byte words: 32768.
  lower::TileProgram program{{load(32766, 4)}};
  REQUIRE_THROWS_WITH(
      lower::verify(program, small_hardware()),
      "internal error: tile operation 0 of layer 0: 32766..32769 is outside the unified buffer");
}

TEST_CASE("free space is given out away from rivals' banks") {
  lower::FreeSpace space(400, 100);
  CHECK(space.first_fit(50) == 0);
  CHECK(space.spread_fit(50, {{10, 20}}, {}) == 100);
  CHECK(space.spread_fit(50, {{0, 100}, {100, 1}}, {}) == 200);
  space.take({100, 250});  // left: 0..99 and 350..399
  CHECK(space.spread_fit(50, {{10, 20}}, {}) == 350);
  CHECK(space.spread_fit(60, {{10, 20}}, {}) == 0);
  CHECK_FALSE(space.first_fit(101).has_value());
  CHECK(space.fits({50, 60, 40}));
  CHECK_FALSE(space.fits({60, 60}));
}

TEST_CASE("of places that are as good the first from a bank on is taken") {
  const lower::FreeSpace space(400, 100);
  CHECK(space.spread_fit(50, {}, {}, false, 0) == 0);
  CHECK(space.spread_fit(50, {}, {}, false, 2) == 200);
  CHECK(space.spread_fit(50, {{210, 20}}, {}, false, 2) == 300);  // a rival counts more
  CHECK(space.spread_fit(150, {}, {}, true, 3) == 0);             // nothing fits from there on
  CHECK(space.spread_fit(50, {}, {{100, 300}}, false, 1) == 0);   // old words count more
  CHECK(lower::place_buffers(space, {{30, 0}, {40, 1}}, {}, {}, 1) ==
        std::vector<lower::Range>{{200, 30}, {100, 40}});
}

TEST_CASE("buffers of one kind lie together in a bank, those of other kinds in others") {
  const lower::FreeSpace space(400, 100);
  const std::vector<lower::Buffer> kinds{{30, 0}, {30, 0}, {30, 0}, {40, 1}, {40, 1}};
  // 90 words of kind 0 are the larger lump.
  CHECK(lower::place_buffers(space, kinds, {}, {}) ==
        std::vector<lower::Range>{{0, 30}, {30, 30}, {60, 30}, {100, 40}, {140, 40}});
  // With a kind of its own each has a bank as far as there are banks, the largest first.
  const std::vector<lower::Buffer> apart{{30, 0}, {30, 1}, {30, 2}, {40, 3}, {40, 4}};
  CHECK(lower::place_buffers(space, apart, {}, {}) ==
        std::vector<lower::Range>{{200, 30}, {300, 30}, {40, 30}, {0, 40}, {100, 40}});
  // A lump that fits nowhere is divided. Left: 0..69 and 330..399.
  lower::FreeSpace narrow(400, 100);
  narrow.take({70, 260});
  CHECK(lower::place_buffers(narrow, {{40, 0}, {40, 0}, {30, 1}}, {}, {}) ==
        std::vector<lower::Range>{{0, 40}, {330, 40}, {40, 30}});
}

TEST_CASE("taking words that are partly free leaves the others free") {
  lower::FreeSpace space(100, 100);
  space.take({40, 20});
  space.take({30, 20});
  space.take({90, 50});
  CHECK(space.gaps() == std::vector<lower::Range>{{0, 30}, {60, 30}});
  space.take({0, 100});
  CHECK(space.gaps().empty());
}

/// A layer of kernel 1 x `kw` with `outputs` output channels, and a plan of one chunk for it.
struct OneLayer {
  OneLayer(std::vector<int8_t> weights, int64_t kw, int64_t outputs) {
    op.conv().kh = 1, op.conv().kw = kw;
    op.conv().weights = std::move(weights);
    layer.op = &op;
    layer.shape.oc = outputs;
    layer.shape.c = layer.in_channels = std::ssize(op.conv().weights) / kw / outputs;
    layer.shape.w = {.in = kw, .out = 1, .kernel = kw};
    plan.shape = layer.shape;
    plan.chunk_h = 1, plan.chunk_w = kw, plan.chunk_c = layer.shape.c;
  }

  /// The streams of all chunks, one after the other, for a column tile of all output channels.
  std::vector<uint8_t> pack(const isa::HwParams& hw) {
    std::vector<uint8_t> bytes;
    for (const lower::Chunk& chunk : lower::make_chunks(plan))
      streams.push_back(lower::append_weight_stream(layer, plan, chunk, {0, layer.shape.oc},
                                                    arch::Geometry(hw), bytes));
    return bytes;
  }

  graph::QOp op;
  lower::Layer layer;
  lower::Plan plan;
  std::vector<lower::WeightStream> streams;
};

TEST_CASE("a weight stream goes by chunk, kernel position and channel, one byte a column") {
  OneLayer one({1, 2, 3, 4, 5, 6,  // output channel 0: two positions of three channels
                11, 12, 13, 14, 15, 16},
               2, 2);
  one.plan.chunk_c = 2;
  CHECK(one.pack(small_hardware()) ==
        std::vector<uint8_t>{1, 11, 2, 12, 4, 14, 5, 15, 3, 13, 6, 16});
  REQUIRE(one.streams.size() == 2);
  CHECK(one.streams[1].at == 8);
  CHECK(one.streams[1].bytes == 4);
  isa::LoadWeights load;
  one.streams[1].describe(load);
  CHECK(load.stream_bytes == 0);
}

TEST_CASE("tiles of zeros are left out of a weight stream, but for the last") {
  // Four positions of one channel: tiles of one row.
  OneLayer one({0, 5, 0, 0,  //
                0, 6, 0, 0},
               4, 2);
  CHECK(one.pack(small_hardware()) == std::vector<uint8_t>{5, 6, 0, 0});
  isa::LoadWeights load;
  one.streams.at(0).describe(load);
  CHECK(load.stream_bytes == 4);
  CHECK(load.holes[0] == 0b0101);
  CHECK(one.streams.at(0).hole_tiles == 2);
  CHECK(one.streams.at(0).hole_weights == 4);
}

TEST_CASE("a masked stream has the masks of eight rows, then their weights") {
  // Nine channels in a tile of nine rows: 8 x 2 bits and the weights, 1 x 2 bits and the weights.
  OneLayer one({1, 0, 0, 4, 0, 0, 0, 8, 9,  //
                0, 0, 3, 5, 0, 0, 0, 0, 7},
               1, 2);
  one.layer.format = lower::WeightFormat::kBitmask;
  isa::HwParams hw = small_hardware();
  hw.rows = 16;
  // Row by row from the lowest bit: 01 00 10 11, 00 00 00 01.
  CHECK(one.pack(hw) ==
        std::vector<uint8_t>{0b11100001, 0b01000000, 1, 0, 3, 4, 5, 0, 0, 0, 8, 0b11, 9, 7});
  isa::LoadWeights load;
  one.streams.at(0).describe(load);
  CHECK(load.stream_bytes == 14);
}

TEST_CASE("a structured stream has which channels of four, then two rows for them") {
  // Channels 1 and 3 of output 0, channel 2 of output 1; of the second four only the first is
  // there.
  OneLayer one({0, 5, 0, 7, 1,  //
                0, 0, 6, 0, 2},
               1, 2);
  one.layer.format = lower::WeightFormat::kTwoOfFour;
  isa::HwParams hw = small_hardware();
  hw.structured = 1;
  // Four rows of two columns of two bits: {1, 2}, {3, 0}, {0, 0}, {0, 0}.
  CHECK(one.pack(hw) == std::vector<uint8_t>{0b00111001, 0b00000000, 5, 6, 7, 0, 1, 2, 0, 0});
}

TEST_CASE("a structured stream of 4-bit products has both weights of four channels in a byte") {
  // Eight channels in four bytes; a row for each four of them.
  OneLayer one({0, 5, 0, 7, 0, 0, 0, 0,  //
                -1, 0, 0, 0, 0, 0, 2, 3},
               1, 2);
  one.layer.format = lower::WeightFormat::kTwoOfFour;
  one.layer.in_narrow = 1;
  one.op.conv().weight_type = isa::ElementType::integer(4);
  one.layer.shape.c = one.plan.shape.c = one.plan.chunk_c = 4;
  isa::HwParams hw = small_hardware();
  hw.structured = 1;
  // Two rows of two columns of four bits: {1 | 3 << 2, 0}, {0, 2 | 3 << 2}.
  CHECK(one.pack(hw) == std::vector<uint8_t>{0x0d, 0xe0, 0x75, 0x0f, 0x00, 0x32});
}

TEST_CASE("parameter rows hold a lane in four bytes and rescale windows with fewer real taps") {
  isa::HwParams hw = small_hardware();
  hw.rows = hw.cols = 2;  // a row: 2 lanes of 4 bytes
  graph::QPost post;
  post.bias = {-1, 0x01020304};
  post.scale = {0.5f, 2.0f};
  std::vector<uint8_t> rows;
  lower::append_param_rows(post, 0, 4, 2, 0, 2, arch::Geometry(hw),
                           rows);  // scales times 4/2: 1.0 and 4.0
  CHECK(rows == std::vector<uint8_t>{0xff, 0xff, 0xff, 0xff, 4, 3, 2, 1, 0, 0, 0x80, 0x3f, 0, 0,
                                     0x80, 0x40});
}

TEST_CASE("narrow weights are packed from the lowest bits of a byte up, a row at a time") {
  std::vector<uint8_t> stream;
  const auto append = [&](const std::vector<int8_t>& row, int bits) {
    lower::append_weight_row(row, isa::ElementType::integer(bits), stream);
  };
  append({-1, 7, -8}, 4);        // f, 7 | 8
  append({1, -1, -2, 0, 1}, 2);  // 01 11 10 00 from below | 01
  append({1, -1, 1, 1}, 1);      // 1 0 1 1 from below
  append({-3, 5}, 8);
  CHECK(stream == std::vector<uint8_t>{0x7f, 0x08, 0x2d, 0x01, 0x0d, 0xfd, 0x05});
}

}  // namespace systole
