// SPDX-License-Identifier: Apache-2.0
// Matrix products on the host.
#include <Eigen/Core>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;

/// The product of the last two dimensions; the others broadcast. A vector is a row or a column.
values::Literal float_product(const values::Literal& a, const values::Literal& b) {
  if (a.dims.empty() || b.dims.empty()) throw Error("product with a scalar");
  values::Dims x = a.dims, y = b.dims;
  if (x.size() == 1) x.insert(x.begin(), 1);
  if (y.size() == 1) y.push_back(1);
  const int64_t m = x[x.size() - 2], k = x.back(), n = y.back();
  if (y[y.size() - 2] != k)
    throw Error(fmt::format("{} and {} do not multiply", values::dims_text(a.dims),
                            values::dims_text(b.dims)));
  const values::Dims x_batch(x.begin(), x.end() - 2), y_batch(y.begin(), y.end() - 2);
  const values::Dims batch = broadcast_dims(x_batch, y_batch);
  values::Dims dims = batch;
  if (a.dims.size() > 1) dims.push_back(m);
  if (b.dims.size() > 1) dims.push_back(n);
  values::element_count(dims, "result");
  values::Literal result = zeros(dims, true);
  float* to = result.floats.data();
  walk<2>(batch, {broadcast_strides(x_batch, batch), broadcast_strides(y_batch, batch)}, {0, 0},
          [&](const auto& p) {
            Eigen::Map<Matrix>(to, m, n).noalias() =
                ConstMap(a.floats.data() + p[0] * m * k, m, k) *
                ConstMap(b.floats.data() + p[1] * k * n, k, n);
            to += m * n;
          });
  return result;
}

/// Integers as floats.
values::Literal as_real(const values::Literal& in) {
  values::Literal real = zeros(in.dims, true);
  real.floats = in.is_float ? in.floats : std::vector<float>(in.ints.begin(), in.ints.end());
  return real;
}

HostResults matmul(const HostCall& call) {
  if (call.at(0).is_float) return {float_product(call.floats(0), call.floats(1))};
  const values::Literal product = float_product(as_real(call.at(0)), as_real(call.at(1)));
  constexpr float kExact = 0x1p24f;
  values::Literal result = zeros(product.dims, false);
  for (size_t i = 0; i < result.ints.size(); ++i) {
    if (std::fabs(product.floats[i]) >= kExact)
      throw graph::Unsupported("integers that float32 cannot sum");
    result.ints[i] = static_cast<int64_t>(product.floats[i]);
  }
  return {std::move(result)};
}

HostResults gemm(const HostCall& call) {
  const values::Literal &a = call.floats(0), &b = call.floats(1);
  if (a.dims.size() != 2 || b.dims.size() != 2) throw Error("expected two matrices");
  const float alpha = values::float_attribute(call.node, "alpha", 1.0f),
              beta = values::float_attribute(call.node, "beta", 1.0f);
  Matrix x = ConstMap(a.floats.data(), a.dims[0], a.dims[1]);
  Matrix y = ConstMap(b.floats.data(), b.dims[0], b.dims[1]);
  if (call.attribute("transA", 0) != 0) x = x.transpose().eval();
  if (call.attribute("transB", 0) != 0) y = y.transpose().eval();
  if (x.cols() != y.rows())
    throw Error(fmt::format("{} and {} do not multiply", values::dims_text(a.dims),
                            values::dims_text(b.dims)));
  const values::Dims dims = {x.rows(), y.cols()};
  values::Literal result = zeros(dims, true);
  Eigen::Map<Matrix>(result.floats.data(), dims[0], dims[1]).noalias() = alpha * (x * y);
  if (!call.has(2)) return {std::move(result)};
  const values::Literal& c = call.floats(2);
  size_t at = 0;
  walk<1>(dims, {broadcast_strides(c.dims, dims)}, {0}, [&](const auto& p) {
    result.floats[at++] += beta * c.floats[static_cast<size_t>(p[0])];
  });
  return {std::move(result)};
}

}  // namespace

void add_matrix_host_operators(HostOperators& table) {
  table["MatMul"] = matmul;
  table["Gemm"] = gemm;
}

}  // namespace systole::host
