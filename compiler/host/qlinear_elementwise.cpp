// SPDX-License-Identifier: Apache-2.0
// com.microsoft's elementwise operators, pools and joins of quantised tensors on the host.
#include <algorithm>
#include <cmath>

#include "compiler/host/activations.h"
#include "compiler/host/host_call.h"
#include "compiler/host/integers.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// Scale and zero point at inputs `i` and `i + 1`, of a tensor of `type`.
struct QuantisedBy {
  float scale = 1;
  int64_t zero = 0;
};

QuantisedBy quantised_by(const HostCall& call, size_t i) {
  QuantisedBy by;
  if (call.floats(i).size() != 1)
    throw graph::Unsupported(
        fmt::format("input {} holds {} scales, expected one", i, call.at(i).size()));
  by.scale = call.at(i).floats[0];
  if (!call.has(i + 1)) return by;
  if (call.at(i + 1).is_float || call.at(i + 1).size() != 1)
    throw graph::Unsupported(fmt::format("input {} is to be one zero point", i + 1));
  by.zero = call.at(i + 1).ints[0];
  return by;
}

values::Literal real_of(const HostCall& call, size_t i) {
  const values::Literal& in = call.at(i);
  if (in.is_float) throw Error(fmt::format("input {} holds floats, expected integers", i));
  const QuantisedBy by = quantised_by(call, i + 1);
  values::Literal result = zeros(in.dims, true);
  for (size_t k = 0; k < result.floats.size(); ++k)
    result.floats[k] = static_cast<float>(in.ints[k] - by.zero) * by.scale;
  return result;
}

/// Rounded to the scale and zero point at inputs `i` and `i + 1`: v / scale, then zero is added.
values::Literal quantised_result(const HostCall& call, const values::Literal& real, size_t i,
                                 int type) {
  const QuantisedBy by = quantised_by(call, i);
  const IntegerLimits limits = integer_limits(type);
  values::Literal result = zeros(real.dims, false);
  result.type = type;
  for (size_t k = 0; k < real.floats.size(); ++k)
    result.ints[k] = limits.rounded(real.floats[k] / by.scale, by.zero);
  return result;
}

/// Sum or product; the zero point is added before the only rounding.
HostResults qlinear_binary(const HostCall& call) {
  const values::Literal &a = call.at(0), &b = call.at(3);
  if (a.is_float || b.is_float) throw Error("operands are floats, expected integers");
  const QuantisedBy x = quantised_by(call, 1), y = quantised_by(call, 4), z = quantised_by(call, 6);
  const IntegerLimits limits = integer_limits(a.type);
  const bool sum = call.node.op_type() == "QLinearAdd";
  const float left = x.scale / z.scale, right = y.scale / z.scale;
  const float product = x.scale * y.scale / z.scale;
  const auto zero = static_cast<float>(z.zero);
  const float fixed =
      zero - (left * static_cast<float>(x.zero) + right * static_cast<float>(y.zero));
  const values::Dims dims = broadcast_dims(a.dims, b.dims);
  values::Literal result = zeros(dims, false);
  result.type = a.type;
  size_t at = 0;
  walk<2>(dims, {broadcast_strides(a.dims, dims), broadcast_strides(b.dims, dims)}, {0, 0},
          [&](const auto& p) {
            const int64_t i = a.ints[static_cast<size_t>(p[0])],
                          j = b.ints[static_cast<size_t>(p[1])];
            const float v = sum ? std::fma(static_cast<float>(i), left,
                                           std::fma(static_cast<float>(j), right, fixed))
                                : static_cast<float>((i - x.zero) * (j - y.zero)) * product + zero;
            result.ints[at++] = limits.rounded(v, 0);
          });
  return {std::move(result)};
}

HostResults qlinear_function(const HostCall& call) {
  values::Literal real = real_of(call, 0);
  const bool leaky = call.node.op_type() == "QLinearLeakyRelu";
  const Activation f =
      leaky ? activation("LeakyRelu", values::float_attribute(call.node, "alpha", 0.01f))
            : activation("Sigmoid");
  for (float& v : real.floats) v = f(v);
  return {quantised_result(call, real, 3, call.at(0).type)};
}

/// Average pools, through the operator on real numbers.
HostResults qlinear_pool(const HostCall& call) {
  if (call.attribute("channels_last", 0) != 0) throw graph::Unsupported("channels_last = 1");
  const values::Literal real = real_of(call, 0);
  onnx::NodeProto node = call.node;
  node.clear_domain();
  node.set_op_type(call.node.op_type().substr(std::string("QLinear").size()));
  const HostInputs inputs = {&real};
  const std::vector<values::Literal> pooled = compute_on_host(node, inputs, call.context);
  return {quantised_result(call, pooled.at(0), 3, call.at(0).type)};
}

HostResults qlinear_concat(const HostCall& call) {
  std::vector<values::Literal> parts;
  for (size_t i = 2; i + 1 < call.inputs.size(); i += 3) parts.push_back(real_of(call, i));
  if (parts.empty()) throw Error("nothing to join");
  HostInputs inputs;
  for (const values::Literal& part : parts) inputs.push_back(&part);
  onnx::NodeProto node = call.node;
  node.clear_domain();
  node.set_op_type("Concat");
  const std::vector<values::Literal> joined = compute_on_host(node, inputs, call.context);
  return {quantised_result(call, joined.at(0), 0, call.at(2).type)};
}

}  // namespace

void add_qlinear_elementwise_host_operators(HostOperators& table) {
  const std::string microsoft = "com.microsoft.";
  table[microsoft + "QLinearAdd"] = qlinear_binary;
  table[microsoft + "QLinearMul"] = qlinear_binary;
  table[microsoft + "QLinearSigmoid"] = qlinear_function;
  table[microsoft + "QLinearLeakyRelu"] = qlinear_function;
  table[microsoft + "QLinearAveragePool"] = qlinear_pool;
  table[microsoft + "QLinearGlobalAveragePool"] = qlinear_pool;
  table[microsoft + "QLinearConcat"] = qlinear_concat;
}

}  // namespace systole::host
