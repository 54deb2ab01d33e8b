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
  for (const int64_t c : kept) result.push_back(values[static_cast<size_t>(c)]);
  values = std::move(result);
}

void shrink_conv(graph::Node& node, const std::vector<int64_t>& inputs, int64_t all_inputs,
                 const std::vector<int64_t>& outputs) {
  const auto in = static_cast<size_t>(all_inputs / node.group);
  const size_t area = node.weights.size() / node.bias.size() / in;
  // Of convolutions in groups only depthwise ones lose channels: one input channel each.
  const std::vector<int64_t> columns = node.group == 1 ? inputs : [&] {
    std::vector<int64_t> all(in);
    for (size_t c = 0; c < in; ++c) all[c] = static_cast<int64_t>(c);
    return all;
  }();
  std::vector<float> weights;
  weights.reserve(outputs.size() * columns.size() * area);
  for (const int64_t o : outputs) {
    for (const int64_t c : columns) {
      const auto from =
          node.weights.begin() + static_cast<std::ptrdiff_t>(
                                     (static_cast<size_t>(o) * in + static_cast<size_t>(c)) * area);
      weights.insert(weights.end(), from, from + static_cast<std::ptrdiff_t>(area));
    }
  }
  node.weights = std::move(weights);
  pick(node.bias, outputs);
  pick(node.weight_scale, outputs);
  pick(node.exact_bias, outputs);
  if (node.group == all_inputs) node.group = static_cast<int64_t>(inputs.size());
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
    if (node.op == graph::Op::kConv)
      shrink_conv(node, inputs, graph.shape(node.inputs[0]).c, of(node.output));
    pick(node.scale, inputs);
    pick(node.shift, inputs);
    pick(node.gamma, of(node.output));
    if (node.op == graph::Op::kSlice)
      node.first.c = std::lower_bound(inputs.begin(), inputs.end(), node.first.c) - inputs.begin();
  }
  for (size_t v = 0; v < kept.size(); ++v)
    graph.values[v].shape.c = static_cast<int64_t>(kept[v].size());
}

}  // namespace systole::prune
