// SPDX-License-Identifier: Apache-2.0
// Translators of ONNX Runtime's operators (com.microsoft) on real numbers: functions, and products
// fused with an activation, each of which becomes the standard operators that it stands for.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "compiler/values/unary_functions.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

using Parameters = std::vector<std::pair<std::string, float>>;

/// The standard operators that one node stands for; each reads what the one before it made.
class Chain {
 public:
  Chain(ImportContext& context, const onnx::NodeProto& node) : context_(context), node_(node) {}

  /// The next operator, with `inputs`; the last one makes the node's result.
  onnx::NodeProto& add(const std::string& op, const std::vector<std::string>& inputs) {
    onnx::NodeProto& part = parts_.emplace_back();
    const std::string step = fmt::format("/{}", parts_.size() - 1);
    part.set_op_type(op);
    part.set_name((node_.name().empty() ? node_.output(0) : node_.name()) + step);
    for (const std::string& in : inputs) part.add_input(in);
    part.add_output(node_.output(0) + step);
    return part;
  }
  const std::string& result() const { return parts_.back().output(0); }

  void translate() {
    parts_.back().set_output(0, node_.output(0));
    parts_.back().set_name(node_.name().empty() ? node_.output(0) : node_.name());
    for (const onnx::NodeProto& part : parts_) translate_node(context_, part);
  }

 private:
  ImportContext& context_;
  const onnx::NodeProto& node_;
  std::vector<onnx::NodeProto> parts_;
};

std::string input(const onnx::NodeProto& node, int i) {
  return i < node.input_size() ? node.input(i) : "";
}

/// All attributes of `node` but those of its activation.
void copy_attributes(const onnx::NodeProto& node, onnx::NodeProto& part) {
  for (const onnx::AttributeProto& attribute : node.attribute())
    if (attribute.name().rfind("activation", 0) != 0) *part.add_attribute() = attribute;
}

void add_activation(Chain& chain, const std::string& op, const Parameters& parameters) {
  onnx::NodeProto& part = chain.add(op, {chain.result()});
  for (const auto& [name, value] : parameters) {
    onnx::AttributeProto* attribute = part.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
  }
}

/// y = activation(conv(x) + z)
void fused_conv(ImportContext& context, const onnx::NodeProto& node) {
  static const std::map<std::string, std::vector<std::string>> activations = {
      {"Relu", {}},
      {"Tanh", {}},
      {"Sigmoid", {}},
      {"LeakyRelu", {"alpha"}},
      {"Clip", {"min", "max"}},
      {"HardSigmoid", {"alpha", "beta"}}};
  Chain chain(context, node);
  copy_attributes(node, chain.add("Conv", {input(node, 0), input(node, 1), input(node, 2)}));
  if (!input(node, 3).empty()) chain.add("Add", {chain.result(), input(node, 3)});
  const std::string op = values::string_attribute(node, "activation", "");
  const auto* given =
      values::typed_attribute(node, "activation_params", onnx::AttributeProto::FLOATS);
  if (!op.empty()) {
    const auto found = activations.find(op);
    if (found == activations.end()) throw graph::Unsupported(fmt::format("activation '{}'", op));
    const auto& names = found->second;
    const int count = given == nullptr ? 0 : given->floats_size();
    if (static_cast<size_t>(count) != names.size())
      throw Error(fmt::format("activation_params has {} values, expected {} for {}", count,
                              names.size(), op));
    Parameters parameters;
    for (size_t i = 0; i < names.size(); ++i)
      parameters.emplace_back(names[i], given->floats(static_cast<int>(i)));
    add_activation(chain, op, parameters);
  }
  chain.translate();
}

void fused_gemm(ImportContext& context, const onnx::NodeProto& node) {
  static const std::map<std::string, std::vector<std::string>> activations = {
      {"Relu", {}},
      {"Tanh", {}},
      {"Sigmoid", {}},
      {"Softplus", {}},
      {"Softsign", {}},
      {"LeakyRelu", {"alpha"}},
      {"Elu", {"alpha"}},
      {"Selu", {"alpha", "gamma"}},
      {"ThresholdedRelu", {"alpha"}},
      {"HardSigmoid", {"alpha", "beta"}}};
  Chain chain(context, node);
  copy_attributes(node, chain.add("Gemm", {input(node, 0), input(node, 1), input(node, 2)}));
  const std::string op = values::string_attribute(node, "activation", "");
  if (!op.empty()) {
    const auto found = activations.find(op);
    if (found == activations.end()) throw graph::Unsupported(fmt::format("activation '{}'", op));
    Parameters parameters;
    for (const std::string& name : found->second) {
      const std::string attribute = "activation_" + name;
      if (values::find_attribute(node, attribute) != nullptr)
        parameters.emplace_back(name, values::float_attribute(node, attribute, 0));
    }
    add_activation(chain, op, parameters);
  }
  chain.translate();
}

void function(ImportContext& context, const onnx::NodeProto& node) {
  const Operand x = context.any_activation(node, 0, "input");
  graph::Node result = graph::make_node(graph::Unary{}, {x.value});
  result.function = values::unary_function(node);
  context.emit(node, std::move(result), x.dims, x.channels_last);
}

}  // namespace

void add_fused_translators(Translators& table) {
  const std::string microsoft = "com.microsoft.";
  table[microsoft + "FusedConv"] = fused_conv;
  table[microsoft + "FusedGemm"] = fused_gemm;
  for (const char* name : {"Gelu", "QuickGelu"}) table[microsoft + name] = function;
}

}  // namespace systole::importer
