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
#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// The translators that read or make integers, by name.
const Translators& integer_translators() {
  static const Translators table = [] {
    Translators t;
    add_quantise_translators(t);
    add_qlinear_translators(t);
    add_qonnx_translators(t);
    add_integer_translators(t);
    return t;
  }();
  return table;
}

bool takes_integers(const std::string& name) { return integer_translators().count(name) != 0; }

const Translators& translators() {
  static const Translators table = [] {
    Translators t;
    add_linear_translators(t);
    add_pool_translators(t);
    add_elementwise_translators(t);
    add_function_translators(t);
    add_join_translators(t);
    add_upsample_translators(t);
    add_shape_translators(t);
    for (const auto& [name, translator] : integer_translators()) t[name] = translator;
    return t;
  }();
  return table;
}

/// Dimensions of the network's input; a dynamic leading one becomes 1 and `stated_batch` 0.
Dims input_dims(const onnx::ValueInfoProto& input, int64_t* stated_batch,
                const InputShapes& shapes) {
  if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
    throw Error(fmt::format("input '{}' states no shape", input.name()));
  }
  const auto& type = input.type().tensor_type();
  if (type.elem_type() != onnx::TensorProto::FLOAT && !integer_type(type.elem_type())) {
    const int code = type.elem_type();
    const std::string name =
        onnx::TensorProto::DataType_IsValid(code)
            ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(code))
            : std::to_string(code);
    throw Error(fmt::format("input '{}' is {}, expected FLOAT, INT8 or UINT8", input.name(), name),
                ExitCode::kCannotCompile);
  }
  Dims dims;
  const auto given = shapes.find(input.name());
  if (given != shapes.end() &&
      given->second.size() != static_cast<size_t>(type.shape().dim_size())) {
    throw Error(fmt::format("--shape {}: {} dimensions, the network states {}", input.name(),
                            given->second.size(), type.shape().dim_size()));
  }
  for (int i = 0; i < type.shape().dim_size(); ++i) {
    const auto& dim = type.shape().dim(i);
    if (given != shapes.end()) {
      const int64_t size = given->second[static_cast<size_t>(i)];
      if (dim.has_dim_value() && dim.dim_value() > 0 && dim.dim_value() != size) {
        throw Error(fmt::format("--shape {}: dimension {} is {}, the network states {}",
                                input.name(), i, size, dim.dim_value()));
      }
      dims.push_back(size);
      if (i == 0) *stated_batch = size;
      continue;
    }
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
              "input '{}': dimension {} ('{}') is not fixed; bind it by --shape NAME=N,C,... "
              "(--batch binds the leading one)",
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

void import_inputs(ImportContext& context, const onnx::GraphProto& proto,
                   const InputShapes& shapes) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const auto& input : proto.input()) {
    bool is_initializer = false;
    for (const auto& tensor : proto.initializer()) is_initializer |= tensor.name() == input.name();
    if (!is_initializer && context.is_read(input.name())) inputs.push_back(&input);
  }
  if (inputs.empty())
    throw Error("the network has no input that is read", ExitCode::kCannotCompile);
  for (const auto& [name, dims] : shapes) {
    const bool known = std::any_of(inputs.begin(), inputs.end(),
                                   [&](const auto* input) { return input->name() == name; });
    std::vector<std::string> names;
    for (const auto* input : inputs) names.push_back("'" + input->name() + "'");
    if (!known) {
      throw Error(fmt::format("--shape {}: not an input of the network, expected {}", name,
                              fmt::join(names, ", ")));
    }
  }
  for (const auto* input : inputs) {
    int64_t stated_batch = 1;
    const Dims dims = input_dims(*input, &stated_batch, shapes);
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
    const auto type = integer_type(input->type().tensor_type().elem_type());
    context.define(input->name(), {dims, nullptr, id, channels_last, type});
    if (!type) continue;
    Value& value = context.graph.values.back();
    value.integer_zero = type->offset();
    try {
      value.codes = codes_of_input(context, proto, input->name(), *type);
    } catch (const Unsupported&) {  // its reader will say so
    }
  }
}

/// Name of a translator: of the standard operators the operator's, of others with the domain.
std::string key_of(const onnx::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  return standard ? node.op_type() : node.domain() + "." + node.op_type();
}

/// The type of the integers that `node` moves; nothing if it reads none. Throws Unsupported if it
/// would compute with them.
std::optional<IntegerType> moved_integers(ImportContext& context, const onnx::NodeProto& node) {
  std::optional<IntegerType> type;
  for (int i = 0; i < node.input_size(); ++i) {
    if (!context.has_operand(node, i) || context.is_refused(node.input(i)) ||
        !context.is_defined(node.input(i)))
      continue;
    const Operand& operand = context.operand(node, i);
    if (!operand.integers) continue;
    if (!only_moves(node.op_type()))
      throw Unsupported(
          fmt::format("computes with the integers '{}', expected it dequantised", node.input(i)));
    const auto& first = context.graph.codes(context.operand(node, 0).value);
    if (type && (*type != *operand.integers || context.graph.codes(operand.value) != first))
      throw Unsupported("joins integers of different scales");
    type = operand.integers;
  }
  return type;
}

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
    Operand operand = context.operand(output.name());
    if (operand.literal == nullptr && graph.is_input(operand.value) && graph.codes(operand.value)) {
      operand = copied(context, output.name(), operand);
    }
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
      if (operand.integers) value.integer_zero = operand.integers->offset();
    }
  }
}

}  // namespace

void translate_node(ImportContext& context, const onnx::NodeProto& node) {
  if (node.output_size() == 0 || node.output(0).empty()) throw Error("the node has no output");
  const auto translator = translators().find(key_of(node));
  if (translator != translators().end() && takes_integers(translator->first))
    return translator->second(context, node);
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard)
    throw Unsupported(fmt::format("operator of domain '{}' is not supported", node.domain()));
  const std::optional<IntegerType> integers = moved_integers(context, node);
  if (fold_constant(context, node)) return;
  if (translator == translators().end()) throw Unsupported("operator is not supported");
  translator->second(context, node);
  if (!integers) return;
  for (const std::string& name : node.output()) context.mark_integers(name, *integers);
}

std::vector<std::string> supported_operators() {
  std::set<std::string> names;  // without their domains
  for (const auto& [name, translator] : translators())
    names.insert(name.substr(name.rfind('.') + 1));
  return {names.begin(), names.end()};
}

Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings,
                  const InputShapes& shapes) {
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
    import_inputs(context, model.graph(), shapes);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file, error.what()), error.code());
  }
  for (const onnx::NodeProto& node : model.graph().node()) {
    const std::string name =
        node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
    const std::string where = fmt::format("node '{}' ({})", name, node.op_type());
    try {
      translate_node(context, node);
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
  if (warnings != nullptr) {
    for (const std::string& warning : context.graph.warnings)
      warnings->push_back(fmt::format("{}: {}", file, warning));
  }
  verify(context.graph, "import");
  return std::move(context.graph);
}

}  // namespace systole
