// SPDX-License-Identifier: Apache-2.0
// Walks the nodes of an ONNX graph once: folds constants, translates the rest, collects refusals.
#include "compiler/onnx/importer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "compiler/graph/refusal.h"
#include "compiler/host/host_operators.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// A copy of an input that only its codes tell from the output `name`.
Operand copied(ImportContext& context, const std::string& name, const Operand& input) {
  onnx::NodeProto proto;
  proto.set_op_type("QuantizeLinear");
  proto.add_output(name);
  Node node;
  node.op = Op::kClamp;
  node.inputs = {input.value};
  Operand made = context.make(proto, std::move(node), input.dims, input.channels_last);
  context.graph.values[static_cast<size_t>(made.value)].codes = context.graph.codes(input.value);
  made.integers = input.integers;
  return made;
}

/// Names the outputs; what cannot be one is refused together with the nodes.
void import_outputs(ImportContext& context, const onnx::GraphProto& proto,
                    std::vector<Refusal>& refusals) {
  Graph& graph = context.graph;
  for (const auto& output : proto.output()) {
    if (context.is_refused(output.name())) continue;
    const auto refuse = [&](const char* why) {
      refusals.push_back({output.name(), fmt::format("output '{}'", output.name()), why, false});
    };
    if (!context.is_defined(output.name())) {
      refuse("not supported");
      continue;
    }
    Operand operand = context.operand(output.name());
    if (operand.literal == nullptr && graph.is_input(operand.value) && graph.codes(operand.value))
      operand = copied(context, output.name(), operand);
    if (operand.literal != nullptr) {
      refuse("constant");
    } else if (graph.is_input(operand.value)) {
      refuse("an input itself");
    } else if (graph.is_output(operand.value)) {
      refuse("the same tensor as another output");
    } else {
      graph.outputs.push_back(operand.value);
      Value& value = graph.values[static_cast<size_t>(operand.value)];
      value.name = output.name();
      value.onnx_shape = operand.dims;
      value.channels_last = operand.channels_last;
      if (operand.integers) value.integer_zero = operand.integers->offset();
    }
  }
}

}  // namespace

std::string node_text(const onnx::NodeProto& node) {
  const std::string name =
      node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  return fmt::format("node '{}' ({})", name, node.op_type());
}

Graph import_model(const onnx::ModelProto& model, const std::filesystem::path& folder,
                   const InputShapes& shapes) {
  const int64_t opset = onnx_opset(model);
  ImportContext context(model.graph(), folder, opset);
  std::vector<Refusal> refusals;
  import_inputs(context, model.graph(), shapes);
  for (const onnx::NodeProto& node : model.graph().node()) {
    try {
      translate_node(context, node);
    } catch (const Unsupported& reason) {
      refusals.push_back({node.output_size() > 0 ? node.output(0) : "", node_text(node),
                          reason.what(), host_computes(node, opset)});
      context.refuse(node);
    } catch (const DependsOnRefused&) {
      context.refuse(node);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", node_text(node), error.what()), error.code());
    }
  }
  import_outputs(context, model.graph(), refusals);
  if (!refusals.empty()) throw RefusedNodes(std::move(refusals));
  verify(context.graph, "import");
  return std::move(context.graph);
}

std::vector<std::string> opset_warnings(const onnx::ModelProto& model) {
  const int64_t opset = onnx_opset(model);
  if (opset <= kNewestOpset) return {};
  return {fmt::format("opset {} is read as opset {}", opset, kNewestOpset)};
}

std::vector<std::string> type_warnings(const onnx::ModelProto& model) {
  std::set<std::string> converted;
  const auto see = [&](int64_t type) {
    if (is_real_type(static_cast<int>(type)) && type != onnx::TensorProto::FLOAT)
      converted.insert(type_name(static_cast<int>(type)));
  };
  const onnx::GraphProto& graph = model.graph();
  for (const auto& input : graph.input()) see(input.type().tensor_type().elem_type());
  for (const auto& output : graph.output()) see(output.type().tensor_type().elem_type());
  for (const auto& tensor : graph.initializer()) see(tensor.data_type());
  for (const auto& node : graph.node()) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == "to" && node.op_type() == "Cast") see(attribute.i());
      if (attribute.has_t()) see(attribute.t().data_type());
    }
  }
  if (converted.empty()) return {};
  return {fmt::format("{} is computed as float32", fmt::join(converted, ", "))};
}

Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings,
                  const InputShapes& shapes) {
  const onnx::ModelProto model = read_model(path);
  if (warnings != nullptr) {
    for (const auto& said : {opset_warnings(model), type_warnings(model)})
      for (const std::string& text : said)
        warnings->push_back(fmt::format("{}: {}", path.string(), text));
  }
  try {
    Graph graph = import_model(model, path.parent_path(), shapes);
    if (graph.name.empty()) graph.name = path.stem().string();
    if (warnings != nullptr) {
      for (const std::string& text : graph.warnings)
        warnings->push_back(fmt::format("{}: {}", path.string(), text));
    }
    return graph;
  } catch (const RefusedNodes& refused) {
    throw refused.in(path.string());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path.string(), error.what()), error.code());
  }
}

}  // namespace systole
