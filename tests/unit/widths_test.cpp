// SPDX-License-Identifier: Apache-2.0
// In how many bits weights and activations are stored: wishes, shared scales, padding.
#include "compiler/quant/widths.h"

#include <catch2/catch.hpp>

namespace systole {
namespace {

/// A chain of 3x3 convolutions of 16 channels on 8x8 pixels, in -> v1 -> v2 -> ... -> out.
graph::Graph chain(int convolutions) {
  graph::Graph graph;
  graph.values.push_back({"in", {16, 8, 8}, {1, 16, 8, 8}});
  graph.inputs = {0};
  for (int k = 1; k <= convolutions; ++k) {
    graph.values.push_back({"v" + std::to_string(k), {16, 8, 8}, {1, 16, 8, 8}});
    graph::Conv conv;
    conv.window = {3, 3, 1, 1, 1, 1, 1, 1, 1, 1};
    conv.weights.assign(16 * 16 * 9, 1.0f);
    conv.bias.assign(16, 0.0f);
    graph.nodes.push_back(graph::make_node(conv, {k - 1}));
    graph.nodes.back().name = "conv" + std::to_string(k);
    graph.nodes.back().output = k;
  }
  graph.outputs = {convolutions};
  return graph;
}

std::vector<quant::LayerWidths> all(size_t layers, quant::LayerWidths widths) {
  return std::vector<quant::LayerWidths>(layers, widths);
}

TEST_CASE("inputs are as wide as their readers want, the network's own have 8 bits") {
  const graph::Graph graph = chain(3);
  const quant::Widths widths = quant::choose_widths(graph, all(3, {4, 4}), {});
  CHECK(widths.weights == std::vector<int>{4, 4, 4});
  CHECK(widths.activations == std::vector<int>{8, 4, 4, 8});
}

TEST_CASE("activations may be narrower than the weights that meet them") {
  const graph::Graph graph = chain(3);
  const quant::Widths widths = quant::choose_widths(graph, {{8, 8}, {8, 4}, {4, 1}}, {});
  CHECK(widths.weights == std::vector<int>{8, 8, 4});
  CHECK(widths.activations == std::vector<int>{8, 4, 1, 8});
}

TEST_CASE("what depthwise and grouped convolutions read has 8 bits") {
  graph::Graph graph = chain(3);
  graph.nodes[1].as<graph::Conv>().group = 16;
  CHECK(quant::choose_widths(graph, all(3, {4, 4}), {}).activations ==
        std::vector<int>{8, 8, 4, 8});
}

TEST_CASE("a pooled value shares the width of what it is a copy of") {
  graph::Graph graph = chain(2);
  graph.nodes[0].op = graph::MaxPool{graph.nodes[0].as<graph::Conv>().window};
  graph.values.insert(graph.values.begin() + 1, graph.values[0]);  // made by a convolution before
  graph::Node conv = graph.nodes[1];
  conv.inputs = {0};
  conv.output = 1;
  graph.nodes[0].inputs = {1};
  graph.nodes[0].output = 2;
  graph.nodes[1].inputs = {2};
  graph.nodes[1].output = 3;
  graph.nodes.insert(graph.nodes.begin(), conv);
  graph.outputs = {3};
  CHECK(quant::choose_widths(graph, all(3, {4, 4}), {}).activations ==
        std::vector<int>{8, 4, 4, 8});
}

TEST_CASE("integers of the network are stored in the fewest bits that hold them") {
  graph::Graph graph = chain(2);
  graph.values[1].codes = graph::Codes{0.5f, -8, -8, 7};
  graph.nodes[1].as<graph::Conv>().weight_scale.assign(16, 0.25f);
  for (float& weight : graph.nodes[1].as<graph::Conv>().weights) weight = -0.5f;
  CHECK(quant::choose_widths(graph, all(2, {}), {}).activations == std::vector<int>{8, 8, 8});
  const quant::Widths narrow = quant::choose_widths(graph, all(2, {}), {1, 1});
  CHECK(narrow.weights == std::vector<int>{8, 2});
  CHECK(narrow.activations == std::vector<int>{8, 4, 8});
  CHECK(quant::choose_widths(graph, all(2, {}), {4, 8}).weights == std::vector<int>{8, 4});
}

TEST_CASE("one bit is padded with -1 or gets a second bit") {
  graph::Graph graph = chain(2);
  graph.values[1].codes = graph::Codes{1.0f, 0, -1, 1, true};
  graph.nodes[1].as<graph::Conv>().weight_scale.assign(16, 1.0f);
  CHECK(quant::choose_widths(graph, all(2, {}), {1, 1}).activations[1] == 2);
  graph.nodes[1].as<graph::Conv>().window = {3, 3, 1, 1, 1, 1, 0, 0, 0, 0};
  CHECK(quant::choose_widths(graph, all(2, {}), {1, 1}).activations[1] == 1);
  CHECK(quant::choose_widths(graph, all(2, {}), {1, 1}).weights[1] == 1);
}

TEST_CASE("one bit that meets wider weights is padded with anything") {
  graph::Graph graph = chain(2);
  graph.values[1].codes = graph::Codes{1.0f, 0, -1, 1, true};
  graph.nodes[1].as<graph::Conv>().weight_scale.assign(16, 1.0f);
  graph.nodes[1].as<graph::Conv>().weights[0] = 0.0f;  // two bits
  const quant::Widths widths = quant::choose_widths(graph, all(2, {}), {1, 1});
  CHECK(widths.weights[1] == 2);
  CHECK(widths.activations[1] == 1);
}

}  // namespace
}  // namespace systole
