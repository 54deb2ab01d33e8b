// SPDX-License-Identifier: Apache-2.0
// Elementwise operators that only the host has: bits, trigonometric functions, com.microsoft's
// Gelu.
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

HostResults bitwise(const HostCall& call) {
  const values::Literal &a = call.at(0), &b = call.at(1);
  if (a.is_float || b.is_float) throw Error("operands are floats, expected integers");
  const std::string& op = call.node.op_type();
  const bool left = values::string_attribute(call.node, "direction", "LEFT") == "LEFT";
  const values::Dims dims = broadcast_dims(a.dims, b.dims);
  values::Literal result = zeros(dims, false);
  size_t at = 0;
  walk<2>(dims, {broadcast_strides(a.dims, dims), broadcast_strides(b.dims, dims)}, {0, 0},
          [&](const auto& p) {
            const auto x = static_cast<uint64_t>(a.ints[static_cast<size_t>(p[0])]),
                       y = static_cast<uint64_t>(b.ints[static_cast<size_t>(p[1])]);
            uint64_t v = 0;
            if (op == "BitwiseAnd") v = x & y;
            if (op == "BitwiseOr") v = x | y;
            if (op == "BitwiseXor") v = x ^ y;
            if (op == "BitShift") v = y >= 64 ? 0 : left ? x << y : x >> y;
            result.ints[at++] = static_cast<int64_t>(v);
          });
  return {std::move(result)};
}

HostResults bitwise_not(const HostCall& call) {
  values::Literal result = call.at(0);
  if (result.is_float) throw Error("operand is float, expected integers");
  for (int64_t& v : result.ints) v = ~v;
  return {std::move(result)};
}

HostResults is_inf(const HostCall& call) {
  const bool up = call.attribute("detect_positive", 1) != 0,
             down = call.attribute("detect_negative", 1) != 0;
  values::Literal result = zeros(call.floats(0).dims, false);
  for (size_t i = 0; i < result.ints.size(); ++i) {
    const float v = call.at(0).floats[i];
    result.ints[i] = std::isinf(v) && (v > 0 ? up : down) ? 1 : 0;
  }
  return {std::move(result)};
}

using Curve = double (*)(double);

double gelu_exact(double x) { return x * 0.5 * (1 + std::erf(x * std::sqrt(0.5))); }
double gelu_by_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(0.797884560802865 * (x + 0.044715 * x * x * x)));
}

const std::map<std::string, Curve>& curves() {
  static const std::map<std::string, Curve> table = {{"Acos", [](double x) { return std::acos(x); }},
                                                     {"Acosh", [](double x) { return std::acosh(x); }},
                                                     {"Asin", [](double x) { return std::asin(x); }},
                                                     {"Asinh", [](double x) { return std::asinh(x); }},
                                                     {"Atan", [](double x) { return std::atan(x); }},
                                                     {"Atanh", [](double x) { return std::atanh(x); }},
                                                     {"Cosh", [](double x) { return std::cosh(x); }},
                                                     {"Sinh", [](double x) { return std::sinh(x); }},
                                                     {"Tan", [](double x) { return std::tan(x); }}};
  return table;
}

values::Literal mapped(values::Literal x, Curve f) {
  for (float& v : x.floats) v = static_cast<float>(f(double{v}));
  return x;
}

HostResults curve(const HostCall& call) {
  return {mapped(call.floats(0), curves().at(call.node.op_type()))};
}

/// Input 0 plus bias 1, if there is one.
values::Literal biased(const HostCall& call) {
  values::Literal x = call.floats(0);
  if (!call.has(1)) return x;
  size_t at = 0;
  walk<1>(x.dims, {broadcast_strides(call.floats(1).dims, x.dims)}, {0},
          [&](const auto& p) { x.floats[at++] += call.at(1).floats[static_cast<size_t>(p[0])]; });
  return x;
}

HostResults gelu_of_microsoft(const HostCall& call) {
  return {mapped(biased(call), call.node.op_type() == "FastGelu" ? gelu_by_tanh : gelu_exact)};
}

/// x * sigmoid(alpha * x): QuickGelu, and Swish of opset 24.
HostResults swish(const HostCall& call) {
  const bool quick = call.node.op_type() == "QuickGelu";
  const double alpha = values::float_attribute(call.node, "alpha", quick ? 1.702f : 1.0f);
  values::Literal x = call.floats(0);
  for (float& v : x.floats) v = static_cast<float>(v / (1 + std::exp(-alpha * v)));
  return {std::move(x)};
}

}  // namespace

void add_more_elementwise_host_operators(HostOperators& table) {
  for (const char* name : {"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"})
    table[name] = bitwise;
  table["BitwiseNot"] = bitwise_not;
  table["IsInf"] = is_inf;
  for (const auto& [name, f] : curves()) table[name] = curve;
  for (const char* name : {"Gelu", "BiasGelu", "FastGelu"})
    table[std::string("com.microsoft.") + name] = gelu_of_microsoft;
  table["com.microsoft.QuickGelu"] = swish;
  table["Swish"] = swish;
}

}  // namespace systole::host
