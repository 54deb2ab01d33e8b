// SPDX-License-Identifier: Apache-2.0
// Translators of operators on quantised tensors (QLinearConv and its kin, com.microsoft's too):
// each becomes what it stands for, DequantizeLinear, the operator on real numbers, QuantizeLinear.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/onnx/quantised.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The nodes that one quantised operator stands for.
class Decomposition {
 public:
  Decomposition(ImportContext& context, const onnx::NodeProto& node)
      : context_(context), node_(node) {}

  /// The tensor at input `i`, dequantised by the scale and zero point behind it; `axis`: of scales
  /// of constants.
  std::string real(int i, int64_t axis = 0) {
    onnx::NodeProto node = make("DequantizeLinear", {input(i), input(i + 1), input(i + 2)},
                                fmt::format("/input{}", i));
    set(node, "axis", axis);
    return translated(node);
  }

  /// The int32 bias at input `i` of the product of inputs `x` and `w`: its scale is the product of
  /// theirs, times `factor`.
  std::string bias(int i, int x, int w, float factor = 1.0f) {
    if (!context_.has_operand(node_, i)) return "";
    const values::Literal& integers = context_.constant(node_, i, "bias");
    if (integers.is_float) throw Error("the bias holds floats, expected int32");
    const std::vector<float> xs = context_.weights(node_, x + 1, "scale");
    const std::vector<float> ws = context_.weights(node_, w + 1, "scale");
    if (xs.size() != 1) throw graph::Unsupported("several scales of an activation");
    if (ws.size() != 1 && ws.size() != integers.ints.size())
      throw Error(fmt::format("{} scales for a bias of {}", ws.size(), integers.ints.size()));
    values::Literal literal;
    literal.dims = {integers.size()};
    for (size_t c = 0; c < integers.ints.size(); ++c) {
      const double step = double{factor * xs[0] * ws[ws.size() == 1 ? 0 : c]};
      literal.exact.push_back(static_cast<double>(integers.ints[c]) * step);
      literal.floats.push_back(static_cast<float>(literal.exact.back()));
    }
    std::string name = node_.output(0) + "/bias";
    Operand operand;
    operand.dims = literal.dims;
    operand.literal = std::make_shared<values::Literal>(std::move(literal));
    context_.define(name, std::move(operand));
    return name;
  }

  /// The operator `op` on real numbers, with the attributes of the whole.
  std::string compute(const std::string& op, const std::vector<std::string>& inputs) {
    onnx::NodeProto node = make(op, inputs, "");
    node.set_output(0, node_.output(0) + "/real");
    node.set_name(node_.name().empty() ? node_.output(0) : node_.name());
    *node.mutable_attribute() = node_.attribute();
    return translated(node);
  }

  /// Quantises `real` by the scale and zero point at inputs `i` and `i + 1`: the result of the
  /// whole.
  void finish(const std::string& real, int i) {
    onnx::NodeProto node = make("QuantizeLinear", {real, input(i), input(i + 1)}, "/output");
    node.set_output(0, node_.output(0));
    translate_node(context_, node);
  }

 private:
  std::string input(int i) const { return i < node_.input_size() ? node_.input(i) : ""; }

  onnx::NodeProto make(const std::string& op, const std::vector<std::string>& inputs,
                       const std::string& step) const {
    onnx::NodeProto node;
    node.set_op_type(op);
    node.set_name((node_.name().empty() ? node_.output(0) : node_.name()) + step);
    for (const std::string& in : inputs) node.add_input(in);
    node.add_output(node_.output(0) + step);
    return node;
  }

  static void set(onnx::NodeProto& node, const std::string& name, int64_t value) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
  }

  std::string translated(const onnx::NodeProto& node) {
    translate_node(context_, node);
    return node.output(0);
  }

  ImportContext& context_;
  const onnx::NodeProto& node_;
};

void qlinear_conv(ImportContext& context, const onnx::NodeProto& node) {
  Decomposition parts(context, node);
  const std::string x = parts.real(0), w = parts.real(3, 0), b = parts.bias(8, 0, 3);
  parts.finish(parts.compute("Conv", b.empty() ? std::vector{x, w} : std::vector{x, w, b}), 6);
}

void qlinear_matmul(ImportContext& context, const onnx::NodeProto& node) {
  Decomposition parts(context, node);
  const std::string a = parts.real(0), b = parts.real(3, 1);
  parts.finish(parts.compute("MatMul", {a, b}), 6);
}

void qgemm(ImportContext& context, const onnx::NodeProto& node) {
  if (!context.has_operand(node, 7)) throw graph::Unsupported("a result that is not quantised");
  const float alpha = values::float_attribute(node, "alpha", 1.0f);
  Decomposition parts(context, node);
  const bool transposed = values::int_attribute(node, "transB", 0) != 0;
  const std::string a = parts.real(0), b = parts.real(3, transposed ? 0 : 1);
  const std::string c = parts.bias(6, 0, 3, alpha);  // of sums times alpha
  parts.finish(parts.compute("Gemm", c.empty() ? std::vector{a, b} : std::vector{a, b, c}), 7);
}

constexpr char kSigmoid[] = "Sigmoid", kLeakyRelu[] = "LeakyRelu", kAveragePool[] = "AveragePool",
               kGlobalAveragePool[] = "GlobalAveragePool";

void qlinear_mul(ImportContext& context, const onnx::NodeProto& node) {
  Decomposition parts(context, node);
  const std::string a = parts.real(0), b = parts.real(3);
  parts.finish(parts.compute("Mul", {a, b}), 6);
}

void qlinear_add(ImportContext& context, const onnx::NodeProto& node) {
  Decomposition parts(context, node);
  const std::string a = parts.real(0), b = parts.real(3), sum = parts.compute("Add", {a, b});
  if (auto* made = context.graph.nodes.back().if_is<graph::Add>()) made->zero_first = true;
  parts.finish(sum, 6);
}

template <const char* op>
void one_tensor(ImportContext& context, const onnx::NodeProto& node) {
  if (values::int_attribute(node, "channels_last", 0) != 0)
    throw graph::Unsupported("channels_last = 1");
  Decomposition parts(context, node);
  parts.finish(parts.compute(op, {parts.real(0)}), 3);
}

void qlinear_concat(ImportContext& context, const onnx::NodeProto& node) {
  Decomposition parts(context, node);
  std::vector<std::string> inputs;
  for (int i = 2; i + 1 < node.input_size(); i += 3) inputs.push_back(parts.real(i));
  parts.finish(parts.compute("Concat", inputs), 0);
}

}  // namespace

void add_qlinear_translators(Translators& table) {
  table["QLinearConv"] = qlinear_conv;
  table["QLinearMatMul"] = qlinear_matmul;
  const std::string microsoft = "com.microsoft.";
  table[microsoft + "QGemm"] = qgemm;
  table[microsoft + "QLinearAdd"] = qlinear_add;
  table[microsoft + "QLinearMul"] = qlinear_mul;
  table[microsoft + "QLinearSigmoid"] = one_tensor<kSigmoid>;
  table[microsoft + "QLinearLeakyRelu"] = one_tensor<kLeakyRelu>;
  table[microsoft + "QLinearAveragePool"] = one_tensor<kAveragePool>;
  table[microsoft + "QLinearGlobalAveragePool"] = one_tensor<kGlobalAveragePool>;
  table[microsoft + "QLinearConcat"] = qlinear_concat;
}

}  // namespace systole::importer
