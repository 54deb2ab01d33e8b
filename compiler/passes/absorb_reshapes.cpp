// SPDX-License-Identifier: Apache-2.0
// Reshapes disappear: a reshape moves no element in NCHW order, but the machine stores NHWC.
#include <fmt/format.h>

#include "compiler/graph/refusal.h"
#include "compiler/passes/passes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// The host writes the input in the order of its first use.
bool absorb_into_input(Graph& graph, size_t index) {
  const Node& node = graph.nodes[index];
  const ValueId in = node.inputs[0];
  if (!graph.is_input(in) || !graph.only_reader(in, index) || graph.is_output(node.output) ||
      node.channels_last != graph.values[static_cast<size_t>(in)].channels_last) {
    return false;
  }
  graph.values[static_cast<size_t>(in)].shape = graph.shape(node.output);
  graph.bypass(index, in);
  return true;
}

/// The host reads an output as NCHW, whatever shape the network gives it.
bool absorb_into_output(Graph& graph, size_t index) {
  const Node& node = graph.nodes[index];
  const ValueId in = node.inputs[0];
  if (!graph.is_output(node.output) || !graph.consumers(node.output).empty() ||
      graph.is_output(in) || graph.is_input(in)) {
    return false;
  }
  graph.values[static_cast<size_t>(node.output)].channels_last = node.channels_last;
  graph.bypass(index, in);
  return true;
}

/// A fully connected layer over a flattened map is a convolution whose kernel covers the map: its
/// weights [out][c*h*w] are [out][c][h][w] as they stand, those [out][h*w*c] are put in that order.
bool absorb_into_reader(Graph& graph, size_t index) {
  const ValueId in = graph.nodes[index].inputs[0];
  const Chw map = graph.shape(in), flat = graph.shape(graph.nodes[index].output);
  if (graph.is_output(graph.nodes[index].output)) return false;
  if (flat.h != 1 || flat.w != 1) return false;
  const std::vector<size_t> readers = graph.consumers(graph.nodes[index].output);
  for (size_t r : readers) {
    const Node& reader = graph.nodes[r];
    const Window one;
    if (reader.op != Op::kConv || !(reader.window == one) || reader.group != 1 ||
        reader.inputs[0] != graph.nodes[index].output || reader.inputs.size() != 1) {
      return false;
    }
  }
  for (size_t r : readers) {
    Node& reader = graph.nodes[r];
    reader.window.kh = map.h;
    reader.window.kw = map.w;
    if (!graph.nodes[index].channels_last) continue;
    std::vector<float> weights;
    weights.reserve(reader.weights.size());
    const int64_t area = map.h * map.w;
    for (size_t row = 0; row < reader.weights.size(); row += static_cast<size_t>(map.elements())) {
      for (int64_t c = 0; c < map.c; ++c) {
        for (int64_t p = 0; p < area; ++p)
          weights.push_back(reader.weights[row + static_cast<size_t>(p * map.c + c)]);
      }
    }
    reader.weights = std::move(weights);
  }
  graph.bypass(index, in);
  return true;
}

/// f(reshape(x)) = reshape(f(x)) for elementwise f: moves the reshape at `index` behind its only
/// reader.
bool sink(Graph& graph, size_t index) {
  Node& reshape = graph.nodes[index];
  const std::vector<size_t> readers = graph.consumers(reshape.output);
  if (readers.size() != 1 || graph.is_output(reshape.output)) return false;
  Node& reader = graph.nodes[readers[0]];
  if (reader.op != Op::kClamp && reader.op != Op::kFunction) return false;
  // The reader takes over the reshape's result as its own, in the shape before the reshape.
  const ValueId middle = reshape.output;
  graph.values[static_cast<size_t>(middle)].shape = graph.shape(reshape.inputs[0]);
  reader.inputs[0] = reshape.inputs[0];
  reshape.inputs[0] = middle;
  std::swap(reshape.output, reader.output);
  std::swap(graph.nodes[index], graph.nodes[readers[0]]);
  return true;
}

/// reshape(reshape(x)) is one reshape.
bool merge(Graph& graph, size_t index) {
  const int before = graph.producer(graph.nodes[index].inputs[0]);
  if (before < 0 || graph.nodes[static_cast<size_t>(before)].op != Op::kReshape) return false;
  const ValueId middle = graph.nodes[index].inputs[0];
  const Chw shape = graph.shape(middle);
  // Of a list of features both orders of elements are the same.
  const bool list = shape.h * shape.w == 1 || shape.c == 1;
  const bool first = graph.nodes[static_cast<size_t>(before)].channels_last;
  if (first != graph.nodes[index].channels_last) {
    if (!list) return false;
    const Chw from = graph.shape(graph.nodes[static_cast<size_t>(before)].inputs[0]);
    const Chw to = graph.shape(graph.nodes[index].output);
    const bool from_list = from.h * from.w == 1 || from.c == 1;
    if (!from_list && !(to.h * to.w == 1 || to.c == 1)) return false;
    if (!from_list) graph.nodes[index].channels_last = first;
  }
  graph.nodes[index].inputs[0] = graph.nodes[static_cast<size_t>(before)].inputs[0];
  remove_dead_nodes(graph);
  return true;
}

bool drop_if_same(Graph& graph, size_t index) {
  const Node& node = graph.nodes[index];
  if (!(graph.shape(node.inputs[0]) == graph.shape(node.output)) || graph.is_output(node.output))
    return false;
  graph.bypass(index, node.inputs[0]);
  return true;
}

/// Whether the bytes lie in NHWC order as they did before.
bool moves_nothing(const Graph& graph, const Node& node) {
  const Chw a = graph.shape(node.inputs[0]), b = graph.shape(node.output);
  if (node.channels_last || a.c == b.c) return true;
  // Where there are only channels, or only positions, NCHW is NHWC.
  return (a.c == 1 || a.h * a.w == 1) && (b.c == 1 || b.h * b.w == 1);
}

}  // namespace

void absorb_reshapes(Graph& graph) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < graph.nodes.size() && !changed; ++i) {
      if (graph.nodes[i].op != Op::kReshape) continue;
      changed = merge(graph, i) || drop_if_same(graph, i) || absorb_into_input(graph, i) ||
                absorb_into_output(graph, i) || absorb_into_reader(graph, i) || sink(graph, i);
    }
  }
  std::vector<Refusal> left;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kReshape || moves_nothing(graph, node)) continue;
    const Chw a = graph.shape(node.inputs[0]), b = graph.shape(node.output);
    left.push_back(
        {node.origin, fmt::format("node '{}' ({})", node.name, node.op_type),
         fmt::format("reshape of {}x{}x{} to {}x{}x{} would move data; supported are reshapes at "
                     "the input, at outputs, before fully connected layers and of rows and columns "
                     "alone",
                     a.c, a.h, a.w, b.c, b.h, b.w),
         !node.origin.empty()});
  }
  if (!left.empty()) throw RefusedNodes(std::move(left));
}

}  // namespace systole
