// SPDX-License-Identifier: Apache-2.0
// Queries and edits of the float graph.
#include "compiler/graph/graph.h"

#include <algorithm>
#include <utility>

namespace systole::graph {

Node make_node(Operator op, std::vector<ValueId> inputs) {
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  return node;
}

ValueId Graph::add_like(ValueId v, const std::string& suffix) {
  Value value = values[static_cast<size_t>(v)];
  value.name += suffix;
  value.integer_zero.reset();  // of the network's own inputs and outputs
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

bool Graph::is_input(ValueId v) const {
  return std::find(inputs.begin(), inputs.end(), v) != inputs.end();
}

int Graph::producer(ValueId v) const {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].output == v) return static_cast<int>(i);
  }
  return -1;
}

std::vector<size_t> Graph::consumers(ValueId v) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (ValueId in : nodes[i].inputs) {
      if (in == v) found.push_back(i);
    }
  }
  return found;
}

bool Graph::is_output(ValueId v) const {
  return std::find(outputs.begin(), outputs.end(), v) != outputs.end();
}

bool Graph::only_reader(ValueId v, size_t index) const {
  const std::vector<size_t> readers = consumers(v);
  return !is_output(v) && readers.size() == 1 && readers[0] == index;
}

void Graph::bypass(size_t index, ValueId replacement) {
  const ValueId old = nodes[index].output;
  nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(index));
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), old, replacement);
  if (const auto& codes = values[static_cast<size_t>(old)].codes)
    values[static_cast<size_t>(replacement)].codes = codes;
  if (!is_output(old)) return;
  // The replacement takes over the name and shape by which the network knows its output.
  values[static_cast<size_t>(replacement)].name = values[static_cast<size_t>(old)].name;
  values[static_cast<size_t>(replacement)].onnx_shape = values[static_cast<size_t>(old)].onnx_shape;
  values[static_cast<size_t>(replacement)].channels_last =
      values[static_cast<size_t>(old)].channels_last;
  values[static_cast<size_t>(replacement)].order = values[static_cast<size_t>(old)].order;
  values[static_cast<size_t>(replacement)].integer_zero =
      values[static_cast<size_t>(old)].integer_zero;
  std::replace(outputs.begin(), outputs.end(), old, replacement);
}

}  // namespace systole::graph
