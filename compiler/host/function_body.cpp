// SPDX-License-Identifier: Apache-2.0
// Takes function bodies from libonnx's schemas and runs them on the host's operators.
#include "compiler/host/function_body.h"

#include <fmt/format.h>
#include <onnx/defs/schema.h>

#include <map>
#include <optional>

#include "compiler/values/attribute_watch.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::host {

namespace {

const onnx::OpSchema* schema_of(const onnx::NodeProto& node, int64_t opset) {
  return onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), "");
}

onnx::TypeProto type_of(const values::Literal* literal) {
  onnx::TypeProto type;
  if (literal == nullptr) return type;
  auto* tensor = type.mutable_tensor_type();
  const int computed = literal->is_float ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
  tensor->set_elem_type(literal->type != 0 ? literal->type : computed);
  for (int64_t d : literal->dims) tensor->mutable_shape()->add_dim()->set_dim_value(d);
  return type;
}

/// The body, whose form may depend on the node's attributes and types.
std::optional<onnx::FunctionProto> body_of(const onnx::OpSchema& schema,
                                           const onnx::NodeProto& node, const HostInputs& inputs) {
  if (schema.HasFunction()) return *schema.GetFunction();
  std::vector<onnx::TypeProto> types;
  for (const values::Literal* input : inputs) types.push_back(type_of(input));
  const onnx::FunctionBodyBuildContextImpl build(node, types);
  onnx::FunctionProto body;
  if (!schema.BuildContextDependentFunction(build, body)) return std::nullopt;
  return body;
}

/// `inner` with the attributes that refer to those of `caller` put in.
onnx::NodeProto resolved(const onnx::NodeProto& inner, const onnx::NodeProto& caller,
                         const onnx::OpSchema& schema) {
  onnx::NodeProto node = inner;
  node.clear_attribute();
  for (const onnx::AttributeProto& attribute : inner.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      *node.add_attribute() = attribute;
      continue;
    }
    const onnx::AttributeProto* given = values::find_attribute(caller, attribute.ref_attr_name());
    const auto declared = schema.attributes().find(attribute.ref_attr_name());
    if (given == nullptr && declared != schema.attributes().end() &&
        declared->second.default_value.has_name()) {
      given = &declared->second.default_value;
    }
    if (given == nullptr) continue;
    onnx::AttributeProto* copy = node.add_attribute();
    *copy = *given;
    copy->set_name(attribute.name());
  }
  return node;
}

}  // namespace

bool has_function_body(const onnx::NodeProto& node, int64_t opset) {
  const onnx::OpSchema* schema = schema_of(node, opset);
  return schema != nullptr && (schema->HasFunction() || schema->HasContextDependentFunction());
}

std::vector<values::Literal> compute_function_body(const onnx::NodeProto& node,
                                                   const HostInputs& inputs,
                                                   const HostContext& context) {
  const onnx::OpSchema* schema = schema_of(node, context.opset);
  const auto body = body_of(*schema, node, inputs);
  if (!body) throw Error("its function has no body for these operands");
  for (const auto& [name, declared] : schema->attributes()) values::note_attribute(name);
  HostContext inside = context;
  for (const auto& import : body->opset_import()) {
    if (import.domain().empty()) inside.opset = import.version();
  }
  std::map<std::string, values::Literal> values;
  for (int i = 0; i < body->input_size(); ++i) {
    if (static_cast<size_t>(i) < inputs.size() && inputs[static_cast<size_t>(i)] != nullptr)
      values[body->input(i)] = *inputs[static_cast<size_t>(i)];
  }
  for (const onnx::NodeProto& inner : body->node()) {
    HostInputs operands;
    for (const std::string& name : inner.input()) {
      const auto found = values.find(name);
      operands.push_back(found == values.end() ? nullptr : &found->second);
    }
    const onnx::NodeProto step = resolved(inner, node, *schema);
    std::vector<values::Literal> results = compute_on_host(step, operands, inside);
    for (int i = 0; i < inner.output_size(); ++i)
      values[inner.output(i)] = std::move(results.at(static_cast<size_t>(i)));
  }
  std::vector<values::Literal> results;
  results.reserve(static_cast<size_t>(node.output_size()));
  for (int i = 0; i < node.output_size(); ++i) results.push_back(values[body->output(i)]);
  return results;
}

}  // namespace systole::host
