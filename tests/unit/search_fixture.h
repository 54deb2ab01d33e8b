// SPDX-License-Identifier: Apache-2.0
// A chain of layers to search in, and what its choices cost.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>

#include "sim/search/point.h"

namespace systole {

inline constexpr auto kWeights = search::Knob::Kind::kWeights;
inline constexpr auto kActivations = search::Knob::Kind::kActivations;
inline constexpr auto kPrune = search::Knob::Kind::kPrune;
inline constexpr quant::LayerWidths kAll = {
    2, 2};  // the narrowest that the hardware of these tests takes

/// A chain of 1x1 convolutions of 16 channels on 8x8 pixels, in -> v1 -> v2 -> ... -> out.
inline graph::Graph chain(int convolutions) {
  graph::Graph graph;
  graph.values.push_back({"in", {16, 8, 8}, {1, 16, 8, 8}});
  graph.inputs = {0};
  for (int k = 1; k <= convolutions; ++k) {
    graph.values.push_back({"v" + std::to_string(k), {16, 8, 8}, {1, 16, 8, 8}});
    graph::Conv conv;
    conv.weights.assign(16 * 16, 1.0f);
    conv.bias.assign(16, 0.0f);
    graph.nodes.push_back(graph::make_node(conv, {k - 1}));
    graph.nodes.back().name = "conv" + std::to_string(k);
    graph.nodes.back().op_type = "Conv";
    graph.nodes.back().output = k;
  }
  graph.outputs = {convolutions};
  return graph;
}

inline size_t knob_of(const search::SearchSpace& space, search::Knob::Kind kind, size_t layer) {
  for (size_t k = 0; k < space.knobs().size(); ++k)
    if (space.knobs()[k].layers[0] == layer && space.knobs()[k].kind == kind) return k;
  throw std::runtime_error("no such knob");
}

/// What a layer costs, and the accuracy that it loses, add up.
inline search::Figures synthetic(const search::Choice& choice, uint64_t images) {
  search::Figures figures;
  double loss = 0;
  for (size_t layer = 0; layer < choice.size(); ++layer) {
    const quant::LayerWidths widths = choice[layer];
    const double hurts = 1.0 + static_cast<double>(layer * 7 % 5);
    const uint64_t macs = 1000 + 300 * (layer * 3 % 4);
    figures.cycles += macs * static_cast<uint64_t>(widths.activations) / 8;
    loss += hurts * (std::exp2(-widths.weights) + std::exp2(-widths.activations));
  }
  figures.dram_bytes = 1;
  figures.divergence = loss / 10;
  figures.right = images - static_cast<uint64_t>(loss * 20);
  return figures;
}

}  // namespace systole
