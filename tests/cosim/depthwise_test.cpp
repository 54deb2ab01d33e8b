// SPDX-License-Identifier: Apache-2.0
// A small network of depthwise and grouped convolutions: both engines equal on odd arrays, and the
// outputs those of the quantised graph.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "model/golden/legality.h"
#include "sim/cosim/cosim.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::Dims;

/// 3 -> 10 channels, depthwise 3x3 and 5x5 (stride, padding, dilation), 2 groups, a channel
/// multiplier of 2.
std::string network() {
  test::OnnxBuilder b;
  std::mt19937 rng(7);
  b.input("x", {1, 3, 9, 8});
  b.random("w1", {10, 3, 3, 3}, rng).random("w2", {10, 1, 3, 3}, rng);
  b.random("w3", {10, 1, 5, 2}, rng).random("w4", {10, 5, 1, 1}, rng);
  b.random("w5", {20, 1, 2, 2}, rng).random("b2", {10}, rng);
  b.node("Conv", {"x", "w1"}, "a").set("pads", Dims{1, 1, 1, 1});
  b.node("Relu", {"a"}, "r");
  b.node("Conv", {"r", "w2", "b2"}, "d").set("group", 10).set("pads", Dims{1, 1, 1, 1});
  b.node("Conv", {"d", "w3"}, "e")
      .set("group", 10)
      .set("pads", Dims{2, 0, 4, 2})
      .set("strides", Dims{2, 1})
      .set("dilations", Dims{1, 3});
  b.node("Conv", {"e", "w4"}, "g").set("group", 2);
  b.node("Conv", {"g", "w5"}, "y").set("group", 10);
  b.output("y");
  return b.bytes();
}

void check_at(int rows, int cols) {
  const test::ScratchFolder folder;
  pipeline::FrontOptions options;
  options.batch = 2;
  const graph::QGraph graph = compile_graph(folder.write("net.onnx", network()), options);
  arch::ArchConfig arch;
  arch.hw.rows = rows;
  arch.hw.cols = cols;
  arch.hw.ub_kib = 4;
  arch.hw.acc_rows = 64;
  const program::Program program = lower::compile_back(graph, arch, {});
  int diagonals = 0;
  for (const isa::Words& words : program.code)
    diagonals +=
        isa::Header::decode(words).opcode == static_cast<uint8_t>(isa::Opcode::kLoadWeights) &&
        isa::LoadWeights::decode(words).diagonal;
  CHECK(diagonals > 0);
  CHECK(golden::check_legality(program).violation == "");

  platform::DramImage image = platform::make_image(program);
  std::vector<int8_t> input(2 * 3 * 9 * 8);
  std::mt19937 rng(3);
  for (int8_t& byte : input) byte = static_cast<int8_t>(rng());
  std::copy(input.begin(), input.end(), image.begin() + program.inputs.at(0).addr);
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == platform::RunStatus::kFinished);
  const auto expected = exec::run_qgraph(graph, input);
  const auto* stored =
      reinterpret_cast<const int8_t*>(result.rtl.image.data()) + program.outputs[0].addr;
  CHECK(std::equal(expected[0].begin(), expected[0].end(), stored));
}

TEST_CASE("depthwise and grouped convolutions are equal on both engines at 5x3") { check_at(5, 3); }
TEST_CASE("depthwise and grouped convolutions are equal on both engines at 3x7") { check_at(3, 7); }

}  // namespace
}  // namespace systole
