// SPDX-License-Identifier: Apache-2.0
// Ties channels together, operator by operator.
#include "compiler/prune/channel_classes.h"

#include <numeric>

#include "model/base/overloaded.h"

namespace systole::prune {

ChannelClasses::ChannelClasses(const graph::Graph& graph) : graph_(graph) {
  size_t elements = 0;
  for (const graph::Value& value : graph.values) {
    first_.push_back(elements);
    elements += static_cast<size_t>(value.shape.c);
  }
  parent_.resize(elements);
  std::iota(parent_.begin(), parent_.end(), size_t{0});
  kept_.assign(elements, false);
  for (const graph::ValueId v : graph.inputs) keep(v);
  for (const graph::ValueId v : graph.outputs) keep(v);
  for (const graph::Node& node : graph.nodes) tie_node(node);
  stays_.assign(elements, false);
  for (size_t e = 0; e < elements; ++e)
    if (kept_[e]) stays_[root(e)] = true;
}

size_t ChannelClasses::of(graph::ValueId v, int64_t c) const { return root(element(v, c)); }

size_t ChannelClasses::root(size_t element) const {
  while (parent_[element] != element) element = parent_[element];
  return element;
}

void ChannelClasses::tie(graph::ValueId a, int64_t ca, graph::ValueId b, int64_t cb) {
  size_t x = root(element(a, ca)), y = root(element(b, cb));
  if (y < x) std::swap(x, y);
  parent_[y] = x;
  // Later searches from both begin at the root.
  parent_[element(a, ca)] = parent_[element(b, cb)] = x;
}

void ChannelClasses::tie_range(graph::ValueId a, int64_t ca, graph::ValueId b, int64_t cb,
                               int64_t count) {
  for (int64_t c = 0; c < count; ++c) tie(a, ca + c, b, cb + c);
}

void ChannelClasses::keep(graph::ValueId v) {
  for (int64_t c = 0; c < graph_.shape(v).c; ++c) kept_[element(v, c)] = true;
}

void ChannelClasses::tie_conv(const graph::Node& node, const graph::Conv& conv) {
  const graph::ValueId in = node.inputs[0], out = node.output;
  const int64_t inputs = graph_.shape(in).c, outputs = graph_.shape(out).c;
  if (node.inputs.size() == 2) tie_range(node.inputs[1], 0, out, 0, outputs);
  if (conv.keeps_scale) keep(out);  // it selects channels by their numbers
  if (conv.group == 1) return;
  if (conv.group != inputs) {
    keep(in);
    keep(out);
    return;
  }
  const int64_t each = outputs / inputs;
  for (int64_t c = 0; c < outputs; ++c) tie(in, c / each, out, c);
}

void ChannelClasses::tie_node(const graph::Node& node) {
  const graph::ValueId out = node.output;
  const int64_t channels = graph_.shape(out).c;
  if (node.before != graph::kNoValue) tie_range(node.before, 0, out, 0, channels);
  const auto tie_all = [&] {
    for (const graph::ValueId in : node.inputs) tie_range(in, 0, out, 0, channels);
  };
  std::visit(Overloaded{
                 [&](const graph::Conv& conv) { tie_conv(node, conv); },
                 [&](const graph::Concat& concat) {
                   int64_t at = 0;
                   for (const graph::ValueId in : node.inputs) {
                     tie_range(in, 0, out, at, graph_.shape(in).c);
                     if (concat.axis == graph::Axis::kChannel) at += graph_.shape(in).c;
                   }
                 },
                 [&](const graph::Slice& slice) {
                   tie_range(node.inputs[0], slice.first.c, out, 0, channels);
                 },
                 [&](const graph::Reshape& reshape) {
                   if (graph_.shape(node.inputs[0]).c == channels && !reshape.channels_last)
                     return tie_all();
                   keep(node.inputs[0]);
                   keep(out);
                 },
                 [&](const OneOf<graph::Clamp, graph::MaxPool, graph::AveragePool, graph::Add,
                                 graph::ScaleShift, graph::Pad, graph::Unary, graph::Combine,
                                 graph::Interleave> auto&) { tie_all(); },
             },
             node.op);
}

}  // namespace systole::prune
