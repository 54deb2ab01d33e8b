// SPDX-License-Identifier: Apache-2.0
// Goes through all tensors of a model: initializers, attributes, bodies, functions.
#include "compiler/onnx/external_files.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <fstream>
#include <set>
#include <string>

namespace systole::importer {
namespace {

using Locations = std::set<std::string>;

void add_tensor(const onnx::TensorProto& tensor, Locations& found) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data())
    if (entry.key() == "location") found.insert(entry.value());
}

void add_graph(const onnx::GraphProto& graph, Locations& found);

template <typename Nodes>
void add_nodes(const Nodes& nodes, Locations& found) {
  for (const onnx::NodeProto& node : nodes)
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_t()) add_tensor(attribute.t(), found);
      for (const onnx::TensorProto& tensor : attribute.tensors()) add_tensor(tensor, found);
      if (attribute.has_g()) add_graph(attribute.g(), found);
      for (const onnx::GraphProto& body : attribute.graphs()) add_graph(body, found);
    }
}

void add_graph(const onnx::GraphProto& graph, Locations& found) {
  for (const onnx::TensorProto& tensor : graph.initializer()) add_tensor(tensor, found);
  add_nodes(graph.node(), found);
}

}  // namespace

std::vector<std::filesystem::path> external_files(const std::filesystem::path& path) {
  const google::protobuf::LogSilencer silence;
  onnx::ModelProto model;
  std::ifstream file(path, std::ios::binary);
  if (!file || !model.ParseFromIstream(&file)) return {};
  Locations found;
  add_graph(model.graph(), found);
  for (const onnx::FunctionProto& function : model.functions()) add_nodes(function.node(), found);
  std::vector<std::filesystem::path> files;
  for (const std::string& location : found) files.push_back(path.parent_path() / location);
  return files;
}

}  // namespace systole::importer
