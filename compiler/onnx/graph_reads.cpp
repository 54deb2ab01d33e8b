// SPDX-License-Identifier: Apache-2.0
// A graph inside a node reads what is around it by name.
#include "compiler/onnx/graph_reads.h"

namespace systole::importer {

void add_captured(const onnx::GraphProto& graph, std::set<std::string>& names) {
  std::set<std::string> own;
  for (const auto& tensor : graph.initializer()) own.insert(tensor.name());
  for (const auto& input : graph.input()) own.insert(input.name());
  std::set<std::string> read;
  for (const onnx::NodeProto& node : graph.node()) {
    add_reads(node, read);
    own.insert(node.output().begin(), node.output().end());
  }
  for (const auto& output : graph.output()) read.insert(output.name());
  for (const std::string& name : read)
    if (!name.empty() && own.count(name) == 0) names.insert(name);
}

void add_reads(const onnx::NodeProto& node, std::set<std::string>& names) {
  names.insert(node.input().begin(), node.input().end());
  for (const auto& attribute : node.attribute())
    if (attribute.has_g()) add_captured(attribute.g(), names);
}

}  // namespace systole::importer
