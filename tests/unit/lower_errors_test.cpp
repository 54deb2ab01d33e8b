// SPDX-License-Identifier: Apache-2.0
// What cannot be compiled is refused with one line that names the layer and what is too small.
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "model/base/error.h"
#include "tests/unit/lower_graphs.h"

namespace systole {

TEST_CASE("a kernel beyond what tensors can be is refused by name") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(65535, 1, 1);
  const graph::QGraph graph =
      builder.finish({builder.conv(in, {.kh = 65536, .pad_top = 1, .pad_bottom = 1}, 1)});
  REQUIRE_THROWS_WITH(lower::compile_back(graph, arch::ArchConfig{}, {}),
                      "layer 'conv0': row kernel size of 65536 is outside 1..65535");
}

TEST_CASE("illegal hardware parameters are refused") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(1, 1, 1);
  const graph::QGraph graph = builder.finish({builder.eltwise(in, -1)});
  arch::ArchConfig arch;
  arch.name = "broken";
  arch.hw.acc_rows = 3;
  REQUIRE_THROWS_WITH(lower::compile_back(graph, arch, {}),
                      Catch::Contains("architecture 'broken'") && Catch::Contains("acc.rows"));
}

TEST_CASE("weights that are narrower than the architecture takes are refused by layer") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId out = builder.conv(builder.input(4, 4, 8), {}, 8);
  graph::QGraph graph = builder.finish({out});
  graph.ops[0].conv().weight_type = isa::ElementType::integer(4);
  for (int8_t& w : graph.ops[0].conv().weights) w = static_cast<int8_t>(w % 8);
  arch::ArchConfig arch;
  arch.name = "wide";
  REQUIRE_THROWS_WITH(lower::compile_back(graph, arch, {}),
                      "layer 'conv0': 4-bit weights, architecture 'wide' takes 8 to 8 bits "
                      "(precision.weight_bits)");
  arch.hw.weight_bits = 4;
  CHECK_NOTHROW(lower::compile_back(graph, arch, {}));
}

TEST_CASE("compiling twice gives the same program") {
  SeededRandom random(7);
  const graph::QGraph graph = random_graph(random);
  arch::ArchConfig arch;
  arch.hw.weight_bits = 1;
  const program::Program a = lower::compile_back(graph, arch, {}),
                         b = lower::compile_back(graph, arch, {});
  CHECK(a.code == b.code);
  CHECK(a.dram_bytes == b.dram_bytes);
}

TEST_CASE("which instructions a network becomes does not depend on its ranges") {
  SeededRandom random(5);
  GraphBuilder builder(random, 1);
  graph::TensorId t = builder.input(6, 6, 8);
  for (int k = 0; k < 3; ++k) t = builder.conv(t, {}, 8);
  graph::QGraph alike = builder.finish({t});
  for (graph::QOp& op : alike.ops) op.conv().post.clamp_lo = -128, op.conv().post.clamp_hi = 127;
  graph::QGraph different = alike;
  for (size_t k = 0; k < 3; ++k) {
    alike.ops[k].conv().post.out_zero = 0;
    different.ops[k].conv().post.out_zero = static_cast<int>(k);
  }
  const auto opcodes = [](const graph::QGraph& graph) {
    std::vector<uint8_t> codes;
    for (const isa::Words& words : lower::compile_back(graph, arch::ArchConfig{}, {}).code)
      codes.push_back(isa::Header::decode(words).opcode);
    return codes;
  };
  CHECK(opcodes(alike) == opcodes(different));
}

TEST_CASE("a program lists its tensors, layers and bounds") {
  SeededRandom random(3);
  GraphBuilder builder(random, 2);
  const graph::TensorId in = builder.input(8, 8, 20);
  const graph::TensorId out = builder.conv(
      in, {.kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1}, 40);
  const program::Program program =
      lower::compile_back(builder.finish({out}), arch::ArchConfig{}, {});
  REQUIRE(program.layers.size() == 1);
  const program::LayerInfo& layer = program.layers[0];
  CHECK(layer.tag == 1);
  CHECK(layer.useful_macs == int64_t{2} * 8 * 8 * 40 * 9 * 20);
  CHECK(layer.mxu_bound == 12 * 3 * 128);  // ceil(180/16) * ceil(40/16) * max(64*2, 16)
  CHECK(layer.vpu_bound == 2 * 64 * 3);
  CHECK(layer.weight_bytes == 40 * 180);
  CHECK(layer.input_bytes == 2 * 64 * 20);
  CHECK(layer.output_bytes == 2 * 64 * 40);
  CHECK(program.batch == 2);
  CHECK(program.inputs[0].shape == std::vector<int64_t>{2, 8, 8, 20});
  CHECK(program.outputs[0].shape == std::vector<int64_t>{2, 8, 8, 40});
  CHECK(program.code_addr % 64 == 0);
  CHECK(program.dram_bytes >= program.code_addr + program.code.size() * 64);
}

}  // namespace systole
