// SPDX-License-Identifier: Apache-2.0
// Each pass does its one job and keeps what the network computes.
#include <catch2/catch.hpp>

#include "compiler/exec/float_executor.h"
#include "compiler/onnx/importer.h"
#include "compiler/passes/passes.h"
#include "model/base/error.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::Dims;
using test::OnnxBuilder;

graph::Graph import(const OnnxBuilder& b) {
  const test::ScratchFolder folder;
  return importer::import_onnx(folder.write("net.onnx", b.bytes()));
}

using Names = std::vector<std::string>;  // of operators, in the order in which they run

Names ops(const graph::Graph& graph) {
  Names result;
  for (const graph::Node& node : graph.nodes) result.emplace_back(name_of(node.op));
  return result;
}

/// Runs `pass` on the network; every output must stay what it was.
graph::Graph after(const OnnxBuilder& b, void (*pass)(graph::Graph&)) {
  graph::Graph graph = import(b);
  std::mt19937 rng(7);
  const auto x =
      test::random_floats(static_cast<size_t>(graph.shape(graph.inputs[0]).elements()), rng);
  const auto before = exec::FloatExecutor(graph).run(x);
  pass(graph);
  graph::verify(graph, "test");
  const auto now = exec::FloatExecutor(graph).run(x);
  REQUIRE(now.size() == before.size());
  for (size_t o = 0; o < now.size(); ++o) {
    REQUIRE(now[o].size() == before[o].size());
    for (size_t i = 0; i < now[o].size(); ++i)
      CHECK(now[o][i] == Approx(before[o][i]).margin(1e-4));
  }
  return graph;
}

void all_passes(graph::Graph& graph) { passes::run_passes(graph, nullptr); }

}  // namespace

TEST_CASE("batch normalisation goes into the convolution before it") {
  std::mt19937 rng(1);
  OnnxBuilder b;
  b.input("x", {1, 3, 5, 5}).random("w", {4, 3, 3, 3}, rng).random("bias", {4}, rng);
  b.random("g", {4}, rng)
      .random("beta", {4}, rng)
      .random("mean", {4}, rng)
      .floats("var", {4}, {1, 2, 3, 0.5f});
  b.node("Conv", {"x", "w", "bias"}, "c").set("pads", Dims{1, 1, 1, 1});
  b.node("BatchNormalization", {"c", "g", "beta", "mean", "var"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, passes::fold_scale_shifts);
  CHECK(ops(graph) == Names{"conv"});
  CHECK(graph.values[static_cast<size_t>(graph.outputs[0])].name == "y");
}

TEST_CASE(
    "a scale before a convolution goes into its weights, a shift only where nothing is padded") {
  std::mt19937 rng(2);
  for (const int64_t pad : {0, 1}) {
    OnnxBuilder b;
    b.input("x", {1, 2, 4, 4})
        .random("w", {3, 2, 3, 3}, rng)
        .floats("s", {2, 1, 1}, {0.5f, 4})
        .floats("t", {1}, {0.25f});
    b.node("Mul", {"x", "s"}, "m");
    b.node("Sub", {"m", "t"}, "n");
    b.node("Conv", {"n", "w"}, "y").set("pads", Dims{pad, pad, pad, pad});
    b.output("y");
    const graph::Graph graph = after(b, passes::fold_scale_shifts);
    CHECK(graph.nodes.size() == (pad == 0 ? 1u : 2u));
  }
}

TEST_CASE("a scale-shift with no convolution beside it becomes a depthwise one") {
  std::mt19937 rng(3);
  OnnxBuilder b;
  b.input("x", {1, 3, 2, 2}).floats("s", {3, 1, 1}, {-1, 0, 2});
  b.node("Mul", {"x", "s"}, "m");
  b.node("Relu", {"m"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, all_passes);
  REQUIRE(ops(graph) == Names{"conv"});
  CHECK(graph.nodes[0].as<graph::Conv>().group == 3);
  CHECK(graph.nodes[0].as<graph::Conv>().weights == std::vector<float>{-1, 0, 2});
  CHECK(graph.nodes[0].lo == 0.0f);
}

TEST_CASE("clamps go into the operator before them and compose") {
  std::mt19937 rng(4);
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 3})
      .random("w", {2, 2, 1, 1}, rng)
      .floats("lo", {}, {-0.5f})
      .floats("hi", {}, {0.25f});
  b.node("Conv", {"x", "w"}, "c");
  b.node("Relu", {"c"}, "r");
  b.node("Clip", {"r", "lo", "hi"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, passes::fuse_clamps);
  REQUIRE(ops(graph) == Names{"conv"});
  CHECK(graph.nodes[0].lo == 0.0f);
  CHECK(graph.nodes[0].hi == 0.25f);
}

TEST_CASE("a clamp stays when something else reads what it clamps") {
  std::mt19937 rng(5);
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 3}).random("w", {2, 2, 1, 1}, rng);
  b.node("Conv", {"x", "w"}, "c");
  b.node("Relu", {"c"}, "y");
  b.output("y").output("c");
  CHECK(ops(after(b, passes::fuse_clamps)) == Names{"conv", "clamp"});
}

