// SPDX-License-Identifier: Apache-2.0
// Per-channel scales and shifts go into the weights and biases of convolutions beside them.
#include <algorithm>
#include <cmath>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

/// y = a * (w*x + b) + s: rows of weights and the bias.
void fold_after(graph::Conv& conv, const graph::ScaleShift& scale_shift) {
  conv.keeps_scale = false;
  const size_t taps = conv.taps();
  if (!scale_shift.gamma.empty()) conv.gamma = scale_shift.gamma;
  for (size_t o = 0; o < conv.bias.size(); ++o) {
    float a = scale_shift.scale[o];
    // A channel that training let die: its integers are not seen any more, and binary32 ends.
    const bool dead = conv.states_integers() && conv.weight_scale[o] * std::fabs(a) < 0x1p-100f;
    if (dead) a = 0.0f;
    std::for_each_n(conv.weights.begin() + static_cast<std::ptrdiff_t>(o * taps), taps,
                    [a](float& w) { w *= a; });
    conv.bias[o] = conv.bias[o] * a + scale_shift.shift[o];
    if (!conv.states_integers()) continue;
    if (a != 0.0f) conv.weight_scale[o] *= std::fabs(a);
    conv.exact_bias[o] = conv.exact_bias[o] * a + scale_shift.shift[o];
  }
}

/// y = w * (a*x + s) + b: columns of weights; the shift reaches the bias only where no tap is
/// padding.
void fold_before(graph::Conv& conv, const graph::ScaleShift& scale_shift) {
  conv.keeps_scale = false;
  conv.weight_scale.clear();  // columns of different factors are no integers any more
  conv.exact_bias.clear();
  const auto groups = static_cast<size_t>(conv.group);
  const size_t channels = scale_shift.scale.size() / groups, outputs = conv.bias.size() / groups;
  const size_t area = conv.taps() / channels;
  size_t at = 0;
  for (size_t o = 0; o < conv.bias.size(); ++o) {
    float& bias = conv.bias[o];
    const size_t first = o / outputs * channels;  // input channel of the output's group
    double moved = 0;
    for (size_t c = first; c < first + channels; ++c) {
      for (size_t i = 0; i < area; ++i, ++at) {
        moved += double{conv.weights[at]} * scale_shift.shift[c];
        conv.weights[at] *= scale_shift.scale[c];
      }
    }
    bias += static_cast<float>(moved);
  }
}

/// y = a2 * (a1*x + s1) + s2.
void merge(graph::ScaleShift& first, const graph::ScaleShift& second) {
  for (size_t c = 0; c < first.scale.size(); ++c) {
    first.scale[c] *= second.scale[c];
    first.shift[c] = first.shift[c] * second.scale[c] + second.shift[c];
  }
}

bool shifts_nothing(const graph::ScaleShift& by) {
  return std::all_of(by.shift.begin(), by.shift.end(), [](float s) { return s == 0.0f; });
}

/// Whether `node` ends in a Relu alone.
bool is_relu(const graph::Node& node) {
  return node.lo == 0.0f && node.hi == INFINITY && !node.function;
}

/// Whether the factors may pass a Relu: m * max(x, 0) = max(m * x, 0).
bool passes_relu(const graph::ScaleShift& by) {
  return shifts_nothing(by) &&
         std::all_of(by.scale.begin(), by.scale.end(), [](float m) { return m >= 0.0f; });
}

/// Folds the scale-shift at `index` into the node before it.
bool fold_into_producer(graph::Graph& graph, size_t index) {
  const auto& by = graph.nodes[index].as<graph::ScaleShift>();
  const graph::ValueId in = graph.nodes[index].inputs[0];
  const int before = graph.producer(in);
  if (before < 0 || !graph.vanishes_into(in, index)) return false;
  graph::Node& producer = graph.nodes[static_cast<size_t>(before)];
  if (producer.clamped() && !(is_relu(producer) && passes_relu(by))) return false;
  auto* conv = producer.if_is<graph::Conv>();
  if (conv != nullptr && producer.inputs.size() == 1) {
    fold_after(*conv, by);
  } else if (auto* first = producer.if_is<graph::ScaleShift>()) {
    merge(*first, by);
  } else {
    return false;
  }
  graph.bypass(index, in);
  return true;
}

/// Folds the scale-shift at `index` into the only convolution that reads it.
bool fold_into_consumer(graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  const std::vector<size_t> readers = graph.consumers(node.output);
  if (readers.size() != 1 || !graph.vanishes_into(node.output, readers[0])) return false;
  auto* conv = graph.nodes[readers[0]].if_is<graph::Conv>();
  if (conv == nullptr || graph.nodes[readers[0]].inputs.size() != 1) return false;
  const auto& by = node.as<graph::ScaleShift>();
  if (conv->window.padded() && !shifts_nothing(by)) return false;
  fold_before(*conv, by);
  graph.bypass(index, node.inputs[0]);
  return true;
}

}  // namespace

void fold_scale_shifts(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size();) {
    const bool candidate = graph.nodes[i].is<graph::ScaleShift>();
    if (candidate && fold_into_producer(graph, i)) continue;
    ++i;
  }
  for (size_t i = 0; i < graph.nodes.size();) {
    const bool candidate = graph.nodes[i].is<graph::ScaleShift>();
    if (candidate && fold_into_consumer(graph, i)) continue;
    ++i;
  }
}

}  // namespace systole::passes
