// SPDX-License-Identifier: Apache-2.0
// Shapes by example, and codes by the translators that would read them.
#include "compiler/pipeline/host_results.h"

#include <algorithm>

#include "compiler/host/host_call.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/operator_kinds.h"
#include "compiler/onnx/quantised.h"

namespace systole::pipeline {

namespace {

/// The codes of `node`'s result if it read a value of one element.
std::optional<graph::Codes> probed_codes(importer::ImportContext& context,
                                         const onnx::NodeProto& node, const ValueType& input) {
  const std::string from = node.output(0) + "/probe", to = node.output(0) + "/probed";
  try {
    importer::define_value(context, {}, from, {context.batch(), 1},
                           importer::integer_type(input.type), {});
    onnx::NodeProto probe = node;
    probe.set_input(0, from);
    probe.set_output(0, to);
    importer::translate_node(context, probe);
    const importer::Operand& made = context.operand(to);
    if (made.value == graph::kNoValue) return std::nullopt;
    return context.graph.codes(made.value);
  } catch (const graph::Unsupported&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

bool shape_depends_on(const std::string& op, int input) {
  static const std::map<std::string, std::set<int>> inputs = {
      {"Reshape", {1}},
      {"Expand", {1}},
      {"Tile", {1}},
      {"Slice", {1, 2, 3, 4}},
      {"Split", {1}},
      {"Pad", {1, 3}},
      {"ConstantOfShape", {0}},
      {"Range", {0, 1, 2}},
      {"TopK", {1}},
      {"Squeeze", {1}},
      {"Unsqueeze", {1}},
      {"Resize", {1, 2, 3}},
      {"Upsample", {1}},
      {"OneHot", {1}},
      {"NonZero", {0}},
      {"Compress", {1}},
      {"Unique", {0}},
      {"NonMaxSuppression", {0, 1, 2, 3, 4}},
      {"MaxUnpool", {2}},
      {"CenterCropPad", {1}},
      {"Col2Im", {1, 2}},
      {"AffineGrid", {1}},
      {"DFT", {1, 2}},
      {"STFT", {1, 3}},
      {"HannWindow", {0}},
      {"HammingWindow", {0}},
      {"BlackmanWindow", {0}},
      {"MelWeightMatrix", {0, 1, 2, 3, 4}}};
  const auto found = inputs.find(op);
  if (found != inputs.end()) return found->second.count(input) != 0;
  return op.rfind("Reduce", 0) == 0 && input == 1;
}

values::Literal example(const onnx::NodeProto& node, int input, const ValueType& type) {
  values::Literal literal = host::zeros(type.dims, type.is_float());
  literal.type = type.type;
  const bool divides = node.op_type() == "Div" || node.op_type() == "Mod";
  if (divides && input == 1) std::fill(literal.ints.begin(), literal.ints.end(), 1);
  return literal;
}

bool rounds(const std::string& op) {
  static const std::set<std::string> names = {"QuantizeLinear", "DequantizeLinear", "Quant",
                                              "IntQuant", "BipolarQuant"};
  return names.count(op) != 0;
}

bool states_codes(const onnx::GraphProto& graph) {
  return std::any_of(graph.node().begin(), graph.node().end(), [](const onnx::NodeProto& node) {
    return rounds(node.op_type()) || node.op_type().rfind("QLinear", 0) == 0;
  });
}

bool computes_elements(const std::string& op) {
  return importer::elementwise_operators().count(op) != 0 || op == "PRelu" ||
         op == "BatchNormalization";
}

int data_type(const importer::IntegerType& type) {
  if (type.bits == 4) return type.is_signed ? values::kOnnxInt4 : values::kOnnxUint4;
  return type.is_signed ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8;
}

std::optional<graph::Codes> codes_of_result(importer::ImportContext& context, const Survey& survey,
                                            const onnx::NodeProto& node) {
  const auto input = [&](int i) -> const ValueType* {
    const auto found = survey.types.find(node.input(i));
    return found == survey.types.end() ? nullptr : &found->second;
  };
  if (node.input_size() == 0 || input(0) == nullptr) return std::nullopt;
  if (rounds(node.op_type())) return probed_codes(context, node, *input(0));
  if (!only_moves(node.op_type()) && !importer::passes_codes(node.op_type())) return std::nullopt;
  if (node.op_type() == "Cast") return std::nullopt;
  const bool interpolates =
      node.op_type() == "Resize" && values::string_attribute(node, "mode", "nearest") != "nearest";
  if (interpolates) return std::nullopt;
  const bool joins = node.op_type() == "Concat";
  for (int i = 1; joins && i < node.input_size(); ++i) {
    if (input(i) == nullptr || input(i)->codes != input(0)->codes) return std::nullopt;
  }
  return input(0)->codes;
}

}  // namespace systole::pipeline
