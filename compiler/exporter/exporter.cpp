// SPDX-License-Identifier: Apache-2.0
// Inputs, nodes, outputs, and what the host does at the end.
#include "compiler/exporter/exporter.h"

#include <fmt/format.h>

#include "compiler/exporter/graph_writer.h"
#include "compiler/exporter/value_writer.h"
#include "model/base/error.h"

namespace systole::exporter {

namespace {

/// Whether `node` gives the bytes that it reads.
bool moves_nothing(const graph::Graph& graph, const graph::Node& node) {
  const bool copies = node.is<graph::Clamp>() && !node.clamped() && !node.function &&
                      graph.codes(node.inputs[0]) == graph.codes(node.output);
  return node.is<graph::Reshape>() || copies;
}

/// The reader gives an output that is an input, in whatever shape, a copy of its own.
void check_outputs(const graph::Graph& graph) {
  for (const graph::ValueId out : graph.outputs) {
    graph::ValueId v = out;
    for (int at = graph.producer(v); at >= 0; at = graph.producer(v)) {
      const graph::Node& node = graph.nodes[static_cast<size_t>(at)];
      if (!moves_nothing(graph, node)) break;
      v = node.inputs[0];
    }
    if (graph.is_input(v))
      throw Error(fmt::format("output '{}': is the input '{}', which is not written",
                              graph.values[static_cast<size_t>(out)].name,
                              graph.values[static_cast<size_t>(v)].name),
                  ExitCode::kCannotCompile);
  }
}

}  // namespace

onnx::ModelProto write_model(const graph::Graph& graph, const std::vector<int>& weight_bits,
                             const std::map<std::string, std::string>& metadata,
                             int64_t most_opset) {
  check_outputs(graph);
  ModelBuilder model(graph.name);
  ValueWriter values(model, graph, most_opset);
  for (const graph::ValueId in : graph.inputs) values.add_input(in);
  write_nodes(model, values, graph, weight_bits);
  for (const graph::ValueId out : graph.outputs) values.add_output(out);
  for (const auto& [key, value] : metadata) model.add_metadata(key, value);
  return model.build();
}

}  // namespace systole::exporter
