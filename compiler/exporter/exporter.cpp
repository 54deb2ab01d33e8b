// SPDX-License-Identifier: Apache-2.0
// Inputs, nodes, outputs, and what the host does at the end.
#include "compiler/exporter/exporter.h"

#include <fmt/format.h>

#include "compiler/exporter/graph_writer.h"
#include "compiler/exporter/value_writer.h"
#include "model/base/error.h"

namespace systole::exporter {

onnx::ModelProto write_model(const graph::Graph& graph, const std::vector<int>& weight_bits,
                             const std::map<std::string, std::string>& metadata,
                             int64_t most_opset) {
  ModelBuilder model(graph.name);
  ValueWriter values(model, graph, most_opset);
  for (const graph::ValueId in : graph.inputs) values.add_input(in);
  write_nodes(model, values, graph, weight_bits);
  for (const graph::ValueId out : graph.outputs) values.add_output(out);
  for (const auto& [key, value] : metadata) model.add_metadata(key, value);
  return model.build();
}

}  // namespace systole::exporter
