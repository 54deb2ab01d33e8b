// SPDX-License-Identifier: Apache-2.0
// Translators of QuantizeLinear and DequantizeLinear, of activations and of constants.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/onnx/quantised.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// Scales and zero points of a constant: one, or one for each index of a dimension.
struct ConstantScales {
  std::vector<float> scale;
  std::vector<int64_t> zero;
  int64_t axis = 0;
  int64_t stride = 1;  ///< elements between neighbours along the axis

  size_t channel(size_t element) const {
    return element / static_cast<size_t>(stride) % scale.size();
  }
};

ConstantScales constant_scales(ImportContext& context, const onnx::NodeProto& node,
                               const values::Dims& dims) {
  ConstantScales result;
  const values::Dims shape = context.constant(node, 1, "scale").dims;
  result.scale = context.weights(node, 1, "scale");
  result.zero.assign(result.scale.size(), 0);
  if (context.has_operand(node, 2)) {
    const values::Literal& zero = context.constant(node, 2, "zero point");
    if (zero.is_float || zero.ints.size() != result.scale.size())
      throw Error("the zero point does not fit the scale");
    result.zero = zero.ints;
  }
  if (shape.size() > 1)
    throw graph::Unsupported("blocked scales: the scale has a shape of its own");
  for (float s : result.scale) {
    if (!std::isnormal(s) || s < 0)
      throw graph::Unsupported(fmt::format("scale {}, expected a normal positive number", s));
  }
  const auto rank = static_cast<int64_t>(dims.size());
  if (result.scale.size() == 1) return result;
  result.axis = values::normalise_axis(values::int_attribute(node, "axis", 1), rank);
  for (int64_t d = result.axis + 1; d < rank; ++d) result.stride *= dims[static_cast<size_t>(d)];
  if (static_cast<int64_t>(result.scale.size()) != dims[static_cast<size_t>(result.axis)]) {
    throw Error(fmt::format("{} scales do not fit dimension {} of {}", result.scale.size(),
                            result.axis, values::dims_text(dims)));
  }
  return result;
}

void define_constant(ImportContext& context, const onnx::NodeProto& node, values::Literal literal) {
  Operand operand;
  operand.dims = literal.dims;
  operand.literal = std::make_shared<values::Literal>(std::move(literal));
  context.define(node.output(0), std::move(operand));
}

void dequantise_constant(ImportContext& context, const onnx::NodeProto& node,
                         const values::Literal& integers) {
  if (integers.is_float) throw Error("dequantises floats, expected integers");
  const ConstantScales by = constant_scales(context, node, integers.dims);
  values::Literal literal;
  literal.dims = integers.dims;
  for (size_t i = 0; i < integers.ints.size(); ++i) {
    const size_t c = by.channel(i);
    const int64_t code = integers.ints[i] - by.zero[c];
    literal.floats.push_back(static_cast<float>(code) * by.scale[c]);
    literal.exact.push_back(static_cast<double>(code) * by.scale[c]);
  }
  if (integer_type(integers.type)) {
    literal.scales = values::LiteralScales{by.scale, by.axis};
    literal.exact.clear();
  }
  define_constant(context, node, std::move(literal));
}

void quantise_constant(ImportContext& context, const onnx::NodeProto& node,
                       const values::Literal& floats, const IntegerType& type, int data_type) {
  const ConstantScales by = constant_scales(context, node, floats.dims);
  values::Literal literal;
  literal.dims = floats.dims;
  literal.is_float = false;
  literal.type = data_type;
  const std::vector<float>& values = context.weights(node, 0, "input");
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t c = by.channel(i);
    const graph::Codes codes = make_codes(by.scale[c], by.zero[c], type);
    const float code = std::nearbyint(values[i] / codes.scale) + static_cast<float>(codes.zero);
    const float stored =
        std::clamp(code, static_cast<float>(codes.lo), static_cast<float>(codes.hi));
    literal.ints.push_back(static_cast<int64_t>(stored) - type.offset());
  }
  define_constant(context, node, std::move(literal));
}

void refuse_blocks(ImportContext& context, const onnx::NodeProto& node) {
  values::int_attribute(node, "axis", 1);  // without effect where there is one scale
  const int64_t block = values::int_attribute(node, "block_size", 0);
  // Blocks of one element of a list are its elements.
  const bool by_element = block == 1 && context.operand(node, 0).dims.size() == 1;
  if (block != 0 && !by_element)
    throw graph::Unsupported(fmt::format("blocked scales (block_size = {})", block));
}

/// The type of the integers: that of the zero point, or as `output_dtype` states it.
int quantised_type(ImportContext& context, const onnx::NodeProto& node) {
  const int stated = static_cast<int>(values::int_attribute(node, "output_dtype", 0));
  if (!context.has_operand(node, 2)) return stated == 0 ? onnx::TensorProto::UINT8 : stated;
  const int of_zero = context.constant(node, 2, "zero point").type;
  if (stated != 0 && of_zero != 0 && stated != of_zero)
    throw Error(fmt::format("output_dtype is {}, the zero point has the type {}",
                            values::type_name(stated), values::type_name(of_zero)));
  return of_zero == 0 ? onnx::TensorProto::UINT8 : of_zero;
}

/// The division is in float32, whatever type states the scale.
void check_precision(const onnx::NodeProto& node) {
  const int precision = static_cast<int>(values::int_attribute(node, "precision", 0));
  if (precision == 0 || precision == onnx::TensorProto::FLOAT) return;
  throw graph::Unsupported(
      fmt::format("precision {}, expected FLOAT", values::type_name(precision)));
}

/// Real types are all computed as float32.
void check_real_result(const onnx::NodeProto& node) {
  const int type = static_cast<int>(values::int_attribute(node, "output_dtype", 0));
  if (type == 0 || values::is_real_type(type)) return;
  throw graph::Unsupported(
      fmt::format("output_dtype {}, expected FLOAT, FLOAT16 or BFLOAT16", values::type_name(type)));
}

void quantize_linear(ImportContext& context, const onnx::NodeProto& node) {
  refuse_blocks(context, node);
  check_precision(node);
  const int data_type = quantised_type(context, node);
  const std::optional<IntegerType> type = integer_type(data_type);
  if (!type)
    throw graph::Unsupported(
        fmt::format("to data type {}, expected integers of 8 or 4 bits", data_type));
  const Operand x = context.operand(node, 0);
  if (x.literal != nullptr) return quantise_constant(context, node, *x.literal, *type, data_type);
  const graph::Codes codes = codes_operand(context, node, 0, *type);
  context.define(node.output(0), quantised(context, node, x, codes, *type));
}

void dequantize_linear(ImportContext& context, const onnx::NodeProto& node) {
  refuse_blocks(context, node);
  check_real_result(node);
  const Operand x = context.operand(node, 0);
  if (x.literal != nullptr) return dequantise_constant(context, node, *x.literal);
  if (!x.integers) throw graph::Unsupported("dequantises what is not quantised");
  const graph::Codes codes = codes_operand(context, node, 0, *x.integers);
  context.define(node.output(0), dequantised(context, node, x, codes));
}

}  // namespace

void add_quantise_translators(Translators& table) {
  for (const char* domain : {"", "com.microsoft."}) {
    table[std::string(domain) + "QuantizeLinear"] = quantize_linear;
    table[std::string(domain) + "DequantizeLinear"] = dequantize_linear;
  }
}

}  // namespace systole::importer