TEST_CASE(
    "an add goes into the later of two convolutions, at the place where both operands are there") {
  std::mt19937 rng(6);
  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4}).random("w1", {2, 2, 3, 3}, rng).random("w2", {2, 2, 1, 1}, rng);
  b.node("Conv", {"x", "w1"}, "main").set("pads", Dims{1, 1, 1, 1});
  b.node("Conv", {"x", "w2"}, "short");
  b.node("Add", {"main", "short"}, "sum");
  b.node("Relu", {"sum"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, all_passes);
  REQUIRE(ops(graph) == Names{"conv", "conv"});
  CHECK(graph.nodes[1].name == "short_node");
  CHECK(graph.nodes[1].inputs ==
        std::vector<graph::ValueId>{graph.inputs[0], graph.nodes[0].output});
  CHECK(graph.nodes[1].lo == 0.0f);
}

TEST_CASE("an add whose operands are read elsewhere stays an add") {
  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4});
  b.node("MaxPool", {"x"}, "r").set("kernel_shape", Dims{3, 3}).set("pads", Dims{1, 1, 1, 1});
  b.node("Add", {"r", "x"}, "s");
  b.node("Add", {"s", "r"}, "y");
  b.output("y");
  CHECK(ops(after(b, all_passes)) == Names{"max pool", "add", "add"});
}

TEST_CASE("explicit padding becomes the padding of convolutions and average pools") {
  std::mt19937 rng(7);
  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4})
      .random("w", {2, 2, 3, 3}, rng)
      .ints("pads", {8}, {0, 0, 1, 2, 0, 0, 3, 0});
  b.node("Pad", {"x", "pads"}, "p");
  b.node("Conv", {"p", "w"}, "y").set("pads", Dims{1, 0, 0, 1});
  b.node("AveragePool", {"p"}, "z").set("kernel_shape", Dims{2, 2});
  b.output("y").output("z");
  const graph::Graph graph = after(b, passes::absorb_pads);
  REQUIRE(ops(graph) == Names{"conv", "average pool"});
  const graph::Window& w = graph.nodes[0].as<graph::Conv>().window;
  CHECK(Dims{w.pad_top, w.pad_left, w.pad_bottom, w.pad_right} == Dims{2, 2, 3, 1});
  CHECK(graph.nodes[1].as<graph::AveragePool>().count_include_pad);
}

TEST_CASE(
    "a zero wins a maximum over negative values, so padding before max pools depends on their "
    "input") {
  for (const bool relu : {true, false}) {
    OnnxBuilder b;
    b.input("x", {1, 1, 4, 4}).ints("pads", {8}, {0, 0, 1, 1, 0, 0, 1, 1});
    if (relu) b.node("Relu", {"x"}, "r");
    b.node("Pad", {relu ? "r" : "x", "pads"}, "p");
    b.node("MaxPool", {"p"}, "y").set("kernel_shape", Dims{2, 2}).set("strides", Dims{2, 2});
    b.output("y");
    const graph::Graph graph = after(b, all_passes);
    // Kept padding is a copy between zeros: an average over one tap.
    const auto kept = Names{"average pool", "max pool"};
    CHECK(ops(graph) == (relu ? Names{"clamp", "max pool"} : kept));
  }
}

