// SPDX-License-Identifier: Apache-2.0
// Requests to prune, and the zeros they make: exactly those expected.
#include <numeric>

#include "model/base/error.h"
#include "tests/unit/prune_graphs.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

using Floats = std::vector<float>;

/// The weights of a single layer after pruning.
Floats pruned(const Dims& dims, const Floats& weights, const std::string& spec, int rows = 16,
              int cols = 16) {
  graph::Graph graph = one_layer(dims, weights);
  prune::prune(graph, options_of({spec + "@*"}, rows, cols));
  return graph.nodes[0].as<graph::Conv>().weights;
}

/// 1, 2, ... of the dimensions.
Floats counting(const Dims& dims) {
  Floats weights(static_cast<size_t>(
      std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>())));
  std::iota(weights.begin(), weights.end(), 1.0f);
  return weights;
}

/// Three 1x1 layers a, b, c of two channels each.
OnnxBuilder chain(const Floats& a, const Floats& b_weights, const Floats& c) {
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 3}).floats("wa", {2, 2, 1, 1}, a).floats("wb", {2, 2, 1, 1}, b_weights);
  b.floats("wc", {2, 2, 1, 1}, c);
  b.node("Conv", {"x", "wa"}, "a");
  b.node("Conv", {"a", "wb"}, "b");
  b.node("Conv", {"b", "wc"}, "c");
  b.output("c");
  return b;
}

