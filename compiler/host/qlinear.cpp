// SPDX-License-Identifier: Apache-2.0
// Operators on quantised tensors on the host: exact sums of integers, requantised in binary32 as
// ONNX Runtime does it (com.microsoft's too).
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/integers.h"
#include "compiler/host/strides.h"
#include "compiler/host/windows.h"

namespace systole::host {

namespace {

using ExactMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

float one_scale(const HostCall& call, size_t i) {
  if (call.floats(i).size() != 1)
    throw graph::Unsupported(
        fmt::format("input {} holds {} scales, expected one", i, call.at(i).size()));
  return call.at(i).floats[0];
}

int64_t one_zero(const HostCall& call, size_t i) {
  if (!call.has(i)) return 0;
  if (call.at(i).is_float || call.at(i).size() != 1)
    throw graph::Unsupported(fmt::format("input {} is to be one zero point", i));
  return call.at(i).ints[0];
}

/// Integers less their zero point: one, or one for each index of dimension `axis`.
std::vector<double> centred(const HostCall& call, size_t i, size_t zero, size_t axis) {
  const values::Literal& in = call.at(i);
  if (in.is_float) throw Error(fmt::format("input {} holds floats, expected integers", i));
  std::vector<double> values(in.ints.begin(), in.ints.end());
  if (!call.has(zero)) return values;
  const std::vector<int64_t>& less = call.at(zero).ints;
  if (call.at(zero).is_float || less.empty()) throw Error("a zero point is no integer");
  int64_t stride = 1;
  for (size_t d = axis + 1; d < in.dims.size(); ++d) stride *= in.dims[d];
  for (size_t k = 0; k < values.size(); ++k)
    values[k] -= static_cast<double>(
        less[static_cast<size_t>(static_cast<int64_t>(k) / stride) % less.size()]);
  return values;
}

/// Where a tensor's scale and zero point are, and how they are rounded to.
struct Target {
  float scale;
  int64_t zero;
  int type;
  IntegerLimits limits;
};

Target target_of(const HostCall& call, size_t scale, size_t zero) {
  const int type = call.has(zero) ? call.at(zero).type : int{onnx::TensorProto::UINT8};
  return {one_scale(call, scale), one_zero(call, zero), type, integer_limits(type)};
}

values::Literal integers_of(const values::Dims& dims, const Target& to) {
  values::Literal result = zeros(dims, false);
  result.type = to.type;
  return result;
}

/// sums times x * w / y, where w has one scale or one for each channel (`stride` elements apart).
values::Literal requantised(const std::vector<double>& sums, const values::Dims& dims,
                            int64_t stride, float x, const std::vector<float>& w, const Target& y) {
  values::Literal result = integers_of(dims, y);
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(i) / stride) % w.size();
    result.ints[i] = y.limits.rounded(static_cast<float>(sums[i]) * (x * w[c] / y.scale), y.zero);
  }
  return result;
}

struct IntegerSums {
  std::vector<double> sums;
  values::Dims dims;
};

/// The convolution of inputs `x` and `w`, their zero points taken off.
IntegerSums integer_conv(const HostCall& call, size_t x, size_t x_zero, size_t w, size_t w_zero) {
  const values::Dims &from = call.at(x).dims, &taps = call.at(w).dims;
  const values::Dims kernel = values::ints_attribute(call.node, "kernel_shape", spatial_dims(taps));
  if (kernel != spatial_dims(taps)) throw Error("kernel_shape is not that of the weights");
  const HostWindow window = host_window(call.node, spatial_dims(from), kernel);
  const int64_t group = call.attribute("group", 1);
  IntegerSums result;
  result.dims = convolved_dims(from, taps, window, group);
  result.sums = convolved(centred(call, x, x_zero, 0), from, centred(call, w, w_zero, 0), taps,
                          window, group);
  return result;
}

HostResults qlinear_conv(const HostCall& call) {
  IntegerSums made = integer_conv(call, 0, 2, 3, 5);
  int64_t area = 1;
  for (size_t d = 2; d < made.dims.size(); ++d) area *= made.dims[d];
  if (call.has(8)) {
    const std::vector<int64_t>& bias = call.at(8).ints;
    if (static_cast<int64_t>(bias.size()) != made.dims[1]) throw Error("the bias does not fit");
    for (size_t i = 0; i < made.sums.size(); ++i)
      made.sums[i] += static_cast<double>(
          bias[static_cast<size_t>(static_cast<int64_t>(i) / area % made.dims[1])]);
  }
  return {requantised(made.sums, made.dims, area, one_scale(call, 1), call.floats(4).floats,
                      target_of(call, 6, 7))};
}

HostResults conv_integer(const HostCall& call) {
  const IntegerSums made = integer_conv(call, 0, 2, 1, 3);
  values::Literal result = integers(made.dims, {made.sums.begin(), made.sums.end()});
  result.type = onnx::TensorProto::INT32;
  return {std::move(result)};
}

