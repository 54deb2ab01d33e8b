// SPDX-License-Identifier: Apache-2.0
// Rewrites weights and shapes for the channels that are left.
#include "compiler/prune/shrink.h"

#include <algorithm>

namespace systole::prune {
namespace {

/// The channels of each value that are left, ascending.
using Kept = std::vector<std::vector<int64_t>>;

template <typename T>
void pick(std::vector<T>& values, const std::vector<int64_t>& kept) {
  if (values.empty()) return;
  std::vector<T> result;
  result.reserve(kept.size());
  for (const int64_t c : kept) result.push_back(values[static_cast<size_t>(c)]);
  values = std::move(result);
}

void shrink_conv(graph::Conv& conv, const std::vector<int64_t>& inputs, int64_t all_inputs,
                 const std::vector<int64_t>& outputs) {
  const auto in = static_cast<size_t>(all_inputs / conv.group);
  const size_t area = conv.taps() / in;
  // Of convolutions in groups only depthwise ones lose channels: one input channel each.
  const std::vector<int64_t> columns = conv.group == 1 ? inputs : [&] {
    std::vector<int64_t> all(in);
    for (size_t c = 0; c < in; ++c) all[c] = static_cast<int64_t>(c);
    return all;
  }();
  std::vector<float> weights;
  weights.reserve(outputs.size() * columns.size() * area);
  for (const int64_t o : outputs) {
    for (const int64_t c : columns) {
      const auto from =
          conv.weights.begin() + static_cast<std::ptrdiff_t>(
                                     (static_cast<size_t>(o) * in + static_cast<size_t>(c)) * area);
      weights.insert(weights.end(), from, from + static_cast<std::ptrdiff_t>(area));
    }
  }
  conv.weights = std::move(weights);
  pick(conv.bias, outputs);
  pick(conv.weight_scale, outputs);
  pick(conv.exact_bias, outputs);
  pick(conv.gamma, outputs);
  if (conv.group == all_inputs) conv.group = static_cast<int64_t>(inputs.size());
}

}  // namespace

void shrink(graph::Graph& graph, const ChannelClasses& classes, const std::set<size_t>& gone) {
  Kept kept(graph.values.size());
  for (size_t v = 0; v < kept.size(); ++v) {
    for (int64_t c = 0; c < graph.values[v].shape.c; ++c)
      if (gone.count(classes.of(static_cast<graph::ValueId>(v), c)) == 0) kept[v].push_back(c);
  }
  const auto of = [&](graph::ValueId v) -> const std::vector<int64_t>& {
    return kept[static_cast<size_t>(v)];
  };
  for (graph::Node& node : graph.nodes) {
    const std::vector<int64_t>& inputs = of(node.inputs[0]);
    if (auto* conv = node.if_is<graph::Conv>())
      shrink_conv(*conv, inputs, graph.shape(node.inputs[0]).c, of(node.output));
    if (auto* by = node.if_is<graph::ScaleShift>()) {
      for (auto* list : {&by->scale, &by->shift, &by->gamma}) pick(*list, inputs);
    }
    if (auto* slice = node.if_is<graph::Slice>()) {
      int64_t& first = slice->first.c;
      first = std::lower_bound(inputs.begin(), inputs.end(), first) - inputs.begin();
    }
  }
  for (size_t v = 0; v < kept.size(); ++v)
    graph.values[v].shape.c = static_cast<int64_t>(kept[v].size());
}

}  // namespace systole::prune
