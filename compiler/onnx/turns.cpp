// SPDX-License-Identifier: Apache-2.0
// Finds out where each part of a Concat comes to lie, and interleaves the parts.
#include "compiler/onnx/turns.h"

#include <optional>
#include <utility>
#include <vector>

#include "compiler/values/attributes.h"
#include "compiler/values/node_names.h"

namespace systole::importer {

namespace {

/// The rows or columns of a part in the whole.
struct Turn {
  int64_t first = 0, step = 1;
};

/// Where the elements [begin, begin + count) of the Concat are among `order`, evenly spaced.
std::optional<Turn> turn_of(const std::vector<int64_t>& place_of, int64_t begin, int64_t count) {
  const auto at = [&](int64_t i) { return place_of[static_cast<size_t>(begin + i)]; };
  const Turn turn = {at(0), count > 1 ? at(1) - at(0) : 1};
  for (int64_t i = 0; i < count; ++i)
    if (at(i) < 0 || turn.step < 1 || at(i) != turn.first + i * turn.step) return std::nullopt;
  return turn;
}

/// The place of each element in `order`; nothing if one is missing or there twice.
std::optional<std::vector<int64_t>> inverse(const std::vector<int64_t>& order) {
  const auto size = static_cast<int64_t>(order.size());
  std::vector<int64_t> place_of(order.size(), -1);
  for (int64_t i = 0; i < size; ++i) {
    const int64_t from =
        order[static_cast<size_t>(i)] + (order[static_cast<size_t>(i)] < 0 ? size : 0);
    if (from < 0 || from >= size || place_of[static_cast<size_t>(from)] >= 0) return std::nullopt;
    place_of[static_cast<size_t>(from)] = i;
  }
  return place_of;
}

/// The node that makes operand `i` of `node`, if that is a value of rows and columns.
const graph::Node* maker(ImportContext& context, const onnx::NodeProto& node) {
  if (!values::is_standard(node) || node.op_type() != "Gather" || node.input_size() != 2)
    return nullptr;
  for (const std::string& name : node.input())
    if (context.is_refused(name) || !context.is_defined(name)) return nullptr;
  const Operand& x = context.operand(node, 0);
  if (x.value == graph::kNoValue || x.view != nullptr) return nullptr;
  const int at = context.graph.producer(x.value);
  return at < 0 ? nullptr : &context.graph.nodes[static_cast<size_t>(at)];
}

/// Adds `part`, which has the rows or columns `turn` of the whole, or those that it is made of.
void add_part(const graph::Graph& graph, graph::ValueId part, graph::Axis axis, const Turn& turn,
              graph::Node& result) {
  auto& places = result.as<graph::Interleave>().parts;
  const bool rows = axis == graph::Axis::kRow;
  const int at = graph.producer(part);
  const graph::Node* const inner = at < 0 ? nullptr : &graph.nodes[static_cast<size_t>(at)];
  const auto* of_columns = inner == nullptr ? nullptr : inner->if_is<graph::Interleave>();
  if (!rows || of_columns == nullptr) {
    result.inputs.push_back(part);
    places.push_back(rows ? graph::Part{turn.first, 0, turn.step, 1}
                          : graph::Part{0, turn.first, 1, turn.step});
    return;
  }
  for (size_t i = 0; i < inner->inputs.size(); ++i) {
    graph::Part place = of_columns->parts[i];
    place.h = turn.first + place.h * turn.step;
    place.step_h *= turn.step;
    result.inputs.push_back(inner->inputs[i]);
    places.push_back(place);
  }
}

}  // namespace

bool put_in_turn(ImportContext& context, const onnx::NodeProto& node) {
  const graph::Node* const join = maker(context, node);
  if (join == nullptr || !join->is<graph::Concat>()) return false;
  const Operand x = context.operand(node, 0);
  const Operand& indices = context.operand(node, 1);
  const int64_t axis = values::normalise_axis(values::int_attribute(node, "axis", 0),
                                              static_cast<int64_t>(x.dims.size()));
  const auto role = axis_of(x, axis);
  if (!role || *role == graph::Axis::kChannel || *role != join->as<graph::Concat>().axis)
    return false;
  if (indices.literal == nullptr || indices.literal->is_float || indices.dims.size() != 1 ||
      indices.literal->size() != x.dims[static_cast<size_t>(axis)])
    return false;
  const auto place_of = inverse(indices.literal->ints);
  if (!place_of) return false;
  graph::Node result = graph::make_node(graph::Interleave{}, {});
  int64_t begin = 0;
  for (const graph::ValueId part : join->inputs) {
    graph::Chw size = context.graph.shape(part);
    const int64_t count = graph::along(size, *role);
    const auto turn = turn_of(*place_of, begin, count);
    if (!turn) return false;
    add_part(context.graph, part, *role, *turn, result);
    begin += count;
  }
  context.emit(node, std::move(result), x.dims, x.channels_last);
  return true;
}

}  // namespace systole::importer
