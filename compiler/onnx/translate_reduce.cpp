// SPDX-License-Identifier: Apache-2.0
// Translators of reductions over whole dimensions: pools whose window is the dimensions reduced.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/onnx/translate.h"
#include "compiler/onnx/views.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// What a node reduces.
struct Reduced {
  std::set<int64_t> axes;
  values::Dims result;  ///< dimensions of the result
  int64_t values = 1;   ///< that each element of the result is made of
  float factor = 1;     ///< that a mean is multiplied by: of a sum their number
};

Reduced reduced_by(ImportContext& context, const onnx::NodeProto& node, const values::Dims& dims) {
  const auto rank = static_cast<int64_t>(dims.size());
  const std::vector<int64_t> axes = ints_operand(context, node, 1, "axes", {});
  const bool keep = values::int_attribute(node, "keepdims", 1) != 0;
  Reduced reduced;
  for (int64_t axis : axes) reduced.axes.insert(values::normalise_axis(axis, rank));
  if (axes.empty() || reduced.axes.count(0) != 0) throw graph::Unsupported("over the batch");
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t size = dims[static_cast<size_t>(i)];
    const bool goes = reduced.axes.count(i) != 0;
    if (goes) reduced.values *= size;
    if (!goes || keep) reduced.result.push_back(goes ? 1 : size);
  }
  return reduced;
}

/// Whether all of `dims` that are rows or columns, and nothing else, are reduced to a pixel, or one
/// of the two to one.
bool along_maps(const Operand& input, const Reduced& reduced) {
  return std::all_of(reduced.axes.begin(), reduced.axes.end(), [&](int64_t axis) {
    const auto role = axis_of(input, axis);
    return role && *role != graph::Axis::kChannel;
  });
}

/// `made`, of the dimensions of the map it was pooled of, under the result's.
Operand under(const ImportContext& context, const onnx::NodeProto& node, const Operand& made,
              const values::Dims& dims) {
  return viewed(context, node, made, dims, order_of(context, made));
}

/// The window that covers the rows and columns reduced, and the dimensions behind it.
graph::Window window_over(const ImportContext& context, const Operand& input,
                          const Reduced& reduced, values::Dims& dims) {
  const graph::Chw in = context.graph.shape(input.value);
  graph::Window window;
  for (int64_t axis : reduced.axes) {
    const auto role = axis_of(input, axis);
    if (role == graph::Axis::kRow) window.kh = in.h;
    if (role == graph::Axis::kColumn) window.kw = in.w;
    dims[static_cast<size_t>(axis)] = 1;
  }
  return window;
}

/// Greatest elements, or means times `factor`, of windows.
graph::Operator pool(bool max, const graph::Window& window, float factor) {
  if (max) return graph::MaxPool{window};
  graph::AveragePool average;
  average.window = window;
  average.factor = factor;
  return average;
}

/// A pool over rows, columns or both.
Operand pool_maps(ImportContext& context, const onnx::NodeProto& node, bool max,
                  const Operand& input, const Reduced& reduced) {
  values::Dims dims = input.dims;
  const graph::Window window = window_over(context, input, reduced, dims);
  const Operand made =
      context.make(node, graph::make_node(pool(max, window, reduced.factor), {input.value}), dims,
                   input.channels_last);
  return under(context, node, made, reduced.result);
}

/// The mean over all channels, with or without rows and columns: a convolution.
Operand mean_of_channels(ImportContext& context, const onnx::NodeProto& node, const Operand& input,
                         const Reduced& reduced) {
  graph::Conv conv;
  conv.bias = {0.0f};
  conv.weights.assign(static_cast<size_t>(reduced.values),
                      reduced.factor / static_cast<float>(reduced.values));
  values::Dims dims = input.dims;
  conv.window = window_over(context, input, reduced, dims);
  const Operand made = context.make(node, graph::make_node(std::move(conv), {input.value}), dims,
                                    input.channels_last);
  return under(context, node, made, reduced.result);
}

/// Any dimensions: those that stay become channels, those that go columns.
Operand pool_rows(ImportContext& context, const onnx::NodeProto& node, bool max,
                  const Operand& input, const Reduced& reduced) {
  const auto rank = static_cast<int64_t>(input.dims.size());
  std::vector<int64_t> perm;
  for (int64_t i = 0; i < rank; ++i)
    if (reduced.axes.count(i) == 0) perm.push_back(i);
  perm.insert(perm.end(), reduced.axes.begin(), reduced.axes.end());
  const int64_t channels = context.graph.shape(input.value).elements() / reduced.values;
  Operand rows = transposed(context, node, input, perm);
  // A sum or maximum of everything may be taken in any order: as it is stored.
  graph::ElementOrder order = channels == 1 ? graph::stored_order(context.graph.shape(input.value))
                                            : order_of(context, rows);
  rows =
      viewed(context, node, rows, {context.batch(), channels, 1, reduced.values}, std::move(order));
  rows = settled(context, node, rows, false);
  graph::Window window;
  window.kw = reduced.values;
  const Operand made =
      context.make(node, graph::make_node(pool(max, window, reduced.factor), {rows.value}),
                   {context.batch(), channels, 1, 1}, false);
  return under(context, node, made, reduced.result);
}

Operand reduced(ImportContext& context, const onnx::NodeProto& node, bool max, const Operand& input,
                const Reduced& what) {
  if (along_maps(input, what)) return pool_maps(context, node, max, input, what);
  const int64_t channel = input.channels_last ? static_cast<int64_t>(input.dims.size()) - 1 : 1;
  const bool all = what.values == context.graph.shape(input.value).elements();
  const bool channels = input.dims.size() < 5 && what.axes.count(channel) != 0;
  if (!max && channels && !all) return mean_of_channels(context, node, input, what);
  return pool_rows(context, node, max, input, what);
}

enum class Reduction { kMean, kMax, kSum };

template <Reduction reduction>
void reduce(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.any_activation(node, 0, "input");
  const bool noop = values::int_attribute(node, "noop_with_empty_axes", 0) != 0;
  const bool none = ints_operand(context, node, 1, "axes", {}).empty();
  if (none && noop) return context.define(node.output(0), input);
  Reduced what = reduced_by(context, node, input.dims);
  if (reduction == Reduction::kSum) what.factor = static_cast<float>(what.values);
  const bool max = reduction == Reduction::kMax;
  context.define(node.output(0), reduced(context, node, max, input, what));
}

}  // namespace

void add_reduction_translators(Translators& table) {
  table["ReduceMean"] = reduce<Reduction::kMean>;
  table["ReduceMax"] = reduce<Reduction::kMax>;
  table["ReduceSum"] = reduce<Reduction::kSum>;
}

}  // namespace systole::importer
