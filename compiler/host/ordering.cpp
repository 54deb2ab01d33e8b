// SPDX-License-Identifier: Apache-2.0
// Operators on the host that go along an axis element by element: largest and least elements,
// sorting, running sums.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// 1 at the first largest element along the axis, 0 elsewhere.
HostResults hardmax(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const bool together = call.context.opset < 13;
  const auto axis = static_cast<size_t>(
      values::normalise_axis(call.attribute("axis", together ? 1 : -1), call.rank(0)));
  values::Dims dims = in.dims;
  for (size_t d = axis + 1; together && d < dims.size(); ++d) {
    dims[axis] *= dims[d];
    dims[d] = 1;
  }
  values::Literal result = zeros(in.dims, true);
  for_each_line(dims, axis, [&](int64_t first, int64_t step, int64_t count) {
    int64_t best = first;
    for (int64_t i = 1; i < count; ++i)
      if (in.floats[static_cast<size_t>(first + i * step)] > in.floats[static_cast<size_t>(best)])
        best = first + i * step;
    if (count > 0) result.floats[static_cast<size_t>(best)] = 1;
  });
  return {std::move(result)};
}

double number(const values::Literal& in, int64_t i) {
  const auto at = static_cast<size_t>(i);
  return in.is_float ? double{in.floats[at]} : static_cast<double>(in.ints[at]);
}

/// ArgMax and ArgMin.
HostResults arg(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  const bool largest = call.node.op_type() == "ArgMax";
  const bool last = call.attribute("select_last_index", 0) != 0;
  values::Dims dims = in.dims;
  if (call.attribute("keepdims", 1) != 0)
    dims[axis] = 1;
  else
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  values::Literal result = zeros(dims, false);
  size_t to = 0;
  for_each_line(in.dims, axis, [&](int64_t first, int64_t step, int64_t count) {
    int64_t best = 0;
    for (int64_t i = 1; i < count; ++i) {
      const double a = number(in, first + i * step), b = number(in, first + best * step);
      if ((largest ? a > b : a < b) || (last && a == b)) best = i;
    }
    result.ints[to++] = best;
  });
  return {std::move(result)};
}

HostResults cumulative_sum(const HostCall& call) {
  const std::vector<int64_t> axis_input = call.ints(1, "axis", {});
  if (axis_input.size() != 1) throw Error("axis is not one integer");
  const auto axis = static_cast<size_t>(values::normalise_axis(axis_input[0], call.rank(0)));
  const bool exclusive = call.attribute("exclusive", 0) != 0;
  const bool reverse = call.attribute("reverse", 0) != 0;
  values::Literal result = call.at(0);
  const auto sum_line = [&](auto& values, int64_t first, int64_t step, int64_t count) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    T sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      T& v = values[static_cast<size_t>(first + (reverse ? count - 1 - i : i) * step)];
      const T before = sum;
      sum += v;
      v = exclusive ? before : sum;
    }
  };
  for_each_line(result.dims, axis, [&](int64_t first, int64_t step, int64_t count) {
    result.is_float ? sum_line(result.floats, first, step, count)
                    : sum_line(result.ints, first, step, count);
  });
  return {std::move(result)};
}

/// The k largest or least along an axis, the first of equal ones first.
HostResults top_k(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const std::vector<int64_t> count =
      call.has(1) ? call.ints(1, "k", {}) : std::vector{call.attribute("k", -1)};
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", -1), call.rank(0)));
  if (count.size() != 1 || count[0] < 0 || count[0] > in.dims[axis])
    throw Error(fmt::format("k does not fit dimension {} of {}", axis, values::dims_text(in.dims)));
  const int64_t k = count[0];
  const bool largest = call.attribute("largest", 1) != 0;
  values::Dims dims = in.dims;
  dims[axis] = k;
  HostResults results = {zeros(dims, in.is_float), zeros(dims, false)};
  std::vector<int64_t> order;
  int64_t line = 0;
  const values::Dims strides = dense_strides(dims);
  values::Dims rest = dims;
  rest[axis] = std::min<int64_t>(1, k);
  std::vector<int64_t> starts;
  walk<1>(rest, {strides}, {0}, [&](const auto& p) { starts.push_back(p[0]); });
  if (k == 0) return results;
  for_each_line(in.dims, axis, [&](int64_t first, int64_t step, int64_t size) {
    order.resize(static_cast<size_t>(size));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const double x = number(in, first + a * step), y = number(in, first + b * step);
      return largest ? x > y : x < y;
    });
    for (int64_t i = 0; i < k; ++i) {
      const auto to = static_cast<size_t>(starts[static_cast<size_t>(line)] + i * strides[axis]);
      const int64_t from = order[static_cast<size_t>(i)];
      with_elements(results[0], in, [&](auto& kept, const auto& all) {
        kept[to] = all[static_cast<size_t>(first + from * step)];
      });
      results[1].ints[to] = from;
    }
    ++line;
  });
  return results;
}

}  // namespace

void add_ordering_host_operators(HostOperators& table) {
  table["Hardmax"] = hardmax;
  table["ArgMax"] = arg;
  table["ArgMin"] = arg;
  table["CumSum"] = cumulative_sum;
  table["TopK"] = top_k;
}

}  // namespace systole::host