TEST_CASE("reshapes vanish into inputs, outputs and fully connected layers") {
  std::mt19937 rng(8);
  OnnxBuilder b;
  b.input("x", {1, 32})
      .ints("image", {4}, {1, 2, 4, 4})
      .random("w", {3, 2, 3, 3}, rng)
      .random("fc", {12, 8}, rng);
  b.ints("map", {4}, {-1, 2, 2, 2});
  b.node("Reshape", {"x", "image"}, "i");
  b.node("Conv", {"i", "w"}, "c");
  b.node("Flatten", {"c"}, "f");
  b.node("Dropout", {"f"}, "d");
  b.node("Relu", {"d"}, "r");
  b.node("MatMul", {"r", "fc"}, "m");
  b.node("Reshape", {"m", "map"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, all_passes);
  REQUIRE(ops(graph) == Names{"conv", "conv"});
  CHECK(graph.shape(graph.inputs[0]) == graph::Chw{2, 4, 4});
  CHECK(graph.nodes[1].as<graph::Conv>().window.kh == 2);
  CHECK(graph.nodes[1].as<graph::Conv>().window.kw == 2);
  const graph::Value& out = graph.values[static_cast<size_t>(graph.outputs[0])];
  CHECK(out.name == "y");
  CHECK(out.onnx_shape == Dims{1, 2, 2, 2});
}

TEST_CASE("a reshape that moves data is parts that select, or refused by name") {
  std::mt19937 rng(9);
  OnnxBuilder b;
  b.input("x", {1, 4, 2, 2}).random("w", {4, 1, 1, 1}, rng).ints("map", {4}, {1, 1, 4, 4});
  b.node("Relu", {"x"}, "r");
  b.node("Reshape", {"r", "map"}, "m");
  b.node("Conv", {"m", "w"}, "y");
  b.output("y").output("r");
  // Each row of the result is a channel of the input.
  const graph::Graph graph = after(b, passes::absorb_reshapes);
  const graph::Node& joined =
      graph.nodes[static_cast<size_t>(graph.producer(graph.nodes.back().inputs[0]))];
  REQUIRE(joined.is<graph::Interleave>());
  CHECK(joined.as<graph::Interleave>().parts.size() == 4);

  OnnxBuilder large;
  large.input("x", {1, 101, 103, 2}).random("w", {4, 103, 1, 1}, rng);
  large.node("Relu", {"x"}, "r");
  large.node("Transpose", {"r"}, "m").set("perm", Dims{0, 2, 1, 3});
  large.node("Conv", {"m", "w"}, "y");
  large.output("y").output("r");
  graph::Graph refused = import(large);
  CHECK_THROWS_WITH(passes::absorb_reshapes(refused),
                    "node 'm_node' (Transpose): moving the elements of 101x103x2 to 103x101x2 "
                    "would take more than 16777216 weights or 256 parts (--host-fallback would "
                    "run it on the host)");
}

TEST_CASE("nodes whose result nothing reads are removed") {
  OnnxBuilder b;
  b.input("x", {1, 4});
  b.node("Relu", {"x"}, "y");
  b.node("Relu", {"y"}, "dead");
  b.node("Relu", {"dead"}, "deader");
  b.output("y");
  CHECK(after(b, passes::remove_dead_nodes).nodes.size() == 1);
}

TEST_CASE("the verifier names pass and node") {
  OnnxBuilder b;
  b.input("x", {1, 4});
  b.node("Relu", {"x"}, "y");
  b.output("y");
  graph::Graph graph = import(b);
  graph.nodes[0].inputs[0] = 1;
  CHECK_THROWS_WITH(
      graph::verify(graph, "my-pass"),
      "internal error: after my-pass: node 'y_node' (Relu): reads a value before it is made");
}

TEST_CASE("a selection that takes over a factor has a scale of its own") {
  OnnxBuilder b(13);
  b.input("x", {1, 1, 1, 1}).ints("pads", {8}, {0, 2, 0, 0, 0, 0, 0, 0}).floats("f", {}, {1.25f});
  b.node("Pad", {"x", "pads"}, "p");
  b.node("Mul", {"p", "f"}, "y");
  b.output("y");
  const graph::Graph graph = after(b, passes::fold_scale_shifts);
  REQUIRE(graph.nodes.size() == 1);
  CHECK(graph.nodes[0].as<graph::Conv>().weights == std::vector<float>{0, 0, 1.25f});
  CHECK_FALSE(graph.nodes[0]
                  .as<graph::Conv>()
                  .keeps_scale);  // else what is above the input's range would be cut
}

}  // namespace systole
