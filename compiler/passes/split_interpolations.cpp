// SPDX-License-Identifier: Apache-2.0
// Interpolations between values that the network has rounded, whose weights it does not state: the
// weights become integers times one fraction. Where no fraction makes all of them integers, what
// is left is a second convolution, whose few bits are added before the only rounding.
#include <algorithm>
#include <cmath>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

constexpr float kMostCode = 127.0f;
/// How far a weight may be from an integer: ten times what float32 leaves of it.
constexpr float kTolerance = 0x1p-13f;

/// The weights of one output channel.
struct Taps {
  const float* first;
  size_t count;

  float largest() const {
    float most = 0;
    for (size_t i = 0; i < count; ++i) most = std::max(most, std::fabs(first[i]));
    return most;
  }
  float smallest() const {
    float least = largest();
    for (size_t i = 0; i < count; ++i)
      if (first[i] != 0.0f) least = std::min(least, std::fabs(first[i]));
    return least;
  }
};

/// The largest number that all weights are integers of -127..127 times; 0 if there is none.
float common_fraction(const Taps& taps) {
  const float least = taps.smallest(), most = taps.largest();
  for (float steps = 1; least > 0 && most / least * steps <= kMostCode + 0.5f; ++steps) {
    const float fraction = least / steps;
    const bool all = std::all_of(taps.first, taps.first + taps.count, [&](float w) {
      return std::fabs(w / fraction - std::nearbyint(w / fraction)) <= kTolerance;
    });
    if (all) return fraction;
  }
  return 0;
}

/// Whether `node` interpolates what the network has rounded, or is rounded behind it.
bool interpolates(const graph::Graph& graph, const graph::Node& node) {
  const bool resizes = node.op_type == "Resize" || node.op_type == "Upsample";
  const auto* conv = node.if_is<graph::Conv>();
  return resizes && conv != nullptr && !conv->states_integers() && !conv->keeps_scale &&
         (graph.codes(node.output) || stated_codes(graph, node.inputs[0]));
}

/// Whether a second operand of its result can be made in codes of its own.
bool takes_rest(const graph::Graph& graph, const graph::Node& node) {
  return node.inputs.size() == 1 && !node.function && stated_codes(graph, node.inputs[0]);
}

/// Rounds the weights of `conv` to integers times `scale`, one an output channel. What is left of
/// them: `rest`.
void round_weights(graph::Conv& conv, std::vector<float> scale, std::vector<float>& rest) {
  const size_t taps = conv.taps();
  rest = conv.weights;
  for (size_t i = 0; i < conv.weights.size(); ++i) {
    const float unit = scale[i / taps];
    conv.weights[i] =
        std::clamp(std::nearbyint(conv.weights[i] / unit), -kMostCode, kMostCode) * unit;
    rest[i] -= conv.weights[i];
  }
  conv.weight_scale = std::move(scale);
  conv.exact_bias.assign(conv.bias.begin(), conv.bias.end());
}

/// The convolution of `rest`, in codes of its own, which no value of the input leaves.
graph::Node convolution_of_rest(graph::Graph& graph, const graph::Node& node,
                                std::vector<float> rest) {
  const graph::Codes in = *stated_codes(graph, node.inputs[0]);
  const float reach = in.scale * static_cast<float>(std::max(in.hi - in.zero, in.zero - in.lo));
  graph::Node made = node;
  auto& conv = made.as<graph::Conv>();
  const size_t channels = conv.channels(), taps = conv.taps();
  made.name += "/rest";
  made.origin.clear();
  made.lo = -std::numeric_limits<float>::infinity();
  made.hi = std::numeric_limits<float>::infinity();
  conv.weights = std::move(rest);
  conv.bias.assign(channels, 0.0f);
  float largest_sum = 0;
  std::vector<float> scale;
  for (size_t o = 0; o < channels; ++o) {
    const Taps of = {conv.weights.data() + o * taps, taps};
    float sum = 0;
    for (size_t i = 0; i < taps; ++i) sum += std::fabs(of.first[i]);
    largest_sum = std::max(largest_sum, sum);
    scale.push_back(of.largest() > 0 ? of.largest() / kMostCode : conv.weight_scale[o]);
  }
  std::vector<float> left;
  round_weights(conv, std::move(scale), left);
  made.output = graph.add_like(node.output, "/rest");
  graph::Codes codes;
  codes.scale = largest_sum * reach / kMostCode;
  graph.values[static_cast<size_t>(made.output)].codes = codes;
  return made;
}

}  // namespace

void split_interpolations(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!interpolates(graph, graph.nodes[i])) continue;
    auto& conv = graph.nodes[i].as<graph::Conv>();
    const size_t channels = conv.channels(), taps = conv.taps();
    std::vector<float> scale, rest;
    bool exact = true;
    for (size_t o = 0; o < channels; ++o) {
      const Taps of = {conv.weights.data() + o * taps, taps};
      const float fraction = common_fraction(of);
      exact = exact && fraction > 0;
      scale.push_back(fraction > 0 ? fraction : of.largest() > 0 ? of.largest() / kMostCode : 1.0f);
    }
    if (!exact && !takes_rest(graph, graph.nodes[i])) continue;
    round_weights(conv, std::move(scale), rest);
    if (exact) continue;
    graph::Node second = convolution_of_rest(graph, graph.nodes[i], std::move(rest));
    graph.nodes[i].inputs.push_back(second.output);
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i++), std::move(second));
  }
}

}  // namespace systole::passes