std::string complaint(graph::Graph& graph, const std::string& spec) {
  try {
    prune::prune(graph, options_of({spec}));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a share of the least magnitudes goes, of equal ones the first") {
  CHECK(pruned({2, 4, 1, 1}, {4, -1, 2, 2, -8, 0.5f, 2, 6}, "unstructured:0.5") ==
        Floats{4, 0, 0, 0, -8, 0, 2, 6});
  // round(0.3 * 4) = 1
  CHECK(pruned({1, 4, 1, 1}, {4, -3, 2, 1}, "unstructured:0.3") == Floats{4, -3, 2, 0});
}

TEST_CASE("the first and the last layer stay unless they are named") {
  graph::Graph graph = imported(chain({1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}));
  const prune::PruneResult result = prune::prune(graph, options_of({"unstructured:0.5"}));
  CHECK(graph.nodes[0].as<graph::Conv>().weights == Floats{1, 2, 3, 4});
  CHECK(graph.nodes[1].as<graph::Conv>().weights == Floats{0, 0, 3, 4});
  CHECK(graph.nodes[2].as<graph::Conv>().weights == Floats{1, 2, 3, 4});
  CHECK(result.masked == std::set<std::string>{"b_node"});
  prune::prune(graph, options_of({"unstructured:0.5@[ac]_*"}));
  CHECK(graph.nodes[0].as<graph::Conv>().weights == Floats{0, 0, 3, 4});
  CHECK(graph.nodes[2].as<graph::Conv>().weights == Floats{0, 0, 3, 4});
}

TEST_CASE("globally, one threshold holds for all layers") {
  graph::Graph graph = imported(chain({1, 2, 3, 4}, {10, 20, 30, 40}, {0.1f, 5, 6, 7}));
  prune::prune(graph, options_of({"global-unstructured:0.5@*"}));
  CHECK(graph.nodes[0].as<graph::Conv>().weights == Floats{0, 0, 0, 0});
  CHECK(graph.nodes[1].as<graph::Conv>().weights == Floats{10, 20, 30, 40});
  CHECK(graph.nodes[2].as<graph::Conv>().weights == Floats{0, 0, 6, 7});
}

TEST_CASE("requests follow one another") {
  graph::Graph graph = imported(chain({1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}));
  prune::prune(graph, options_of({"unstructured:0.25", "unstructured:0.5@b_*"}));
  CHECK(graph.nodes[1].as<graph::Conv>().weights == Floats{0, 0, 3, 4});
}

TEST_CASE("n:m keeps the largest of consecutive input channels at each kernel position") {
  // Two positions: channels 0..3 at position 0 are elements 0, 2, 4, 6.
  const Floats weights = {1, 8, 2, 7, 3, 6, 4, 5};
  CHECK(pruned({1, 4, 1, 2}, weights, "nm:2:4") == Floats{0, 8, 0, 7, 3, 0, 4, 0});
  CHECK(pruned({1, 4, 1, 2}, weights, "nm:1:4") == Floats{0, 8, 0, 0, 0, 0, 4, 0});
  CHECK(pruned({1, 4, 1, 2}, weights, "nm:1:2") == Floats{0, 8, 2, 0, 0, 6, 4, 0});
  // Of equal magnitudes the first stay.
  CHECK(pruned({1, 4, 1, 1}, {1, -1, 1, 1}, "nm:2:4") == Floats{1, -1, 0, 0});
}

TEST_CASE("a block is a weight tile of the architecture") {
  // 2x3 tiles: input channels {0, 1}, {2}; output channels {0, 1, 2}, {3}. Words have three lanes,
  // which rows of tiles do not straddle. Element [o][c]; the l1 norms are
  //   c 0,1: o 0..2: 0+1+3+4+6+7 = 21; o 3: 9+10 = 19
  //   c 2:   o 0..2: 2+5+8 = 15;       o 3: 11
  Floats weights(12);
  std::iota(weights.begin(), weights.end(), 0.0f);
  CHECK(pruned({4, 3, 1, 1}, weights, "block:0.5", 2, 3) ==
        Floats{0, 1, 0, 3, 4, 0, 6, 7, 0, 9, 10, 0});
  CHECK(pruned({4, 3, 1, 1}, weights, "block:0.75", 2, 3) ==
        Floats{0, 1, 0, 3, 4, 0, 6, 7, 0, 0, 0, 0});
}

TEST_CASE("blocks of a stated size lie at one kernel position") {
  // [o 2][c 2][kw 2]; position 0 holds 1, 3, 5, 7, position 1 the others; blocks of 1 row x 2.
  CHECK(pruned({2, 2, 1, 2}, {1, 8, 3, 6, 5, 4, 7, 2}, "block:0.5:1x2") ==
        Floats{0, 8, 3, 0, 0, 4, 7, 0});
}

TEST_CASE("a vector is one row of a weight tile") {
  // Columns of 2: output channels {0, 1}, {2}; element [o][c].
  CHECK(pruned({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}, "vector:0.5", 2, 2) == Floats{0, 2, 0, 4, 0, 6});
}

TEST_CASE("a kernel goes as a whole") {
  CHECK(pruned({2, 2, 1, 2}, {1, 9, 3, 4, 5, 6, 7, -1}, "kernel:0.5") ==
        Floats{1, 9, 0, 0, 5, 6, 0, 0});
}

TEST_CASE("the tiles of a product with a whole map go through its positions") {
  // 1x2 map of 3 channels: depth in the order of NHWC is (position, channel); tiles of 3 x 1 are
  // then the positions. Element [o][c][kw].
  OnnxBuilder b;
  b.input("x", {1, 3, 1, 2}).floats("w", {1, 3, 1, 2}, {1, 9, 2, 9, 3, 9});
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  graph::Graph graph = imported(b);
  prune::prune(graph, options_of({"block:0.5@*"}, 3, 1));
  CHECK(graph.nodes[0].as<graph::Conv>().weights == Floats{0, 9, 0, 9, 0, 9});
}

TEST_CASE("depthwise layers are left to the kinds that suit them") {
  OnnxBuilder b;
  b.input("x", {1, 4, 3, 3}).floats("d", {4, 1, 1, 2}, counting({4, 1, 1, 2}));
  b.floats("p", {4, 4, 1, 1}, counting({4, 4, 1, 1}));
  b.node("Conv", {"x", "d"}, "dw").set("group", 4);
  b.node("Conv", {"dw", "p"}, "y");
  b.output("y");
  graph::Graph graph = imported(b);
  prune::prune(graph, options_of({"nm:2:4@*"}));
  CHECK(node_of(graph, "dw_node").as<graph::Conv>().weights == counting({4, 1, 1, 2}));
  CHECK(node_of(graph, "y_node").as<graph::Conv>().weights[0] == 0.0f);
  CHECK(complaint(graph, "nm:2:4@dw*") ==
        "--prune nm:2:4@dw*: the layers named are all depthwise convolutions, which it does not "
        "prune");
  CHECK(complaint(graph, "block:0.5@dw*") ==
        "--prune block:0.5@dw*: the layers named are all convolutions in groups, which it does not "
        "prune");
}

TEST_CASE("layers whose channels n:m does not divide stay dense and are named") {
  OnnxBuilder b;
  b.input("x", {1, 4, 3, 3}).floats("w", {6, 4, 1, 1}, counting({6, 4, 1, 1}));
  b.floats("v", {2, 6, 1, 1}, counting({2, 6, 1, 1}));
  b.node("Conv", {"x", "w"}, "m");
  b.node("Conv", {"m", "v"}, "y");
  b.output("y");
  graph::Graph graph = imported(b);
  const prune::PruneResult result = prune::prune(graph, options_of({"nm:2:4@*"}));
  CHECK(result.warnings ==
        std::vector<std::string>{"--prune nm:2:4@*: these layers stay dense: 'y_node' (6 input "
                                 "channels are not a multiple of 4)"});
  CHECK(result.masked == std::set<std::string>{"m_node"});
  CHECK(node_of(graph, "y_node").as<graph::Conv>().weights == counting({2, 6, 1, 1}));
  CHECK(node_of(graph, "m_node").as<graph::Conv>().weights[0] == 0.0f);
  CHECK(complaint(graph, "nm:2:4@y*") ==
        "--prune nm:2:4@y*: none of the layers named can be pruned so: 'y_node' (6 input channels "
        "are not a multiple of 4)");
}

TEST_CASE("requests that name nothing or do not divide are refused") {
  graph::Graph graph = imported(chain({1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}));
  CHECK(complaint(graph, "nm:2:4") ==
        "--prune nm:2:4: none of the layers named can be pruned so: 'b_node' (2 input channels are "
        "not a multiple of 4)");
  CHECK(complaint(graph, "kernel:0.5@d*") ==
        "--prune kernel:0.5@d*: 'd*' matches no convolution or gemm of the network");
  graph::Graph single = one_layer({1, 1, 1, 1}, {1});
  CHECK(complaint(single, "unstructured:0.5") ==
        "--prune unstructured:0.5: the network has no convolution or gemm between its first and "
        "its last, expected @PATTERN that names one of them");
}

TEST_CASE("a layer's dense MACs are those before pruning") {
  graph::Graph graph = one_layer({2, 4, 3, 3}, counting({2, 4, 3, 3}));
  prune::prune(graph, options_of({"unstructured:0.5@*"}));
  CHECK(graph.nodes[0].as<graph::Conv>().dense_macs == 4 * 4 * 2 * 4 * 9);
}

}  // namespace systole
