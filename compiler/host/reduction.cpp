// SPDX-License-Identifier: Apache-2.0
// Reductions on the host: sums and the like over axes, softmax.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/host/host_call.h"
#include "compiler/host/softmax.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// A reduction: sums or other folds over doubles, then a last step with the number of elements.
struct Fold {
  double start;
  double (*add)(double, double);
  double (*finish)(double, double);
};

double as_is(double sum, double) { return sum; }

const std::map<std::string, Fold>& folds() {
  static const auto sum = [](double s, double v) { return s + v; };
  static const std::map<std::string, Fold> table = {
      {"ReduceSum", {0, sum, as_is}},
      {"ReduceMean", {0, sum, [](double s, double n) { return s / n; }}},
      {"ReduceMax", {-INFINITY, [](double s, double v) { return std::fmax(s, v); }, as_is}},
      {"ReduceMin", {INFINITY, [](double s, double v) { return std::fmin(s, v); }, as_is}},
      {"ReduceProd", {1, [](double s, double v) { return s * v; }, as_is}},
      {"ReduceL1", {0, [](double s, double v) { return s + std::fabs(v); }, as_is}},
      {"ReduceL2",
       {0, [](double s, double v) { return s + v * v; },
        [](double s, double) { return std::sqrt(s); }}},
      {"ReduceSumSquare", {0, [](double s, double v) { return s + v * v; }, as_is}},
      {"ReduceLogSum", {0, sum, [](double s, double) { return std::log(s); }}},
  };
  return table;
}

/// Axes of a reduction: an input from opset 13 (ReduceSum) or 18 on, an attribute before.
std::vector<int64_t> axes_of(const HostCall& call) {
  std::vector<int64_t> axes = call.ints(1, "axes", {});
  const bool noop = call.attribute("noop_with_empty_axes", 0) != 0;
  if (axes.empty() && !noop) {
    axes.resize(call.at(0).dims.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  for (int64_t& axis : axes) axis = values::normalise_axis(axis, call.rank(0));
  return axes;
}

struct Reduced {
  values::Dims kept;     ///< of the result, reduced dimensions left at 1
  values::Dims stated;   ///< of the result as the node asks for it
  values::Dims strides;  ///< by which the input's dimensions walk over the result
  int64_t count = 1;
};

Reduced reduced(const values::Dims& dims, const std::vector<int64_t>& axes, bool keep) {
  Reduced r;
  r.kept = dims;
  for (int64_t axis : axes) r.kept[static_cast<size_t>(axis)] = 1;
  r.strides = broadcast_strides(r.kept, dims);
  for (size_t d = 0; d < dims.size(); ++d) {
    const bool gone = std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) != axes.end();
    if (gone) r.count *= dims[d];
    if (keep || !gone) r.stated.push_back(r.kept[d]);
  }
  return r;
}

HostResults reduce(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const Fold& fold = folds().at(call.node.op_type());
  const Reduced r = reduced(in.dims, axes_of(call), call.attribute("keepdims", 1) != 0);
  std::vector<double> sums(static_cast<size_t>(values::element_count(r.kept, "result")),
                           fold.start);
  size_t at = 0;
  walk<1>(in.dims, {r.strides}, {0}, [&](const auto& p) {
    double& sum = sums[static_cast<size_t>(p[0])];
    sum = fold.add(sum, in.is_float ? double{in.floats[at]} : static_cast<double>(in.ints[at]));
    ++at;
  });
  values::Literal result = zeros(r.stated, in.is_float);
  for (size_t i = 0; i < sums.size(); ++i) {
    const double value = fold.finish(sums[i], static_cast<double>(r.count));
    if (in.is_float)
      result.floats[i] = static_cast<float>(value);
    else
      result.ints[i] = static_cast<int64_t>(value);
  }
  return {std::move(result)};
}

HostResults reduce_log_sum_exp(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const Reduced r = reduced(in.dims, axes_of(call), call.attribute("keepdims", 1) != 0);
  values::Literal largest = zeros(r.stated, true);
  std::fill(largest.floats.begin(), largest.floats.end(), -INFINITY);
  std::vector<double> sums(largest.floats.size(), 0);
  size_t at = 0;
  walk<1>(in.dims, {r.strides}, {0}, [&](const auto& p) {
    float& most = largest.floats[static_cast<size_t>(p[0])];
    most = std::fmax(most, in.floats[at++]);
  });
  at = 0;
  walk<1>(in.dims, {r.strides}, {0}, [&](const auto& p) {
    const auto to = static_cast<size_t>(p[0]);
    sums[to] += std::exp(double{in.floats[at++]} - largest.floats[to]);
  });
  for (size_t i = 0; i < sums.size(); ++i)
    largest.floats[i] = static_cast<float>(largest.floats[i] + std::log(sums[i]));
  return {std::move(largest)};
}

/// Up to opset 12 the dimensions from `axis` on are normalised together.
HostResults softmax(const HostCall& call) {
  values::Literal result = call.floats(0);
  const bool together = call.context.opset < 13;
  const auto axis = static_cast<size_t>(
      values::normalise_axis(call.attribute("axis", together ? 1 : -1), call.rank(0)));
  int64_t size = result.dims[axis], stride = 1;
  for (size_t d = axis + 1; d < result.dims.size(); ++d)
    (together ? size : stride) *= result.dims[d];
  softmax_along(result.floats, size, stride, call.node.op_type() == "LogSoftmax");
  return {std::move(result)};
}

}  // namespace

void add_reduction_host_operators(HostOperators& table) {
  for (const auto& [name, fold] : folds()) table[name] = reduce;
  table["ReduceLogSumExp"] = reduce_log_sum_exp;
  table["Softmax"] = softmax;
  table["LogSoftmax"] = softmax;
}

}  // namespace systole::host
