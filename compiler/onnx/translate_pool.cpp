// SPDX-License-Identifier: Apache-2.0
// Translators of window reductions.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

values::Dims pooled_dims(const values::Dims& in, const graph::Chw& shape, const graph::Window& w) {
  values::Dims out = {in[0], in[1]};
  if (in.size() == 4) out.push_back(w.out_height(shape.h));
  out.push_back(w.out_width(shape.w));
  return out;
}

/// Pads at the far end so that the output has the positions of ceil_mode: a last window may hang
/// over, if it starts inside the input or the padding before it.
int64_t ceil_pad(int64_t in, int64_t before, int64_t after, int64_t kernel, int64_t stride) {
  int64_t out = (in + before + after - kernel + stride - 1) / stride + 1;
  if ((out - 1) * stride >= in + before) --out;
  return std::max(after, (out - 1) * stride + kernel - in - before);
}

/// Whether windows of ceil(size / stride) positions leave the end of a map out.
bool skips(int64_t size, int64_t kernel, int64_t stride) {
  return ((size + stride - 1) / stride - 1) * stride + kernel < size;
}

/// Window of a pool, whose pads let the last one of ceil_mode reach beyond those of `stated`.
graph::Window pool_window(const onnx::NodeProto& node, const Operand& input, const graph::Chw& in,
                          graph::Window& stated) {
  if (input.dims.size() < 3 || input.dims.size() > 4)
    throw graph::Unsupported(fmt::format("pooling of a {} tensor", values::dims_text(input.dims)));
  if (values::find_attribute(node, "kernel_shape") == nullptr)
    throw Error("kernel_shape is missing");
  graph::Window w = read_window(node, input.dims, {});
  if (w.dil_h != 1 || w.dil_w != 1) throw graph::Unsupported("dilated pooling");
  const bool same = values::string_attribute(node, "auto_pad", "NOTSET").rfind("SAME", 0) == 0;
  if (same && (skips(in.h, w.kh, w.stride_h) || skips(in.w, w.kw, w.stride_w)))
    throw graph::Unsupported(
        "auto_pad SAME with windows that end before the map does: runtimes disagree");
  stated = w;
  if (values::int_attribute(node, "ceil_mode", 0) != 0) {
    w.pad_bottom = ceil_pad(in.h, w.pad_top, w.pad_bottom, w.kh, w.stride_h);
    w.pad_right = ceil_pad(in.w, w.pad_left, w.pad_right, w.kw, w.stride_w);
  }
  // Every window must hold an element of the input, or its result would be nothing's maximum or
  // mean.
  const int64_t last_h = (w.out_height(in.h) - 1) * w.stride_h - w.pad_top;
  const int64_t last_w = (w.out_width(in.w) - 1) * w.stride_w - w.pad_left;
  if (w.pad_top >= w.kh || w.pad_left >= w.kw || last_h >= in.h || last_w >= in.w) {
    throw graph::Unsupported("a pooling window that holds nothing but padding");
  }
  return w;
}

void max_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  graph::Window stated;
  const graph::Window window = pool_window(node, input, in, stated);
  context.emit(node, graph::make_node(graph::MaxPool{window}, {input.value}),
               pooled_dims(input.dims, in, window));
}

/// `input` with the pads of `window` around it, which then has none: zeros that count.
graph::ValueId with_pads(ImportContext& context, const onnx::NodeProto& node, const Operand& input,
                         const graph::Window& window) {
  if (!window.padded()) return input.value;
  const graph::Pad border = {window.pad_top, window.pad_left, window.pad_bottom, window.pad_right};
  values::Dims dims = input.dims;
  dims.back() += window.pad_left + window.pad_right;
  if (dims.size() == 4) dims[2] += window.pad_top + window.pad_bottom;
  return context.make(node, graph::make_node(border, {input.value}), dims, false, "/padded").value;
}

void average_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  graph::AveragePool result;
  graph::ValueId pooled = input.value;
  graph::Window stated;
  result.window = pool_window(node, input, in, stated);
  result.count_include_pad = values::int_attribute(node, "count_include_pad", 0) != 0;
  const values::Dims out = pooled_dims(input.dims, in, result.window);
  if (result.count_include_pad && !(result.window == stated)) {
    // What is stated counts in the divisor, what a last window reaches beyond it does not.
    pooled = with_pads(context, node, input, stated);
    graph::Window& w = result.window;
    w.pad_bottom -= stated.pad_bottom;
    w.pad_right -= stated.pad_right;
    w.pad_top = w.pad_left = 0;
    result.count_include_pad = false;
  }
  context.emit(node, graph::make_node(result, {pooled}), out);
}

/// The whole map of each channel to one element.
template <typename Pool>
void global_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  Pool result;
  result.window.kh = in.h;
  result.window.kw = in.w;
  values::Dims dims = input.dims;
  std::fill(dims.begin() + 2, dims.end(), 1);
  context.emit(node, graph::make_node(result, {input.value}), dims);
}

}  // namespace

void add_pool_translators(Translators& table) {
  table["MaxPool"] = max_pool;
  table["AveragePool"] = average_pool;
  table["GlobalMaxPool"] = global_pool<graph::MaxPool>;
  table["GlobalAveragePool"] = global_pool<graph::AveragePool>;
}

}  // namespace systole::importer
