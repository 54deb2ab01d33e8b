// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise operators, and of the softmax that the host computes at the tail.
#include <fmt/format.h>

#include <cmath>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// The constant operand `i` as one value a channel of `dims` (NumPy broadcasting along axis 1).
std::vector<float> per_channel(ImportContext& context, const onnx::NodeProto& node, int i,
                               const Dims& dims) {
  const Dims shape = context.constant(node, i, "operand").dims;
  const std::vector<float>& values = context.weights(node, i, "operand");
  const auto channels = static_cast<size_t>(dims[1]);
  if (shape.size() > dims.size()) {
    throw Unsupported(
        fmt::format("constant of shape {} with a tensor {}", dims_text(shape), dims_text(dims)));
  }
  for (size_t d = 0; d < shape.size(); ++d) {
    const size_t axis = d + dims.size() - shape.size();
    if (shape[d] == 1 || (axis == 1 && shape[d] == dims[1])) continue;
    throw Unsupported(
        fmt::format("constant of shape {} with a tensor {}: expected one value a channel",
                    dims_text(shape), dims_text(dims)));
  }
  return values.size() == 1 ? std::vector<float>(channels, values[0]) : values;
}

/// Two activations of one shape.
void add_activations(ImportContext& context, const onnx::NodeProto& node) {
  const Operand &a = context.operand(node, 0), &b = context.operand(node, 1);
  if (a.dims != b.dims) {
    throw Unsupported(fmt::format("sum of {} and {}: broadcasting activations", dims_text(a.dims),
                                  dims_text(b.dims)));
  }
  Node result;
  result.op = Op::kAdd;
  result.inputs = {a.value, b.value};
  context.emit(node, std::move(result), Dims(a.dims));
}

template <char op>
void arithmetic(ImportContext& context, const onnx::NodeProto& node) {
  const bool first_constant = context.operand(node, 0).literal != nullptr;
  const bool second_constant = context.operand(node, 1).literal != nullptr;
  if (!first_constant && !second_constant) {
    if (op == '+') return add_activations(context, node);
    throw Unsupported("expected a constant operand");
  }
  if (first_constant && op == '/') throw Unsupported("division by an activation");
  const Operand input = context.activation(node, first_constant ? 1 : 0, "operand");
  const std::vector<float> c = per_channel(context, node, first_constant ? 0 : 1, input.dims);
  Node result;
  result.op = Op::kScaleShift;
  result.inputs = {input.value};
  for (float v : c) {
    const float sign = op == '-' ? -1.0f : 1.0f;
    if (op == '/' && !std::isfinite(1.0f / v)) throw Error(fmt::format("division by {}", v));
    result.scale.push_back(op == '*' ? v : op == '/' ? 1.0f / v : first_constant ? sign : 1.0f);
    result.shift.push_back(op == '*' || op == '/' ? 0.0f : first_constant ? v : sign * v);
  }
  context.emit(node, std::move(result), input.dims);
}

void emit_clamp(ImportContext& context, const onnx::NodeProto& node, float lo, float hi) {
  const Operand input = context.activation(node, 0, "input");
  if (std::isnan(lo) || std::isnan(hi)) throw Error("a bound is not a number");
  if (lo > hi) throw Unsupported(fmt::format("bounds [{}, {}] in the wrong order", lo, hi));
  Node result;
  result.op = Op::kClamp;
  result.inputs = {input.value};
  result.lo = lo;
  result.hi = hi;
  if (!result.clamped()) return context.define(node.output(0), input);
  context.emit(node, std::move(result), input.dims);
}

void relu(ImportContext& context, const onnx::NodeProto& node) {
  emit_clamp(context, node, 0.0f, INFINITY);
}

void clip(ImportContext& context, const onnx::NodeProto& node) {
  const auto bound = [&](int i, const char* name, float fallback) {
    if (!context.has_operand(node, i)) return float_attribute(node, name, fallback);
    const Literal& literal = context.constant(node, i, name);
    if (literal.size() != 1 || !literal.is_float)
      throw Error(fmt::format("{} is not one float", name));
    return literal.floats[0];
  };
  emit_clamp(context, node, bound(1, "min", -INFINITY), bound(2, "max", INFINITY));
}

/// The host applies a softmax to an output; anywhere else it is refused.
void softmax(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const std::string& name = node.output(0);
  if (!context.is_network_output(name) || context.is_read(name)) {
    throw Unsupported("only at the network's output");
  }
  const auto rank = static_cast<int64_t>(input.dims.size());
  const int64_t axis =
      normalise_axis(int_attribute(node, "axis", context.opset() < 13 ? 1 : -1), rank);
  if (axis == 0) throw Unsupported("over the batch");
  for (int64_t d = axis + 1; d < rank && context.opset() < 13; ++d) {
    // Up to opset 12 the dimensions from `axis` on are normalised together.
    if (input.dims[static_cast<size_t>(d)] != 1) throw Unsupported("over several dimensions");
  }
  context.graph.host_steps.push_back(
      {node.op_type() == "Softmax" ? "softmax" : "log_softmax", name, axis});
  context.define(name, input);
}

}  // namespace

void add_elementwise_translators(Translators& table) {
  table["Add"] = arithmetic<'+'>;
  table["Sub"] = arithmetic<'-'>;
  table["Mul"] = arithmetic<'*'>;
  table["Div"] = arithmetic<'/'>;
  table["Relu"] = relu;
  table["Clip"] = clip;
  table["Softmax"] = softmax;
  table["LogSoftmax"] = softmax;
}

}  // namespace systole
