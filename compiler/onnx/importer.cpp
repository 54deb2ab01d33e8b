// SPDX-License-Identifier: Apache-2.0
// Walks the nodes of an ONNX graph once: folds constants, translates the rest, collects refusals.
#include "compiler/onnx/importer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/constant_fold.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

const Translators& translators() {
  static const Translators table = [] {
    Translators t;
    add_linear_translators(t);
    add_pool_translators(t);
    add_elementwise_translators(t);
    add_function_translators(t);
    add_join_translators(t);
    add_shape_translators(t);
    return t;
  }();
  return table;
}

/// Dimensions of the network's input; a dynamic leading one becomes 1 and `stated_batch` 0.
Dims input_dims(const onnx::ValueInfoProto& input, int64_t* stated_batch) {
  if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
    throw Error(fmt::format("input '{}' states no shape", input.name()));
  }
  const auto& type = input.type().tensor_type();
  if (type.elem_type() != onnx::TensorProto::FLOAT) {
    const int code = type.elem_type();
    const std::string name =
        onnx::TensorProto::DataType_IsValid(code)
            ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(code))
            : std::to_string(code);
    throw Error(fmt::format("input '{}' is {}, expected FLOAT", input.name(), name),
                ExitCode::kCannotCompile);
  }
  Dims dims;
  for (int i = 0; i < type.shape().dim_size(); ++i) {
    const auto& dim = type.shape().dim(i);
    if (dim.has_dim_value() && dim.dim_value() > 0) {
      dims.push_back(dim.dim_value());
    } else if (i == 0 && !(dim.has_dim_value() && dim.dim_value() < -1)) {
      dims.push_back(1);
      *stated_batch = 0;
      continue;
    } else {
      const std::string label =
          dim.has_dim_param() ? dim.dim_param() : std::to_string(dim.dim_value());
      throw Error(
          fmt::format(
              "input '{}': dimension {} ('{}') is not fixed; bind it to a number when exporting "
              "the network (only the leading one may be dynamic: --batch binds it)",
              input.name(), i, label),
          ExitCode::kCannotCompile);
    }
    if (i == 0) *stated_batch = dims[0];
  }
  element_count(dims, fmt::format("input '{}'", input.name()), kMaxBatchElements);
  return dims;
}

/// Whether the network states `name` as [n, h, w, c]: nothing but elementwise operators lies
/// between it and transpositions to [n, c, h, w].
bool read_channels_last(const onnx::GraphProto& proto, const std::string& name, int depth = 0) {
  static const std::set<std::string> kElementwise = {"Add",  "Sub",  "Mul",     "Div",
                                                     "Cast", "Clip", "Identity"};
  constexpr int kDepth = 8;
  bool found = false;
  for (const onnx::NodeProto& node : proto.node()) {
    const bool reads =
        std::find(node.input().begin(), node.input().end(), name) != node.input().end();
    if (!reads || node.output_size() == 0) continue;
    if (node.op_type() == "Transpose") {
      const std::vector<int64_t> perm = ints_attribute(node, "perm", {});
      if (perm != std::vector<int64_t>{0, 3, 1, 2} && perm != std::vector<int64_t>{0, 2, 1})
        return false;
      found = true;
    } else if (node.op_type() != "Shape") {
      if (depth == kDepth || kElementwise.count(node.op_type()) == 0 ||
          !read_channels_last(proto, node.output(0), depth + 1)) {
        return false;
      }
      found = true;
    }
  }
  return found;
}

