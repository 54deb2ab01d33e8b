// SPDX-License-Identifier: Apache-2.0
// ONNX file to checked protobuf. libonnx's own checker is not used: it stops at opset 17.
#include "compiler/onnx/model_file.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <string>

#include "compiler/onnx/node_order.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

bool parse(const std::filesystem::path& path, onnx::ModelProto& model) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("{}: cannot open the network", path.string()));
  // Protobuf would print its own complaint on stderr; ours is enough.
  const google::protobuf::LogSilencer silence;
  google::protobuf::io::IstreamInputStream stream(&file);
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  return model.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

}  // namespace

void check_graph(const onnx::GraphProto& graph, const std::string& file) {
  std::set<std::string> defined;
  for (const auto& tensor : graph.initializer()) {
    if (tensor.name().empty()) throw Error(file + ": an initializer has no name");
    if (!defined.insert(tensor.name()).second) {
      throw Error(fmt::format("{}: initializer '{}' is defined twice", file, tensor.name()));
    }
  }
  std::set<std::string> inputs;
  for (const auto& input : graph.input()) {
    if (!inputs.insert(input.name()).second) {
      throw Error(fmt::format("{}: input '{}' is defined twice", file, input.name()));
    }
    defined.insert(input.name());  // an initializer may also be listed as an input
  }
  for (const auto& node : graph.node()) {
    const std::string name =
        node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
    std::set<std::string> attributes;
    for (const auto& attribute : node.attribute()) {
      if (attributes.insert(attribute.name()).second) continue;
      throw Error(fmt::format("{}: node '{}' ({}) states attribute '{}' twice", file, name,
                              node.op_type(), attribute.name()));
    }
    for (const std::string& in : node.input()) {
      if (in.empty() || defined.count(in) != 0) continue;
      throw Error(fmt::format("{}: node '{}' ({}) reads '{}', which nothing before it defines",
                              file, name, node.op_type(), in));
    }
    for (const std::string& out : node.output()) {
      if (out.empty() || defined.insert(out).second) continue;
      throw Error(fmt::format("{}: node '{}' ({}) defines '{}' a second time", file, name,
                              node.op_type(), out));
    }
  }
  if (graph.output_size() == 0) throw Error(file + ": the graph has no output");
  std::set<std::string> stated;
  for (const auto& output : graph.output()) {
    if (!stated.insert(output.name()).second)
      throw Error(fmt::format("{}: output '{}' is stated twice", file, output.name()));
    if (defined.count(output.name()) != 0) continue;
    throw Error(fmt::format("{}: nothing defines the output '{}'", file, output.name()));
  }
}

int64_t onnx_opset(const onnx::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (values::is_standard(opset.domain())) return opset.version();
  }
  // A network of another domain's operators alone needs no opset.
  const auto& nodes = model.graph().node();
  const bool foreign = std::none_of(nodes.begin(), nodes.end(), [](const onnx::NodeProto& node) {
    return values::is_standard(node);
  });
  return foreign && model.opset_import_size() > 0 ? kNewestOpset : 0;
}

onnx::ModelProto read_model(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    throw Error(fmt::format("{}: is a folder, expected an ONNX file", file));
  }
  onnx::ModelProto model;
  if (!parse(path, model)) throw Error(fmt::format("{}: not an ONNX file, or cut short", file));
  // Bytes that are no network can still parse: protobuf skips what it does not know.
  if (!model.has_graph() || model.graph().node_size() == 0) {
    throw Error(fmt::format("{}: not an ONNX file: it holds no graph", file));
  }
  const int64_t opset = onnx_opset(model);
  if (opset == 0) throw Error(fmt::format("{}: imports no ONNX operators (opset_import)", file));
  if (opset < kOldestOpset) {
    throw Error(fmt::format("{}: opset {} is too old, expected {} to {}", file, opset, kOldestOpset,
                            kNewestOpset));
  }
  sort_nodes(*model.mutable_graph());
  check_graph(model.graph(), file);
  return model;
}

}  // namespace systole::importer
