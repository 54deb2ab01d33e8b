// SPDX-License-Identifier: Apache-2.0
// Translators of dynamic quantisation: DynamicQuantizeLinear, ConvInteger, MatMulInteger. The scale
// that a network computes from each input cancels out: the activations get a static one instead.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/onnx/quantised.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

void define_constant(ImportContext& context, const std::string& name, values::Literal literal) {
  if (name.empty()) return;
  Operand operand;
  operand.dims = literal.dims;
  operand.literal = std::make_shared<values::Literal>(std::move(literal));
  context.define(name, std::move(operand));
}

/// y = x, its scale 1 and its zero point 0: whatever is computed with all three is what it would be
/// with any other scale, but for the rounding, which calibration chooses.
void dynamic_quantize_linear(ImportContext& context, const onnx::NodeProto& node) {
  const Operand x = context.any_activation(node, 0, "input");
  context.define(node.output(0), x);
  values::Literal one, zero;
  one.floats = {1.0f};
  zero.is_float = false;
  zero.ints = {0};
  zero.type = onnx::TensorProto::UINT8;
  if (node.output_size() > 1) define_constant(context, node.output(1), std::move(one));
  if (node.output_size() > 2) define_constant(context, node.output(2), std::move(zero));
  context.graph.warnings.push_back(
      fmt::format("node '{}' (DynamicQuantizeLinear): gets a static scale by calibration",
                  node.name().empty() ? node.output(0) : node.name()));
}

/// The product `op` of an activation and constant integers, each less its zero point.
void integer_product(ImportContext& context, const onnx::NodeProto& node, const std::string& op) {
  const Operand x = context.any_activation(node, 0, "input");
  const values::Literal integers = context.constant(node, 1, "weights");
  if (integers.is_float) throw Error("the weights hold floats, expected integers");
  const std::string name = node.name().empty() ? node.output(0) : node.name();
  const auto zeros = [&](int i) {
    if (!context.has_operand(node, i)) return std::vector<int64_t>{0};
    const values::Literal& zero = context.constant(node, i, "zero point");
    if (zero.is_float || zero.ints.empty()) throw Error("the zero point holds no integers");
    return zero.ints;
  };
  // Integers stand for themselves less the zero point.
  const std::vector<int64_t> zero = zeros(2);
  if (zero.size() != 1) throw graph::Unsupported("several zero points of an activation");
  if (!x.integers && zero[0] != 0)
    throw graph::Unsupported("a zero point of what is not quantised");
  const std::string real = node.output(0) + "/input0";
  context.define(real, x.integers ? dequantised(context, node, x,
                                                make_codes(1.0f, zero[0], *x.integers), "/input0")
                                  : x);
  values::Literal weights;
  weights.dims = integers.dims;
  const std::vector<int64_t> less = zeros(3);
  const int64_t axis = op == "Conv" ? 0 : static_cast<int64_t>(integers.dims.size()) - 1;
  const auto along =
      static_cast<size_t>(integers.dims.empty() ? 1 : integers.dims[static_cast<size_t>(axis)]);
  if (less.size() != 1 && less.size() != along)
    throw Error(fmt::format("{} zero points for {} output channels", less.size(), along));
  const size_t stride = op == "Conv" ? integers.ints.size() / std::max<size_t>(along, 1) : 1;
  for (size_t i = 0; i < integers.ints.size(); ++i)
    weights.floats.push_back(static_cast<float>(integers.ints[i] - less[i / stride % less.size()]));
  weights.scales = values::LiteralScales{{1.0f}, 0};
  const std::string constant = node.output(0) + "/input1";
  define_constant(context, constant, std::move(weights));
  onnx::NodeProto product;
  product.set_op_type(op);
  product.set_name(name);
  product.add_input(real);
  product.add_input(constant);
  product.add_output(node.output(0));
  *product.mutable_attribute() = node.attribute();
  translate_node(context, product);
}

void conv_integer(ImportContext& context, const onnx::NodeProto& node) {
  integer_product(context, node, "Conv");
}

void matmul_integer(ImportContext& context, const onnx::NodeProto& node) {
  integer_product(context, node, "MatMul");
}

}  // namespace

void add_integer_translators(Translators& table) {
  table["DynamicQuantizeLinear"] = dynamic_quantize_linear;
  table["ConvInteger"] = conv_integer;
  table["MatMulInteger"] = matmul_integer;
}

}  // namespace systole::importer
