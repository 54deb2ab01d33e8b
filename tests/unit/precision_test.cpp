// SPDX-License-Identifier: Apache-2.0
// Widths by layer, and the codes of narrow weights.
#include "compiler/quant/precision.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "compiler/quant/quantise.h"
#include "model/base/error.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

/// A graph of convolutions with these names.
graph::Graph convolutions(const std::vector<std::string>& names) {
  graph::Graph graph;
  for (const std::string& name : names) {
    graph.nodes.push_back(graph::make_node(graph::Conv{}, {}));
    graph.nodes.back().name = name;
  }
  return graph;
}

quant::PrecisionPolicy policy_of(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / "systole_policy.yaml";
  std::ofstream(file) << text;
  return quant::load_precision(file);
}

std::vector<int> weights_of(const graph::Graph& graph, const quant::PrecisionPolicy& policy) {
  std::vector<int> bits;
  for (const quant::LayerWidths& widths : quant::layer_widths(graph, policy))
    bits.push_back(widths.weights);
  return bits;
}

}  // namespace

TEST_CASE("the first and the last layer keep 8 bits unless a rule says otherwise") {
  const graph::Graph graph = convolutions({"a", "b1", "b2", "c"});
  CHECK(weights_of(graph, {}) == std::vector<int>{8, 8, 8, 8});
  CHECK(weights_of(graph, {{4, 8}, {}}) == std::vector<int>{8, 4, 4, 8});
  const quant::PrecisionPolicy policy = policy_of(
      "weights: 4\nlayers:\n  - {name: 'b*', weights: 2}\n  - {name: b2, weights: 1}\n"
      "  - {name: c, weights: 4}\n");
  CHECK(weights_of(graph, policy) == std::vector<int>{8, 2, 1, 4});
}

TEST_CASE("a convolution that only selects is no layer of the policy") {
  graph::Graph graph = convolutions({"a", "b", "c"});
  graph.nodes[0].as<graph::Conv>().keeps_scale = true;
  CHECK(weights_of(graph, {{2, 8}, {}}) == std::vector<int>{8, 8, 8});
}

TEST_CASE("mistakes in a policy are named with their line") {
  const auto message = [](const std::string& text) {
    try {
      quant::layer_widths(convolutions({"a", "b"}), policy_of(text));
      return std::string("none");
    } catch (const Error& error) {
      const std::string what = error.what();
      return what.substr(what.find("policy.yaml") + 11);
    }
  };
  CHECK(message("weights: 3\n") == ":1: weights: '3', expected 8, 4, 2 or 1 bits");
  CHECK(
      message("activations: bf16\n") ==
      ":1: activations: bf16 is reserved: no array multiplies it yet, expected 8, 4, 2 or 1 bits");
  CHECK(message("\nwidth: 4\n") ==
        ":2: unknown key 'width', expected weights, activations, layers or bias_correction");
  CHECK(message("- 4\n") ==
        ": expected a map with weights, activations, layers and bias_correction");
  CHECK(message("layers: 4\n") == ":1: layers: expected a list of names and widths");
  CHECK(message("layers:\n  - {name: a}\n") ==
        ":2: weights and activations: missing, expected one of them");
  CHECK(message("layers:\n  - {weights: 4}\n") == ":2: name: missing");
  CHECK(message("layers:\n  - {name: d*, weights: 4}\n") ==
        ":2: name: 'd*' matches no convolution or gemm of the network");
  CHECK(message("weights: [4\n").substr(0, 13) == ":2: not YAML:");
}

TEST_CASE("codes of fewer bits are symmetric and have the scale of the least error") {
  const quant::Affine x{1.0f, 0};
  // Ternary: 1, -1 and 0.1 at scale s have the error 2 (1-s)^2 + 0.01, least at s = 1.
  const quant::QuantisedWeights two =
      quant::quantise_weights("l", {1.0f, -1.0f, 0.1f}, {0}, x, 1.0f, 2);
  CHECK(two.weights == std::vector<int8_t>{1, -1, 0});
  CHECK(two.scale[0] == Approx(1.0));
  // An outlier of 7 among ones: 4 bits that cover it have steps of 1 and no error.
  const quant::QuantisedWeights four =
      quant::quantise_weights("l", {7.0f, 1.0f, -1.0f, 2.0f}, {0}, x, 1.0f, 4);
  CHECK(four.weights == std::vector<int8_t>{7, 1, -1, 2});
  // One bit: the mean magnitude, and zeros count as positive.
  const quant::QuantisedWeights one =
      quant::quantise_weights("l", {3.0f, -1.0f, 0.0f, -4.0f}, {0}, x, 1.0f, 1);
  CHECK(one.weights == std::vector<int8_t>{1, -1, 1, -1});
  CHECK(one.scale[0] == Approx(2.0));
}

}  // namespace systole
