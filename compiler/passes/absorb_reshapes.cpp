// SPDX-License-Identifier: Apache-2.0
// Reshapes disappear: into the orders in which the host writes inputs and reads outputs, and into
// the weights of operators beside them. What is left moves no byte, or is rearranged.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/element_order.h"
#include "compiler/graph/refusal.h"
#include "compiler/passes/passes.h"
#include "compiler/passes/rearrange.h"
#include "model/base/error.h"

namespace systole::passes {

namespace {

graph::Value& value_of(graph::Graph& graph, graph::ValueId v) {
  return graph.values[static_cast<size_t>(v)];
}

/// Whether `node` is another output that is its input's bytes.
bool is_view(const graph::Graph& graph, const graph::Node& node) {
  return node.is<graph::Reshape>() && graph.is_output(node.output) &&
         graph.consumers(node.output).empty() &&
         graph.shape(node.inputs[0]) == graph.shape(node.output) &&
         graph::is_identity(graph::order_of(graph, node));
}

/// `value`, whose elements now lie in another order, `from` in the one before, and in `shape`;
/// nothing if no loops read it.
std::optional<graph::Value> turned(graph::Value value, const graph::Chw& shape,
                                   const graph::ElementOrder& from) {
  const graph::ElementOrder order =
      graph::composed(graph::stated_order(value), graph::inverse(from));
  value.shape = shape;
  if (!graph::set_stated_order(value, order)) return std::nullopt;
  return value;
}

/// The host writes the input in the order of its use, if all its readers want the same one.
bool absorb_into_input(graph::Graph& graph, size_t index) {
  const graph::Node node = graph.nodes[index];
  const graph::ValueId in = node.inputs[0];
  if (!graph.is_input(in) || graph.is_output(node.output)) return false;
  const graph::ElementOrder from = graph::order_of(graph, node);
  const graph::Chw shape = graph.shape(node.output);
  std::vector<std::pair<graph::ValueId, graph::Value>> changed;
  const auto turn = [&](graph::ValueId v) {
    auto value = turned(value_of(graph, v), shape, from);
    if (value) changed.emplace_back(v, std::move(*value));
    return value.has_value();
  };
  if (!turn(in)) return false;
  const std::vector<size_t> readers = graph.consumers(in);
  for (size_t r : readers) {
    const graph::Node& other = graph.nodes[r];
    if (is_view(graph, other)) {
      if (!turn(other.output)) return false;
    } else if (!other.is<graph::Reshape>() || graph.is_output(other.output) ||
               !(graph.shape(other.output) == shape) || graph::order_of(graph, other) != from) {
      return false;
    }
  }
  for (auto& [v, value] : changed) value_of(graph, v) = std::move(value);
  for (size_t r = readers.size(); r-- > 0;)
    if (!graph.is_output(graph.nodes[readers[r]].output)) graph.bypass(readers[r], in);
  return true;
}

/// The host reads an output in the order that the network states.
bool absorb_into_output(graph::Graph& graph, size_t index) {
  const graph::Node node = graph.nodes[index];
  const graph::ValueId in = node.inputs[0];
  if (!graph.is_output(node.output)) return false;
  const graph::ElementOrder from = graph::order_of(graph, node);
  const bool shared = graph.is_output(in) || graph.is_input(in);
  const bool read = !graph.consumers(node.output).empty();
  if (shared && is_view(graph, node)) return false;
  graph::Value stated = value_of(graph, node.output);
  const graph::ElementOrder order = graph::composed(graph::stated_order(stated), from);
  stated.shape = graph.shape(in);
  if (!graph::set_stated_order(stated, order)) return false;
  if (!read && !shared) {
    value_of(graph, node.output).order = stated.order;
    value_of(graph, node.output).channels_last = stated.channels_last;
    graph.bypass(index, in);
    return true;
  }
  // Another way to read the same bytes; what reads the reshape keeps it.
  const auto view = static_cast<graph::ValueId>(graph.values.size());
  std::replace(graph.outputs.begin(), graph.outputs.end(), node.output, view);
  graph.values.push_back(std::move(stated));
  graph::Value& inside = value_of(graph, node.output);
  inside.name += "/reshaped";
  inside.integer_zero.reset();
  graph::Node same = node;
  same.op = graph::Reshape{};
  same.output = view;
  if (read)
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index), std::move(same));
  else
    graph.nodes[index] = std::move(same);
  return true;
}

