// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise functions of one tensor.
#include <fmt/format.h>

#include <cmath>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

using Ref = Function::Ref;
constexpr Ref kX = Function::kVariable;

float finite_attribute(const onnx::NodeProto& node, const std::string& name, float fallback) {
  const float value = float_attribute(node, name, fallback);
  if (!std::isfinite(value)) throw Error(fmt::format("{} is {}", name, value));
  return value;
}

void emit_function(ImportContext& context, const onnx::NodeProto& node, Function function) {
  const Operand input = context.any_activation(node, 0, "input");
  Node result;
  result.op = Op::kFunction;
  result.inputs = {input.value};
  result.function = std::move(function);
  context.emit(node, std::move(result), input.dims, input.channels_last);
}

void emit_clamp(ImportContext& context, const onnx::NodeProto& node, float lo, float hi) {
  const Operand input = context.any_activation(node, 0, "input");
  if (std::isnan(lo) || std::isnan(hi)) throw Error("a bound is not a number");
  Node result;
  result.op = Op::kClamp;
  result.inputs = {input.value};
  result.lo = std::min(lo, hi);  // bounds in the wrong order: ONNX lets the upper one win
  result.hi = hi;
  if (!result.clamped()) return context.define(node.output(0), input);
  context.emit(node, std::move(result), input.dims, input.channels_last);
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

/// A function that one primitive computes.
template <const char* name>
void primitive(ImportContext& context, const onnx::NodeProto& node) {
  emit_function(context, node, Function::of(name));
}

/// max(x, 0) + factor * `negative`, where `negative` is made from min(x, 0).
Ref rectified(Function& f, double factor, Ref negative) {
  const Ref positive = f.apply("max", kX, f.constant(0));
  return f.apply("add", positive, f.apply("mul", f.constant(factor), negative));
}

void leaky_relu(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  rectified(f, finite_attribute(node, "alpha", 0.01f), f.apply("min", kX, f.constant(0)));
  emit_function(context, node, std::move(f));
}

void elu(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  const Ref below = f.apply("expm1", f.apply("min", kX, f.constant(0)));
  rectified(f, finite_attribute(node, "alpha", 1.0f), below);
  emit_function(context, node, std::move(f));
}

void selu(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  const Ref below = f.apply("expm1", f.apply("min", kX, f.constant(0)));
  const Ref y = rectified(f, finite_attribute(node, "alpha", 1.67326319217681884765625f), below);
  f.apply("mul", f.constant(finite_attribute(node, "gamma", 1.05070102214813232421875f)), y);
  emit_function(context, node, std::move(f));
}

void celu(ImportContext& context, const onnx::NodeProto& node) {
  const float alpha = finite_attribute(node, "alpha", 1.0f);
  if (alpha == 0.0f) throw Error("alpha is 0");
  Function f;
  const Ref below = f.apply("min", kX, f.constant(0));
  rectified(f, alpha, f.apply("expm1", f.apply("div", below, f.constant(alpha))));
  emit_function(context, node, std::move(f));
}

void thresholded_relu(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  f.apply("mul", kX, f.apply("greater", kX, f.constant(finite_attribute(node, "alpha", 1.0f))));
  emit_function(context, node, std::move(f));
}

void shrink(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  const Ref bias = f.constant(finite_attribute(node, "bias", 0.0f));
  const Ref lambda = f.constant(finite_attribute(node, "lambd", 0.5f));
  const Ref above = f.apply("mul", f.apply("greater", kX, lambda), f.apply("sub", kX, bias));
  const Ref below =
      f.apply("mul", f.apply("greater", f.apply("neg", lambda), kX), f.apply("add", kX, bias));
  f.apply("add", above, below);
  emit_function(context, node, std::move(f));
}

/// min(max(alpha * x + beta, 0), 1)
Ref hard_sigmoid_of(Function& f, double alpha, double beta) {
  const Ref line = f.apply("add", f.apply("mul", kX, f.constant(alpha)), f.constant(beta));
  return f.apply("min", f.apply("max", line, f.constant(0)), f.constant(1));
}

void hard_sigmoid(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  hard_sigmoid_of(f, finite_attribute(node, "alpha", 0.2f), finite_attribute(node, "beta", 0.5f));
  emit_function(context, node, std::move(f));
}

void hard_swish(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  f.apply("mul", kX, hard_sigmoid_of(f, 1.0 / 6, 0.5));
  emit_function(context, node, std::move(f));
}

void mish(ImportContext& context, const onnx::NodeProto& node) {
  Function f;
  f.apply("mul", kX, f.apply("tanh", f.apply("softplus", kX)));
  emit_function(context, node, std::move(f));
}

/// x / 2 * (1 + erf(x / sqrt(2))), or its approximation by tanh.
void gelu(ImportContext& context, const onnx::NodeProto& node) {
  const std::string form = string_attribute(node, "approximate", "none");
  Function f;
  Ref inner;
  if (form == "tanh") {
    const Ref cube = f.apply("mul", f.apply("mul", kX, kX), kX);
    const Ref sum = f.apply("add", kX, f.apply("mul", f.constant(0.044715), cube));
    inner = f.apply("tanh", f.apply("mul", f.constant(std::sqrt(M_2_PI)), sum));
  } else if (form == "none") {
    inner = f.apply("erf", f.apply("mul", kX, f.constant(M_SQRT1_2)));
  } else {
    throw Error(fmt::format("approximate is '{}', expected none or tanh", form));
  }
  const Ref half = f.apply("mul", kX, f.constant(0.5));
  f.apply("mul", half, f.apply("add", inner, f.constant(1)));
  emit_function(context, node, std::move(f));
}

constexpr char kAbs[] = "abs", kNeg[] = "neg", kReciprocal[] = "reciprocal", kExp[] = "exp",
               kLog[] = "log", kSqrt[] = "sqrt", kTanh[] = "tanh", kErf[] = "erf", kSin[] = "sin",
               kCos[] = "cos", kFloor[] = "floor", kCeil[] = "ceil", kRound[] = "round",
               kSign[] = "sign", kSigmoid[] = "sigmoid", kSoftplus[] = "softplus",
               kSoftsign[] = "softsign";

}  // namespace

void add_function_translators(Translators& table) {
  table["Relu"] = relu;
  table["Clip"] = clip;
  table["Abs"] = primitive<kAbs>;
  table["Neg"] = primitive<kNeg>;
  table["Reciprocal"] = primitive<kReciprocal>;
  table["Exp"] = primitive<kExp>;
  table["Log"] = primitive<kLog>;
  table["Sqrt"] = primitive<kSqrt>;
  table["Tanh"] = primitive<kTanh>;
  table["Erf"] = primitive<kErf>;
  table["Sin"] = primitive<kSin>;
  table["Cos"] = primitive<kCos>;
  table["Floor"] = primitive<kFloor>;
  table["Ceil"] = primitive<kCeil>;
  table["Round"] = primitive<kRound>;
  table["Sign"] = primitive<kSign>;
  table["Sigmoid"] = primitive<kSigmoid>;
  table["Softplus"] = primitive<kSoftplus>;
  table["Softsign"] = primitive<kSoftsign>;
  table["LeakyRelu"] = leaky_relu;
  table["Elu"] = elu;
  table["Selu"] = selu;
  table["Celu"] = celu;
  table["ThresholdedRelu"] = thresholded_relu;
  table["Shrink"] = shrink;
  table["HardSigmoid"] = hard_sigmoid;
  table["HardSwish"] = hard_swish;
  table["Mish"] = mish;
  table["Gelu"] = gelu;
}

}  // namespace systole
