// SPDX-License-Identifier: Apache-2.0
// Asymmetric weights: integers of 9 bits become sums of bytes, over several copies of the input.
#include <algorithm>
#include <cmath>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

constexpr float kLeast = -128.0f, kMost = 127.0f;

/// How many bytes the integers of a convolution are the sums of; 1 for other operators.
size_t bytes_of(const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  if (conv == nullptr || !conv->states_integers() || conv->group != 1) return 1;
  const size_t taps = conv->taps();
  float bytes = 1.0f;
  for (size_t i = 0; i < conv->weights.size(); ++i) {
    const float code = std::nearbyint(conv->weights[i] / conv->weight_scale[i / taps]);
    bytes = std::max({bytes, std::ceil(code / kMost), std::ceil(code / kLeast)});
  }
  return static_cast<size_t>(bytes);
}

/// [o][c][tap] to [o][bytes * c][tap]: as much as fits a byte, then the rest.
std::vector<float> split(const graph::Conv& conv, size_t bytes) {
  const size_t taps = conv.taps();
  std::vector<float> weights(bytes * conv.weights.size());
  for (size_t i = 0; i < conv.weights.size(); ++i) {
    const size_t o = i / taps;
    float rest = std::nearbyint(conv.weights[i] / conv.weight_scale[o]);
    for (size_t k = 0; k < bytes; ++k) {
      const float byte = std::clamp(rest, kLeast, kMost);
      weights[(bytes * o + k) * taps + i % taps] = byte * conv.weight_scale[o];
      rest -= byte;
    }
  }
  return weights;
}

}  // namespace

void split_weights(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const size_t bytes = bytes_of(graph.nodes[i]);
    if (bytes == 1) continue;
    graph::Node& node = graph.nodes[i];
    auto& conv = node.as<graph::Conv>();
    graph::Node copies =
        graph::make_node(graph::Concat{}, std::vector<graph::ValueId>(bytes, node.inputs[0]));
    copies.name = node.name + "/copies";
    copies.op_type = node.op_type;
    copies.output = graph.add_like(node.inputs[0], "/copies");
    graph.values[static_cast<size_t>(copies.output)].shape.c *= static_cast<int64_t>(bytes);
    conv.weights = split(conv, bytes);
    node.inputs[0] = copies.output;
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i++), std::move(copies));
  }
}

}  // namespace systole::passes
