// SPDX-License-Identifier: Apache-2.0
// Walks over tensors of any rank: row-major strides, broadcasting, several tensors at once.
#pragma once

#include <algorithm>
#include <array>

#include "compiler/values/literal.h"

namespace systole::host {

/// Distance of neighbours along each dimension of a dense tensor.
values::Dims dense_strides(const values::Dims& dims);
/// Dimensions of the NumPy broadcast of `a` and `b`. Throws Error if they do not fit.
values::Dims broadcast_dims(const values::Dims& a, const values::Dims& b);
/// Strides by which a dense tensor of `from` is read as one of `to`, to which it broadcasts.
values::Dims broadcast_strides(const values::Dims& from, const values::Dims& to);

/// Calls f(positions) for every element of `dims` in row-major order; positions[k] starts at
/// at[k] and moves by strides[k].
template <size_t N, typename F>
void walk(const values::Dims& dims, const std::array<values::Dims, N>& strides,
          std::array<int64_t, N> at, F f) {
  for (int64_t d : dims) {
    if (d == 0) return;
  }
  if (dims.empty()) return f(at);
  const size_t last = dims.size() - 1;
  values::Dims index(last, 0);
  while (true) {
    std::array<int64_t, N> here = at;
    for (int64_t i = 0; i < dims[last]; ++i) {
      f(here);
      for (size_t k = 0; k < N; ++k) here[k] += strides[k][last];
    }
    size_t d = last;
    while (true) {  // the next row
      if (d == 0) return;
      --d;
      for (size_t k = 0; k < N; ++k) at[k] += strides[k][d];
      if (++index[d] < dims[d]) break;
      for (size_t k = 0; k < N; ++k) at[k] -= strides[k][d] * dims[d];
      index[d] = 0;
    }
  }
}

/// Calls f(first element, distance, elements) for every line along `axis`.
template <typename F>
void for_each_line(const values::Dims& dims, size_t axis, F f) {
  const values::Dims strides = dense_strides(dims);
  values::Dims rest = dims;
  rest[axis] = std::min<int64_t>(1, dims[axis]);
  walk<1>(rest, {strides}, {0}, [&](const auto& p) { f(p[0], strides[axis], dims[axis]); });
}

}  // namespace systole::host