void import_inputs(ImportContext& context, const onnx::GraphProto& proto) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const auto& input : proto.input()) {
    bool is_initializer = false;
    for (const auto& tensor : proto.initializer()) is_initializer |= tensor.name() == input.name();
    if (!is_initializer && context.is_read(input.name())) inputs.push_back(&input);
  }
  if (inputs.empty())
    throw Error("the network has no input that is read", ExitCode::kCannotCompile);
  for (const auto* input : inputs) {
    int64_t stated_batch = 1;
    const Dims dims = input_dims(*input, &stated_batch);
    if (dims.size() < 2 || dims.size() > 5) {
      throw Error(fmt::format("input '{}' has shape {}, expected [batch, features] or [batch, "
                              "channels, height, width]",
                              input->name(), dims_text(dims)),
                  ExitCode::kCannotCompile);
    }
    if (input == inputs[0]) {
      context.graph.stated_batch = stated_batch;
      context.set_batch(dims[0]);
    } else if (dims[0] != context.batch()) {
      throw Error(fmt::format("input '{}' has the leading dimension {}, input '{}' has {}",
                              input->name(), dims[0], inputs[0]->name(), context.batch()),
                  ExitCode::kCannotCompile);
    }
    const bool channels_last =
        dims.size() > 2 && dims.size() < 5 && read_channels_last(proto, input->name());
    const auto id = static_cast<ValueId>(context.graph.values.size());
    context.graph.inputs.push_back(id);
    context.graph.values.push_back(
        {input->name(), context.item_shape(dims, channels_last), dims, channels_last});
    context.define(input->name(), {dims, nullptr, id, channels_last});
  }
}

void translate(ImportContext& context, const onnx::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard)
    throw Unsupported(fmt::format("operator of domain '{}' is not supported", node.domain()));
  if (node.output_size() == 0 || node.output(0).empty()) throw Error("the node has no output");
  if (fold_constant(context, node)) return;
  const auto translator = translators().find(node.op_type());
  if (translator == translators().end()) throw Unsupported("operator is not supported");
  translator->second(context, node);
}

/// Names the outputs; all refusals are thrown together.
void import_outputs(ImportContext& context, const onnx::GraphProto& proto,
                    std::vector<std::string>& problems) {
  Graph& graph = context.graph;
  for (const auto& output : proto.output()) {
    if (context.is_refused(output.name())) continue;
    const auto refuse = [&](const char* why) {
      problems.push_back(fmt::format("output '{}' {}", output.name(), why));
    };
    if (!context.is_defined(output.name())) {
      refuse("is not supported");
      continue;
    }
    const Operand operand = context.operand(output.name());
    if (operand.literal != nullptr) {
      refuse("is constant");
    } else if (graph.is_input(operand.value)) {
      refuse("is an input itself");
    } else if (graph.is_output(operand.value)) {
      refuse("is the same tensor as another output");
    } else {
      graph.outputs.push_back(operand.value);
      Value& value = graph.values[static_cast<size_t>(operand.value)];
      value.name = output.name();
      value.onnx_shape = operand.dims;
      value.channels_last = operand.channels_last;
    }
  }
}

}  // namespace

Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings) {
  const onnx::ModelProto model = read_model(path);
  const std::string file = path.string();
  const int64_t opset = onnx_opset(model);
  if (opset > kNewestOpset && warnings != nullptr) {
    warnings->push_back(fmt::format("{}: opset {} is read as opset {}", file, opset, kNewestOpset));
  }
  ImportContext context(model.graph(), path.parent_path(), opset);
  if (context.graph.name.empty()) context.graph.name = path.stem().string();
  std::vector<std::string> problems;
  try {
    import_inputs(context, model.graph());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file, error.what()), error.code());
  }
  for (const onnx::NodeProto& node : model.graph().node()) {
    const std::string name =
        node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
    const std::string where = fmt::format("node '{}' ({})", name, node.op_type());
    try {
      translate(context, node);
    } catch (const Unsupported& reason) {
      problems.push_back(fmt::format("{}: {}", where, reason.what()));
      context.refuse(node);
    } catch (const DependsOnRefused&) {
      context.refuse(node);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}: {}", file, where, error.what()), error.code());
    }
  }
  import_outputs(context, model.graph(), problems);
  if (problems.size() == 1) {
    throw Error(fmt::format("{}: {}", file, problems[0]), ExitCode::kCannotCompile);
  }
  if (!problems.empty()) {
    throw Error(fmt::format("{}: {} parts cannot be compiled\n  {}", file, problems.size(),
                            fmt::join(problems, "\n  ")),
                ExitCode::kCannotCompile);
  }
  verify(context.graph, "import");
  return std::move(context.graph);
}

}  // namespace systole
