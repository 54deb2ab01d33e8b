// SPDX-License-Identifier: Apache-2.0
// Orders of the elements of an item: NCHW, as stored (NHWC), as loops.
#pragma once

#include <optional>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::graph {

/// An order: which element, by its index in another order, comes at each place.
using ElementOrder = std::vector<int32_t>;

/// The NCHW index of each element of `shape` as stored.
ElementOrder stored_order(const Chw& shape);
/// The place of each element in `order`.
ElementOrder inverse(const ElementOrder& order);
/// inner[outer[i]] at each i: `outer` of what is in the order `inner`.
ElementOrder composed(const ElementOrder& outer, const ElementOrder& inner);
bool is_identity(const ElementOrder& order);

/// Loops that give `order`; nothing if none do.
std::optional<std::vector<program::ElementLoop>> loops_of(const ElementOrder& order);
/// What `loops` visit.
ElementOrder order_of(const std::vector<program::ElementLoop>& loops);

/// The NCHW index in its input of each element of the result of `node`, a reshape.
ElementOrder order_of(const Graph& graph, const Node& node);
/// Makes `node`, a reshape, move its elements so: by its flag where it can say it.
void set_order(const Graph& graph, Node& node, ElementOrder from);

/// The NCHW index of each element of an item of `value`, an input or output, as the network states
/// it.
ElementOrder stated_order(const Value& value);
/// Says the same of `value`; false: there are no such loops.
bool set_stated_order(Value& value, const ElementOrder& order);

}  // namespace systole::graph