/// A fully connected layer over a flattened map is a convolution whose kernel covers the map.
bool absorb_into_reader(graph::Graph& graph, size_t index) {
  const graph::ValueId in = graph.nodes[index].inputs[0];
  const graph::Chw map = graph.shape(in), flat = graph.shape(graph.nodes[index].output);
  if (graph.is_output(graph.nodes[index].output)) return false;
  if (flat.h != 1 || flat.w != 1) return false;
  const std::vector<size_t> readers = graph.consumers(graph.nodes[index].output);
  for (size_t r : readers) {
    const graph::Node& reader = graph.nodes[r];
    const graph::Window one;
    const auto* conv = reader.if_is<graph::Conv>();
    if (conv == nullptr || !(conv->window == one) || conv->group != 1 || conv->keeps_scale ||
        reader.inputs[0] != graph.nodes[index].output || reader.inputs.size() != 1) {
      return false;
    }
  }
  const graph::ElementOrder from = graph::order_of(graph, graph.nodes[index]);
  for (size_t r : readers) {
    auto& conv = graph.nodes[r].as<graph::Conv>();
    conv.window.kh = map.h;
    conv.window.kw = map.w;
    std::vector<float> weights(conv.weights.size());
    for (size_t row = 0; row < weights.size(); row += from.size()) {
      for (size_t i = 0; i < from.size(); ++i)
        weights[row + static_cast<size_t>(from[i])] = conv.weights[row + i];
    }
    conv.weights = std::move(weights);
  }
  graph.bypass(index, in);
  return true;
}

/// f(reshape(x)) = reshape(f(x)) for elementwise f: moves the reshape at `index` behind its only
/// reader.
bool sink(graph::Graph& graph, size_t index) {
  graph::Node& reshape = graph.nodes[index];
  const std::vector<size_t> readers = graph.consumers(reshape.output);
  if (readers.size() != 1 || graph.is_output(reshape.output)) return false;
  graph::Node& reader = graph.nodes[readers[0]];
  if (!reader.is<graph::Clamp, graph::Unary>()) return false;
  // The reader takes over the reshape's result as its own, in the shape before the reshape.
  const graph::ValueId middle = reshape.output;
  value_of(graph, middle).shape = graph.shape(reshape.inputs[0]);
  value_of(graph, middle).codes = graph.codes(reader.output);
  reader.inputs[0] = reshape.inputs[0];
  reshape.inputs[0] = middle;
  std::swap(reshape.output, reader.output);
  std::swap(graph.nodes[index], graph.nodes[readers[0]]);
  return true;
}

/// reshape(reshape(x)) is one reshape.
bool merge(graph::Graph& graph, size_t index) {
  const int before = graph.producer(graph.nodes[index].inputs[0]);
  if (before < 0 || !graph.nodes[static_cast<size_t>(before)].is<graph::Reshape>()) return false;
  graph::ElementOrder order =
      graph::composed(graph::order_of(graph, graph.nodes[index]),
                      graph::order_of(graph, graph.nodes[static_cast<size_t>(before)]));
  graph.nodes[index].inputs[0] = graph.nodes[static_cast<size_t>(before)].inputs[0];
  graph::set_order(graph, graph.nodes[index], std::move(order));
  remove_dead_nodes(graph);
  return true;
}

bool drop_if_same(graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  if (!(graph.shape(node.inputs[0]) == graph.shape(node.output)) || graph.is_output(node.output) ||
      !node.as<graph::Reshape>().from.empty())
    return false;
  graph.bypass(index, node.inputs[0]);
  return true;
}

void absorb_all(graph::Graph& graph) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < graph.nodes.size() && !changed; ++i) {
      if (!graph.nodes[i].is<graph::Reshape>()) continue;
      changed = merge(graph, i) || drop_if_same(graph, i) || absorb_into_input(graph, i) ||
                absorb_into_output(graph, i) || absorb_into_reader(graph, i) || sink(graph, i);
    }
  }
}

/// A network whose outputs are all views of its inputs has one copy made, so that there is a
/// program.
void keep_one_operator(graph::Graph& graph) {
  const bool none = std::all_of(graph.nodes.begin(), graph.nodes.end(),
                                [&](const graph::Node& node) { return is_view(graph, node); });
  if (none && !graph.nodes.empty()) graph.nodes[0].op = graph::Clamp{};
}

}  // namespace

void absorb_reshapes(graph::Graph& graph) {
  absorb_all(graph);
  keep_one_operator(graph);
  std::vector<graph::Refusal> left;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!graph.nodes[i].is<graph::Reshape>() || moves_nothing(graph, graph.nodes[i])) continue;
    if (rearrange(graph, i)) continue;
    const graph::Node& node = graph.nodes[i];
    const graph::Chw a = graph.shape(node.inputs[0]), b = graph.shape(node.output);
    left.push_back(
        {node.origin, fmt::format("node '{}' ({})", node.name, node.op_type),
         fmt::format("moving the elements of {}x{}x{} to {}x{}x{} would take more than {} weights "
                     "or {} parts",
                     a.c, a.h, a.w, b.c, b.h, b.w, kMaxSelection, kMaxSelectionParts),
         !node.origin.empty()});
  }
  if (!left.empty()) throw graph::RefusedNodes(std::move(left));
}

}  // namespace systole::passes
