// SPDX-License-Identifier: Apache-2.0
// Functions of one variable, from a node's operator and attributes.
#include "compiler/values/unary_functions.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::values {

namespace {

using Ref = graph::Function::Ref;
constexpr Ref kX = graph::Function::kVariable;

float finite_attribute(const onnx::NodeProto& node, const std::string& name, float fallback) {
  const float value = float_attribute(node, name, fallback);
  if (!std::isfinite(value)) throw Error(fmt::format("{} is {}", name, value));
  return value;
}

/// A function that one primitive computes.
template <const char* name>
graph::Function primitive(const onnx::NodeProto&) {
  return graph::Function::of(name);
}

/// max(x, 0) + factor * `negative`, where `negative` is made from min(x, 0).
Ref rectified(graph::Function& f, double factor, Ref negative) {
  const Ref positive = f.apply("max", kX, f.constant(0));
  return f.apply("add", positive, f.apply("mul", f.constant(factor), negative));
}

graph::Function leaky_relu(const onnx::NodeProto& node) {
  graph::Function f;
  rectified(f, finite_attribute(node, "alpha", 0.01f), f.apply("min", kX, f.constant(0)));
  return f;
}

graph::Function elu(const onnx::NodeProto& node) {
  graph::Function f;
  const Ref below = f.apply("expm1", f.apply("min", kX, f.constant(0)));
  rectified(f, finite_attribute(node, "alpha", 1.0f), below);
  return f;
}

graph::Function selu(const onnx::NodeProto& node) {
  graph::Function f;
  const Ref below = f.apply("expm1", f.apply("min", kX, f.constant(0)));
  const Ref y = rectified(f, finite_attribute(node, "alpha", 1.67326319217681884765625f), below);
  f.apply("mul", f.constant(finite_attribute(node, "gamma", 1.05070102214813232421875f)), y);
  return f;
}

graph::Function celu(const onnx::NodeProto& node) {
  const float alpha = finite_attribute(node, "alpha", 1.0f);
  if (alpha == 0.0f) throw Error("alpha is 0");
  graph::Function f;
  const Ref below = f.apply("min", kX, f.constant(0));
  rectified(f, alpha, f.apply("expm1", f.apply("div", below, f.constant(alpha))));
  return f;
}

graph::Function thresholded_relu(const onnx::NodeProto& node) {
  graph::Function f;
  f.apply("mul", kX, f.apply("greater", kX, f.constant(finite_attribute(node, "alpha", 1.0f))));
  return f;
}

/// x + bias below -lambd, else x - bias above lambd, else 0: a negative lambd makes them overlap.
graph::Function shrink(const onnx::NodeProto& node) {
  graph::Function f;
  const Ref bias = f.constant(finite_attribute(node, "bias", 0.0f));
  const Ref lambda = f.constant(finite_attribute(node, "lambd", 0.5f));
  const Ref low = f.apply("greater", f.apply("neg", lambda), kX);
  const Ref high =
      f.apply("mul", f.apply("greater", kX, lambda), f.apply("sub", f.constant(1), low));
  const Ref above = f.apply("mul", high, f.apply("sub", kX, bias));
  f.apply("add", above, f.apply("mul", low, f.apply("add", kX, bias)));
  return f;
}

/// min(max(alpha * x + beta, 0), 1)
Ref hard_sigmoid_of(graph::Function& f, double alpha, double beta) {
  const Ref line = f.apply("add", f.apply("mul", kX, f.constant(alpha)), f.constant(beta));
  return f.apply("min", f.apply("max", line, f.constant(0)), f.constant(1));
}

graph::Function hard_sigmoid(const onnx::NodeProto& node) {
  graph::Function f;
  hard_sigmoid_of(f, finite_attribute(node, "alpha", 0.2f), finite_attribute(node, "beta", 0.5f));
  return f;
}

graph::Function hard_swish(const onnx::NodeProto&) {
  graph::Function f;
  f.apply("mul", kX, hard_sigmoid_of(f, 1.0 / 6, 0.5));
  return f;
}

graph::Function mish(const onnx::NodeProto&) {
  graph::Function f;
  f.apply("mul", kX, f.apply("tanh", f.apply("softplus", kX)));
  return f;
}

/// x * sigmoid(alpha * x); `alpha`: of a node that states none.
graph::Function swish_of(const onnx::NodeProto& node, float alpha) {
  graph::Function f;
  const Ref scaled = f.apply("mul", kX, f.constant(finite_attribute(node, "alpha", alpha)));
  f.apply("mul", kX, f.apply("sigmoid", scaled));
  return f;
}

graph::Function swish(const onnx::NodeProto& node) { return swish_of(node, 1.0f); }
graph::Function quick_gelu(const onnx::NodeProto& node) { return swish_of(node, 1.702f); }

/// x / 2 * (1 + erf(x / sqrt(2))), or its approximation by tanh.
graph::Function gelu(const onnx::NodeProto& node) {
  const std::string form = string_attribute(node, "approximate", "none");
  graph::Function f;
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
  return f;
}

constexpr char kAbs[] = "abs", kNeg[] = "neg", kReciprocal[] = "reciprocal", kExp[] = "exp",
               kLog[] = "log", kSqrt[] = "sqrt", kTanh[] = "tanh", kErf[] = "erf", kSin[] = "sin",
               kCos[] = "cos", kFloor[] = "floor", kCeil[] = "ceil", kRound[] = "round",
               kSign[] = "sign", kSigmoid[] = "sigmoid", kSoftplus[] = "softplus",
               kSoftsign[] = "softsign";

using Maker = graph::Function (*)(const onnx::NodeProto&);

const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> table = {
      {"Abs", primitive<kAbs>},
      {"Neg", primitive<kNeg>},
      {"Reciprocal", primitive<kReciprocal>},
      {"Exp", primitive<kExp>},
      {"Log", primitive<kLog>},
      {"Sqrt", primitive<kSqrt>},
      {"Tanh", primitive<kTanh>},
      {"Erf", primitive<kErf>},
      {"Sin", primitive<kSin>},
      {"Cos", primitive<kCos>},
      {"Floor", primitive<kFloor>},
      {"Ceil", primitive<kCeil>},
      {"Round", primitive<kRound>},
      {"Sign", primitive<kSign>},
      {"Sigmoid", primitive<kSigmoid>},
      {"Softplus", primitive<kSoftplus>},
      {"Softsign", primitive<kSoftsign>},
      {"LeakyRelu", leaky_relu},
      {"Elu", elu},
      {"Selu", selu},
      {"Celu", celu},
      {"ThresholdedRelu", thresholded_relu},
      {"Shrink", shrink},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", hard_swish},
      {"Mish", mish},
      {"Gelu", gelu},
      {"Swish", swish},
      {"QuickGelu", quick_gelu},
  };
  return table;
}

}  // namespace

std::optional<graph::Function> unary_function(const onnx::NodeProto& node) {
  const auto found = makers().find(node.op_type());
  if (found == makers().end()) return std::nullopt;
  return found->second(node);
}

std::vector<std::string> unary_function_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) {
    if (name != "QuickGelu") names.push_back(name);  // of com.microsoft
  }
  return names;
}

}  // namespace systole::values
