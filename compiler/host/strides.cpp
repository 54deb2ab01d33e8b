// SPDX-License-Identifier: Apache-2.0
// Strides of dense and broadcast tensors.
#include "compiler/host/strides.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"

namespace systole::host {

values::Dims dense_strides(const values::Dims& dims) {
  values::Dims strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

values::Dims broadcast_dims(const values::Dims& a, const values::Dims& b) {
  values::Dims dims(std::max(a.size(), b.size()), 1);
  for (size_t i = 1; i <= dims.size(); ++i) {
    const int64_t x = i <= a.size() ? a[a.size() - i] : 1, y = i <= b.size() ? b[b.size() - i] : 1;
    if (x != y && x != 1 && y != 1)
      throw Error(
          fmt::format("{} and {} do not broadcast", values::dims_text(a), values::dims_text(b)));
    dims[dims.size() - i] = x == 1 ? y : x;
  }
  values::element_count(dims, "result");
  return dims;
}

values::Dims broadcast_strides(const values::Dims& from, const values::Dims& to) {
  const values::Dims dense = dense_strides(from);
  values::Dims strides(to.size(), 0);
  for (size_t i = 0; i < from.size(); ++i) {
    const size_t at = i + to.size() - from.size();
    if (from[i] != to[at] && from[i] != 1)
      throw Error(fmt::format("{} does not broadcast to {}", values::dims_text(from),
                              values::dims_text(to)));
    strides[at] = from[i] == 1 ? 0 : dense[i];
  }
  return strides;
}

}  // namespace systole::host
