// SPDX-License-Identifier: Apache-2.0
// Type inference by the type variables of libonnx's schemas.
#include "compiler/host/result_types.h"

#include <onnx/defs/schema.h>

#include <algorithm>

#include "compiler/values/node_names.h"

namespace systole::host {

namespace {

using onnx::TensorProto;
using Parameters = std::vector<onnx::OpSchema::FormalParameter>;

int type_of_literal(const values::Literal& literal) {
  if (literal.type != 0) return literal.type;
  return literal.is_float ? TensorProto::FLOAT : TensorProto::INT64;
}

/// "tensor(int64)" to INT64; 0 for others than the integers and bool.
int type_named(const std::string& text) {
  static const std::map<std::string, int> names = {
      {"tensor(int64)", TensorProto::INT64},   {"tensor(int32)", TensorProto::INT32},
      {"tensor(int16)", TensorProto::INT16},   {"tensor(int8)", TensorProto::INT8},
      {"tensor(uint32)", TensorProto::UINT32}, {"tensor(uint16)", TensorProto::UINT16},
      {"tensor(uint8)", TensorProto::UINT8},   {"tensor(bool)", TensorProto::BOOL}};
  const auto found = names.find(text);
  return found == names.end() ? 0 : found->second;
}

const onnx::OpSchema::FormalParameter* parameter(const Parameters& all, size_t i) {
  if (i < all.size()) return &all[i];
  const bool variadic = !all.empty() && all.back().GetOption() == onnx::OpSchema::Variadic;
  return variadic ? &all.back() : nullptr;
}

/// The type that `schema` gives output `i`; 0 if it leaves it open.
int bound_type(const onnx::OpSchema& schema, const HostInputs& inputs, size_t i) {
  const auto* output = parameter(schema.outputs(), i);
  if (output == nullptr) return 0;
  const std::string& name = output->GetTypeStr();
  if (const int stated = type_named(name); stated != 0) return stated;
  for (size_t k = 0; k < inputs.size(); ++k) {
    const auto* input = parameter(schema.inputs(), k);
    if (input != nullptr && inputs[k] != nullptr && input->GetTypeStr() == name)
      return type_of_literal(*inputs[k]);
  }
  for (const auto& constraint : schema.typeConstraintParams()) {
    if (constraint.type_param_str == name && constraint.allowed_type_strs.size() == 1)
      return type_named(constraint.allowed_type_strs[0]);
  }
  return 0;
}

/// Of operators that libonnx does not know: what the operator set, else the first operand's.
int likely_type(const HostInputs& inputs, const values::Literal& result) {
  if (result.type != 0 || inputs.empty() || inputs[0] == nullptr || inputs[0]->is_float)
    return result.type;
  return type_of_literal(*inputs[0]);
}

}  // namespace

bool is_float_type(int type) {
  return type == TensorProto::FLOAT || type == TensorProto::DOUBLE ||
         type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
}

bool is_integer_type(int type) {
  switch (type) {
    case TensorProto::BOOL:
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::INT32:
    case TensorProto::UINT32:
    case TensorProto::INT64:
    case TensorProto::UINT64:
    case values::kOnnxInt4:
    case values::kOnnxUint4:
      return true;
    default:
      return false;
  }
}

int64_t wrapped(int64_t value, int type) {
  switch (type) {
    case TensorProto::INT8:
      return static_cast<int8_t>(value);
    case TensorProto::UINT8:
      return static_cast<uint8_t>(value);
    case TensorProto::INT16:
      return static_cast<int16_t>(value);
    case TensorProto::UINT16:
      return static_cast<uint16_t>(value);
    case TensorProto::INT32:
      return static_cast<int32_t>(value);
    case TensorProto::UINT32:
      return static_cast<uint32_t>(value);
    case values::kOnnxUint4:
      return value & 15;
    case values::kOnnxInt4:
      return (value & 15) - 2 * (value & 8);
    default:
      return value;
  }
}

void settle_types(const onnx::NodeProto& node, const HostInputs& inputs, int64_t opset,
                  std::vector<values::Literal>& results) {
  const onnx::OpSchema* schema =
      values::is_standard(node) ? onnx::OpSchemaRegistry::Schema(
                                      node.op_type(), static_cast<int>(opset), onnx::ONNX_DOMAIN)
                                : nullptr;
  for (size_t i = 0; i < results.size(); ++i) {
    values::Literal& result = results[i];
    const int bound = schema != nullptr ? bound_type(*schema, inputs, i) : 0;
    int type = bound != 0 ? bound : schema != nullptr ? result.type : likely_type(inputs, result);
    if (type == 0 || is_float_type(type) != result.is_float)
      type = result.is_float ? TensorProto::FLOAT : TensorProto::INT64;
    result.type = type;
    result.scales.reset();
    result.exact.clear();
    for (int64_t& v : result.ints) v = wrapped(v, type);
  }
}

}  // namespace systole::host