/// The product of the last two dimensions, as MatMul does it, of integers less their zero points.
IntegerSums integer_matmul(const HostCall& call, size_t a, size_t a_zero, size_t b, size_t b_zero) {
  values::Dims x = call.at(a).dims, y = call.at(b).dims;
  if (x.empty() || y.empty()) throw Error("product with a scalar");
  const bool row = x.size() == 1, column = y.size() == 1;
  const bool a_rows = call.has(a_zero) && call.at(a_zero).size() > 1;
  const std::vector<double> left = centred(call, a, a_zero, a_rows ? x.size() - 2 : 0),
                            right = centred(call, b, b_zero, y.size() - 1);
  if (row) x.insert(x.begin(), 1);
  if (column) y.push_back(1);
  const int64_t m = x[x.size() - 2], k = x.back(), n = y.back();
  if (y[y.size() - 2] != k)
    throw Error(
        fmt::format("{} and {} do not multiply", values::dims_text(x), values::dims_text(y)));
  const values::Dims x_batch(x.begin(), x.end() - 2), y_batch(y.begin(), y.end() - 2);
  IntegerSums result;
  const values::Dims batch = broadcast_dims(x_batch, y_batch);
  result.dims = batch;
  if (!row) result.dims.push_back(m);
  if (!column) result.dims.push_back(n);
  result.sums.resize(static_cast<size_t>(values::element_count(result.dims, "result")));
  double* to = result.sums.data();
  walk<2>(batch, {broadcast_strides(x_batch, batch), broadcast_strides(y_batch, batch)}, {0, 0},
          [&](const auto& p) {
            Eigen::Map<ExactMatrix>(to, m, n).noalias() =
                Eigen::Map<const ExactMatrix>(left.data() + p[0] * m * k, m, k) *
                Eigen::Map<const ExactMatrix>(right.data() + p[1] * k * n, k, n);
            to += m * n;
          });
  return result;
}

HostResults qlinear_matmul(const HostCall& call) {
  const IntegerSums made = integer_matmul(call, 0, 2, 3, 5);
  return {requantised(made.sums, made.dims, 1, one_scale(call, 1), call.floats(4).floats,
                      target_of(call, 6, 7))};
}

HostResults matmul_integer(const HostCall& call) {
  const IntegerSums made = integer_matmul(call, 0, 2, 1, 3);
  values::Literal result = integers(made.dims, {made.sums.begin(), made.sums.end()});
  result.type = onnx::TensorProto::INT32;
  return {std::move(result)};
}

/// com.microsoft: int32 sums of a Gemm, requantised if the result has a scale.
HostResults qgemm_operator(const HostCall& call) {
  const values::Dims &a = call.at(0).dims, &b = call.at(3).dims;
  if (a.size() != 2 || b.size() != 2) throw Error("expected two matrices");
  const bool b_turned = call.attribute("transB", 0) != 0;
  const std::vector<double> left = centred(call, 0, 2, 0),
                            right = centred(call, 3, 5, b_turned ? 0 : 1);
  ExactMatrix x = Eigen::Map<const ExactMatrix>(left.data(), a[0], a[1]);
  ExactMatrix y = Eigen::Map<const ExactMatrix>(right.data(), b[0], b[1]);
  if (call.attribute("transA", 0) != 0) x = x.transpose().eval();
  if (b_turned) y = y.transpose().eval();
  if (x.cols() != y.rows())
    throw Error(
        fmt::format("{} and {} do not multiply", values::dims_text(a), values::dims_text(b)));
  const values::Dims dims = {x.rows(), y.cols()};
  std::vector<double> sums(static_cast<size_t>(dims[0] * dims[1]));
  Eigen::Map<ExactMatrix>(sums.data(), dims[0], dims[1]).noalias() = x * y;
  if (call.has(6)) {
    size_t at = 0;
    walk<1>(dims, {broadcast_strides(call.at(6).dims, dims)}, {0}, [&](const auto& p) {
      sums[at++] += static_cast<double>(call.at(6).ints[static_cast<size_t>(p[0])]);
    });
  }
  const float alpha = values::float_attribute(call.node, "alpha", 1.0f);
  const float scale = alpha * one_scale(call, 1);
  const std::vector<float>& w = call.floats(4).floats;
  if (call.has(7)) return {requantised(sums, dims, 1, scale, w, target_of(call, 7, 8))};
  values::Literal result = zeros(dims, true);
  for (size_t i = 0; i < sums.size(); ++i)
    result.floats[i] = static_cast<float>(sums[i]) * (scale * w[i % w.size()]);
  return {std::move(result)};
}

}  // namespace

void add_qlinear_host_operators(HostOperators& table) {
  table["QLinearConv"] = qlinear_conv;
  table["ConvInteger"] = conv_integer;
  table["QLinearMatMul"] = qlinear_matmul;
  table["MatMulInteger"] = matmul_integer;
  table["com.microsoft.QGemm"] = qgemm_operator;
}

}  // namespace systole::host
