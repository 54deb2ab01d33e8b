// SPDX-License-Identifier: Apache-2.0
// Channels that go: the network shrinks, and without channels that are zero anyway it computes the
// same.
#include "model/base/error.h"
#include "tests/unit/prune_graphs.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

/// Random weights [dims], of which the output channels `zero` are 0.
std::vector<float> with_zeros(const Dims& dims, const std::vector<int64_t>& zero,
                              std::mt19937& rng) {
  const auto taps = static_cast<size_t>(dims[1] * (dims.size() == 4 ? dims[2] * dims[3] : 1));
  std::vector<float> weights = random_floats(static_cast<size_t>(dims[0]) * taps, rng);
  for (const int64_t o : zero)
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(o) * taps), taps,
                0.0f);
  return weights;
}

std::string complaint(graph::Graph graph, const std::string& spec) {
  try {
    prune::prune(graph, options_of({spec}));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a chain loses channels through activation, pooling, depthwise and a flattened gemm") {
  std::mt19937 rng(21);
  OnnxBuilder b;
  b.input("x", {1, 3, 8, 8}).floats("w1", {8, 3, 3, 3}, with_zeros({8, 3, 3, 3}, {1, 6}, rng));
  b.random("d", {8, 1, 3, 3}, rng).random("fc", {5, 8 * 2 * 2}, rng);
  b.node("Conv", {"x", "w1"}, "c1").set("pads", Dims{1, 1, 1, 1});
  b.node("Relu", {"c1"}, "r1");
  b.node("Conv", {"r1", "d"}, "dw").set("group", 8).set("pads", Dims{1, 1, 1, 1});
  b.node("MaxPool", {"dw"}, "p").set("kernel_shape", Dims{4, 4}).set("strides", Dims{4, 4});
  b.node("Flatten", {"p"}, "f");
  b.node("Gemm", {"f", "fc"}, "y").set("transB", 1);
  b.output("y");
  graph::Graph graph = imported(b);
  const auto before = outputs_of(graph);
  prune::prune(graph, options_of({"channel:0.25@c1*"}));  // 2 of 8: those that are 0
  check_close(outputs_of(graph), before);
  CHECK(node_of(graph, "c1_node").as<graph::Conv>().bias.size() == 6);
  CHECK(node_of(graph, "dw_node").as<graph::Conv>().group == 6);
  CHECK(node_of(graph, "dw_node").as<graph::Conv>().weights.size() == 6 * 9);
  CHECK(node_of(graph, "y_node").as<graph::Conv>().weights.size() == 5 * 6 * 4);
  CHECK(node_of(graph, "c1_node").as<graph::Conv>().dense_macs == 64 * 8 * 27);
}

TEST_CASE("layers that are added to one another lose the same channels") {
  std::mt19937 rng(22);
  OnnxBuilder b;
  b.input("x", {1, 4, 6, 6});
  b.floats("w1", {6, 4, 1, 1}, with_zeros({6, 4, 1, 1}, {0, 4}, rng));
  b.floats("w2", {6, 6, 3, 3}, with_zeros({6, 6, 3, 3}, {0, 4}, rng))
      .random("w3", {2, 6, 1, 1}, rng);
  b.node("Conv", {"x", "w1"}, "c1");
  b.node("Relu", {"c1"}, "r1");
  b.node("Conv", {"r1", "w2"}, "c2").set("pads", Dims{1, 1, 1, 1});
  b.node("Add", {"c2", "r1"}, "s");
  b.node("Relu", {"s"}, "r2");
  b.node("Conv", {"r2", "w3"}, "y");
  b.output("y");
  const graph::Graph graph = imported(b);
  const auto before = outputs_of(graph);
  graph::Graph both = graph;
  CHECK(prune::prune(both, options_of({"channel:0.4@c*"})).warnings.empty());
  check_close(outputs_of(both), before);
  CHECK(both.shape(both.nodes[0].output).c == 4);
  CHECK(node_of(both, "c2_node").as<graph::Conv>().weights.size() == 4 * 4 * 9);
  CHECK(node_of(both, "y_node").as<graph::Conv>().weights.size() == 2 * 4);
  // One of them alone cannot.
  CHECK(complaint(graph, "channel:0.4@c2*") ==
        "--prune channel:0.4@c2*: no layer can lose channels: 'c2_node' (added to 'c1_node', which "
        "is not selected)");
  // The last layer's channels are the network's.
  graph::Graph all = graph;
  CHECK(
      prune::prune(all, options_of({"channel:0.4@*"})).warnings ==
      std::vector<std::string>{"--prune channel:0.4@*: channels stay in 'y_node' (its channels are "
                               "bound to an input, an output or a convolution in groups)"});
  check_close(outputs_of(all), before);
}

TEST_CASE("concats and slices follow the channels that are left") {
  std::mt19937 rng(23);
  OnnxBuilder b;
  b.input("x", {1, 2, 5, 5});
  b.floats("w1", {4, 2, 1, 1}, with_zeros({4, 2, 1, 1}, {2}, rng));
  b.floats("w2", {4, 2, 1, 1}, with_zeros({4, 2, 1, 1}, {0}, rng)).random("w3", {3, 8, 3, 3}, rng);
  b.random("w4", {3, 5, 3, 3}, rng);
  b.ints("from", {1}, {2}).ints("to", {1}, {7}).ints("axis", {1}, {1});
  b.node("Conv", {"x", "w1"}, "c1");
  b.node("Conv", {"x", "w2"}, "c2");
  b.node("Concat", {"c1", "c2"}, "j").set("axis", 1);
  b.node("Conv", {"j", "w3"}, "y");
  b.node("Slice", {"j", "from", "to", "axis"}, "part");
  b.node("Conv", {"part", "w4"}, "z");
  b.output("y").output("z");
  graph::Graph graph = imported(b);
  const auto before = outputs_of(graph);
  prune::prune(graph, options_of({"channel:0.25@c*"}));  // one of each four
  check_close(outputs_of(graph), before);
  CHECK(node_of(graph, "y_node").as<graph::Conv>().weights.size() == 3 * 6 * 9);
  // Channels 2 to 6 of 8, of which 2 and 4 are gone.
  CHECK(node_of(graph, "z_node").as<graph::Conv>().weights.size() == 3 * 3 * 9);
}

TEST_CASE("convolutions in groups keep their channels and those they read") {
  std::mt19937 rng(24);
  OnnxBuilder b;
  b.input("x", {1, 4, 5, 5}).random("w1", {4, 4, 1, 1}, rng).random("w2", {4, 2, 1, 1}, rng);
  b.node("Conv", {"x", "w1"}, "c1");
  b.node("Conv", {"c1", "w2"}, "y").set("group", 2);
  b.output("y");
  CHECK(complaint(imported(b), "channel:0.5@c1*") ==
        "--prune channel:0.5@c1*: no layer can lose channels: 'c1_node' (its channels are bound to "
        "an input, an output or a convolution in groups)");
}

TEST_CASE("the criterion tells which channels go") {
  // Channels: l1 3, 4, 5; l2 3, 2.83, 5; gamma 3, 2, 1; results of x = 1: 3, 4, 1.
  OnnxBuilder b;
  b.input("x", {1, 2, 1, 1}).floats("w", {3, 2, 1, 1}, {3, 0, 2, 2, 3, -2});
  b.floats("g", {3}, {1, 1, 1}).floats("zero", {3}, {0, 0, 0}).floats("one", {3}, {1, 1, 1});
  b.floats("w2", {1, 3, 1, 1}, {1, 10, 100});
  b.node("Conv", {"x", "w"}, "c1");
  b.node("BatchNormalization", {"c1", "g", "zero", "zero", "one"}, "n").set("epsilon", 1e-9f);
  b.node("Conv", {"n", "w2"}, "y");
  b.output("y");
  graph::Graph graph = imported(b);
  node_of(graph, "c1_node").as<graph::Conv>().gamma = {3, 2, -1};
  const std::vector<data::Item> data = {{{1, 1}}};
  const auto left = [&](const std::string& criterion) {
    graph::Graph copy = graph;
    prune::PruneOptions options = options_of({"channel:0.34" + criterion + "@c1*"});
    options.calibration = &data;
    prune::prune(copy, options);
    return node_of(copy, "y_node").as<graph::Conv>().weights;
  };
  CHECK(left("") == std::vector<float>{10, 100});
  CHECK(left(":l1") == std::vector<float>{10, 100});
  CHECK(left(":l2") == std::vector<float>{1, 100});
  CHECK(left(":gamma") == std::vector<float>{1, 10});
  CHECK(left(":activation") == std::vector<float>{1, 10});
}

TEST_CASE("a convolution remembers the gamma of its batch normalisation") {
  OnnxBuilder b;
  b.input("x", {1, 1, 1, 1}).floats("w", {2, 1, 1, 1}, {1, 1}).floats("g", {2}, {0.5f, -4});
  b.floats("zero", {2}, {0, 0}).floats("var", {2}, {4, 4});
  b.node("Conv", {"x", "w"}, "c1");
  b.node("BatchNormalization", {"c1", "g", "zero", "zero", "var"}, "y");
  b.output("y");
  CHECK(imported(b).nodes[0].as<graph::Conv>().gamma == std::vector<float>{0.5f, -4});
}

}  // namespace systole
