// SPDX-License-Identifier: Apache-2.0
// Translators of window reductions.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

Dims pooled_dims(const Dims& in, const Chw& shape, const Window& w) {
  Dims out = {in[0], in[1]};
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

/// Window of a pool; `overhang` tells whether ceil_mode lets a window reach beyond the stated pads.
Window pool_window(const onnx::NodeProto& node, const Operand& input, const Chw& in,
                   bool* overhang) {
  if (input.dims.size() < 3 || input.dims.size() > 4)
    throw Unsupported(fmt::format("pooling of a {} tensor", dims_text(input.dims)));
  if (find_attribute(node, "kernel_shape") == nullptr) throw Error("kernel_shape is missing");
  Window w = read_window(node, input.dims, {});
  if (w.dil_h != 1 || w.dil_w != 1) throw Unsupported("dilated pooling");
  if (int_attribute(node, "ceil_mode", 0) != 0) {
    const Window stated = w;
    w.pad_bottom = ceil_pad(in.h, w.pad_top, w.pad_bottom, w.kh, w.stride_h);
    w.pad_right = ceil_pad(in.w, w.pad_left, w.pad_right, w.kw, w.stride_w);
    *overhang = !(w == stated);
  }
  // Every window must hold an element of the input, or its result would be nothing's maximum or
  // mean.
  const int64_t last_h = (w.out_height(in.h) - 1) * w.stride_h - w.pad_top;
  const int64_t last_w = (w.out_width(in.w) - 1) * w.stride_w - w.pad_left;
  if (w.pad_top >= w.kh || w.pad_left >= w.kw || last_h >= in.h || last_w >= in.w) {
    throw Unsupported("a pooling window that holds nothing but padding");
  }
  return w;
}

void max_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const Chw in = context.graph.shape(input.value);
  bool overhang = false;
  Node result;
  result.op = Op::kMaxPool;
  result.inputs = {input.value};
  result.window = pool_window(node, input, in, &overhang);
  const Dims out = pooled_dims(input.dims, in, result.window);
  context.emit(node, std::move(result), out);
}

void average_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const Chw in = context.graph.shape(input.value);
  bool overhang = false;
  Node result;
  result.op = Op::kAveragePool;
  result.inputs = {input.value};
  result.window = pool_window(node, input, in, &overhang);
  result.count_include_pad = int_attribute(node, "count_include_pad", 0) != 0;
  if (overhang && result.count_include_pad) {
    throw Unsupported(
        "ceil_mode together with count_include_pad, where runtimes disagree on the divisor");
  }
  const Dims out = pooled_dims(input.dims, in, result.window);
  context.emit(node, std::move(result), out);
}

/// The whole map of each channel to one element.
template <Op op>
void global_pool(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const Chw in = context.graph.shape(input.value);
  Node result;
  result.op = op;
  result.inputs = {input.value};
  result.window.kh = in.h;
  result.window.kw = in.w;
  Dims dims = input.dims;
  std::fill(dims.begin() + 2, dims.end(), 1);
  context.emit(node, std::move(result), dims);
}

}  // namespace

void add_pool_translators(Translators& table) {
  table["MaxPool"] = max_pool;
  table["AveragePool"] = average_pool;
  table["GlobalMaxPool"] = global_pool<Op::kMaxPool>;
  table["GlobalAveragePool"] = global_pool<Op::kAveragePool>;
}

}  // namespace systole
