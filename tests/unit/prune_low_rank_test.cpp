// SPDX-License-Identifier: Apache-2.0
// Layers that become two: shapes, names, and what they compute.
#include "model/base/error.h"
#include "tests/unit/prune_graphs.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

/// out x in x kh x kw weights of rank `rank` as a matrix [out][in * kh * kw].
std::vector<float> of_rank(int64_t rank, const Dims& dims, std::mt19937& rng) {
  const int64_t depth = dims[1] * dims[2] * dims[3];
  const auto a = random_floats(static_cast<size_t>(dims[0] * rank), rng);
  const auto b = random_floats(static_cast<size_t>(rank * depth), rng);
  std::vector<float> weights;
  for (int64_t o = 0; o < dims[0]; ++o) {
    for (int64_t d = 0; d < depth; ++d) {
      float sum = 0;
      for (int64_t r = 0; r < rank; ++r)
        sum += a[static_cast<size_t>(o * rank + r)] * b[static_cast<size_t>(r * depth + d)];
      weights.push_back(sum);
    }
  }
  return weights;
}

}  // namespace

TEST_CASE("a convolution of low rank becomes two that compute the same") {
  // Half of 12 * 36 weights: the largest rank with rank * (12 + 36) <= 216 is 4.
  std::mt19937 rng(3);
  const Dims dims = {12, 4, 3, 3};
  OnnxBuilder b;
  b.input("x", {1, 4, 8, 8}).floats("w", dims, of_rank(4, dims, rng)).random("c", {12}, rng);
  b.random("s", {12, 4, 1, 1}, rng);
  b.node("Conv", {"x", "s"}, "short").set("strides", Dims{2, 2});
  b.node("Conv", {"x", "w", "c"}, "main").set("strides", Dims{2, 2}).set("pads", Dims{1, 1, 1, 1});
  b.node("Add", {"main", "short"}, "sum");
  b.node("Relu", {"sum"}, "y");
  b.output("y");
  graph::Graph graph = imported(b);
  const auto before = outputs_of(graph);
  prune::prune(graph, options_of({"lowrank:0.5@main*"}));
  check_close(outputs_of(graph), before);
  const graph::Node& before_it = node_of(graph, "main_node/lowrank");
  const graph::Node& layer = node_of(graph, "main_node");
  const auto &first = before_it.as<graph::Conv>(), &second = layer.as<graph::Conv>();
  CHECK(first.weights.size() == 4 * 36);
  CHECK(first.window.stride_h == 2);
  CHECK(graph.shape(before_it.output) == graph::Chw{4, 4, 4});
  CHECK(second.weights.size() == 12 * 4);
  CHECK(second.window == graph::Window{});
  CHECK(layer.inputs.size() == 2);
  CHECK(layer.lo == 0.0f);
  CHECK(first.dense_macs + second.dense_macs == 16 * 12 * 36);
}

TEST_CASE("a tall gemm of low rank becomes two gemms that compute the same") {
  std::mt19937 rng(4);
  const Dims dims = {40, 10, 1, 1};  // (1 - 0.5) * 400 / 50 = 4
  OnnxBuilder b;
  b.input("x", {1, 10}).floats("w", {40, 10}, of_rank(4, dims, rng));
  b.node("Gemm", {"x", "w"}, "y").set("transB", 1);
  b.output("y");
  graph::Graph graph = imported(b);
  const auto before = outputs_of(graph);
  prune::prune(graph, options_of({"lowrank:0.5@*"}));
  REQUIRE(graph.nodes.size() == 2);
  check_close(outputs_of(graph), before);
  CHECK(graph::describe(graph, graph.nodes[0]) == "gemm");
}

TEST_CASE("a rank that leaves something out leaves out the least") {
  // diag(3, 2, 1, 0.5) at rank 1 (0.3 * 16 / 8 = 0.6 is none; 0.5 gives 1).
  graph::Graph graph = one_layer({4, 4, 1, 1}, {3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5f});
  CHECK_THROWS_WITH(
      prune::prune(graph, options_of({"lowrank:0.7@*"})),
      "--prune lowrank:0.7@*: none of the layers named can be pruned so: 'y_node' (of "
      "4 x 4 weights the amount leaves no rank)");
  prune::prune(graph, options_of({"lowrank:0.5@*"}));
  REQUIRE(graph.nodes.size() == 2);
  const std::vector<float>& b = graph.nodes[0].as<graph::Conv>().weights;
  const std::vector<float>& a = graph.nodes[1].as<graph::Conv>().weights;
  for (size_t o = 0; o < 4; ++o)
    for (size_t i = 0; i < 4; ++i)
      CHECK(a[o] * b[i] == Approx(o == 0 && i == 0 ? 3.0 : 0.0).margin(1e-5));
}

}  // namespace systole
