// SPDX-License-Identifier: Apache-2.0
// Index arithmetic of element orders.
#include "compiler/graph/element_order.h"

#include <numeric>

namespace systole::graph {

namespace {

ElementOrder identity_of(int64_t elements) {
  ElementOrder order(static_cast<size_t>(elements));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

ElementOrder stored_order(const Chw& shape) {
  const int64_t area = shape.h * shape.w;
  ElementOrder order;
  order.reserve(static_cast<size_t>(shape.elements()));
  for (int64_t p = 0; p < area; ++p) {
    for (int64_t c = 0; c < shape.c; ++c) order.push_back(static_cast<int32_t>(c * area + p));
  }
  return order;
}

ElementOrder inverse(const ElementOrder& order) {
  ElementOrder result(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    result[static_cast<size_t>(order[i])] = static_cast<int32_t>(i);
  return result;
}

ElementOrder composed(const ElementOrder& outer, const ElementOrder& inner) {
  ElementOrder result(outer.size());
  for (size_t i = 0; i < outer.size(); ++i) result[i] = inner[static_cast<size_t>(outer[i])];
  return result;
}

bool is_identity(const ElementOrder& order) {
  for (size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<int32_t>(i)) return false;
  return true;
}

std::optional<std::vector<program::ElementLoop>> loops_of(const ElementOrder& order) {
  std::vector<program::ElementLoop> loops;
  if (order.empty() || order[0] != 0) return std::nullopt;
  if (order.size() == 1) return std::vector<program::ElementLoop>{{1, 0}};
  ElementOrder starts = order;  // of the blocks that the loops found so far visit
  while (starts.size() > 1) {
    const int32_t stride = starts[1] - starts[0];
    size_t count = 2;
    while (count < starts.size() && starts[count] - starts[count - 1] == stride) ++count;
    if (stride < 0 || starts.size() % count != 0) return std::nullopt;
    ElementOrder outer;
    for (size_t i = 0; i < starts.size(); ++i) {
      if (i % count == 0)
        outer.push_back(starts[i]);
      else if (starts[i] - starts[i - 1] != stride)
        return std::nullopt;
    }
    loops.insert(loops.begin(), {static_cast<int64_t>(count), stride});
    starts = std::move(outer);
  }
  return loops;
}

ElementOrder order_of(const std::vector<program::ElementLoop>& loops) {
  ElementOrder order = {0};
  for (const program::ElementLoop& loop : loops) {
    ElementOrder inner;
    inner.reserve(order.size() * static_cast<size_t>(loop.count));
    for (int32_t start : order) {
      for (int64_t i = 0; i < loop.count; ++i)
        inner.push_back(start + static_cast<int32_t>(i * loop.stride));
    }
    order = std::move(inner);
  }
  return order;
}

ElementOrder order_of(const Graph& graph, const Node& node) {
  const auto& reshape = node.as<Reshape>();
  if (!reshape.from.empty()) return reshape.from;
  const Chw& to = graph.shape(node.output);
  if (!reshape.channels_last) return identity_of(to.elements());
  return composed(inverse(stored_order(to)), stored_order(graph.shape(node.inputs[0])));
}

void set_order(const Graph& graph, Node& node, ElementOrder from) {
  auto& reshape = node.as<Reshape>();
  reshape = Reshape{};
  if (is_identity(from)) return;
  reshape.channels_last = true;
  if (order_of(graph, node) == from) return;
  reshape.channels_last = false;
  reshape.from = std::move(from);
}

ElementOrder stated_order(const Value& value) {
  if (!value.order.empty()) return composed(order_of(value.order), stored_order(value.shape));
  return value.channels_last ? stored_order(value.shape) : identity_of(value.shape.elements());
}

bool set_stated_order(Value& value, const ElementOrder& order) {
  value.order.clear();
  value.channels_last = false;
  if (is_identity(order)) return true;
  const ElementOrder stored = stored_order(value.shape);
  value.channels_last = order == stored;
  if (value.channels_last) return true;
  auto loops = loops_of(composed(order, inverse(stored)));
  if (!loops) return false;
  value.order = std::move(*loops);
  return true;
}

}  // namespace systole::graph
