// SPDX-License-Identifier: Apache-2.0
// Translators of ConvTranspose and DepthToSpace: each becomes operators for the interleaved parts
// of the result, which are stored where they lie.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/onnx/phases.h"
#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// One dimension of a transposed convolution.
struct TransposedDim {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
};

/// Output o is the sum over kernel positions k and inputs i with i * stride - pad + k * dilation =
/// o.
std::vector<Phase> transposed_phases(const TransposedDim& d) {
  std::vector<Phase> phases;
  for (int64_t r = 0; r < std::min(d.stride, d.out); ++r) {
    Phase p;
    p.first = r;
    p.step = d.stride;
    p.count = (d.out - r + d.stride - 1) / d.stride;
    std::vector<std::pair<int64_t, int64_t>> taps;  // input offset, kernel position
    for (int64_t k = 0; k < d.kernel; ++k) {
      const int64_t at = r + d.pad - k * d.dilation;
      if (at % d.stride == 0) taps.emplace_back(at / d.stride, k);
    }
    if (taps.empty()) taps.emplace_back(0, -1);  // only the bias
    const auto [least, most] = std::minmax_element(taps.begin(), taps.end());
    p.begin = least->first;
    p.taps.assign(static_cast<size_t>(most->first - least->first + 1), -1);
    for (const auto& [offset, k] : taps) p.taps[static_cast<size_t>(offset - p.begin)] = k;
    // Where all of it would lie outside the input, taps without weight reach inside.
    for (; p.begin > d.in - 1; --p.begin) p.taps.insert(p.taps.begin(), -1);
    while (p.begin + p.count - 1 + static_cast<int64_t>(p.taps.size()) < 1) p.taps.push_back(-1);
    p.weights.assign(p.taps.size(), 1.0);
    phases.push_back(std::move(p));
  }
  return phases;
}

/// Sizes and pads of the result, as auto_pad, output_shape, output_padding and pads give them.
void size_result(const onnx::NodeProto& node, std::vector<TransposedDim>& dims) {
  const size_t n = dims.size();
  const auto list = [&](const char* name, const std::vector<int64_t>& fallback) {
    std::vector<int64_t> values = values::ints_attribute(node, name, fallback);
    if (values.size() != fallback.size())
      throw Error(
          fmt::format("{} has {} values, expected {}", name, values.size(), fallback.size()));
    return values;
  };
  const auto strides = list("strides", std::vector<int64_t>(n, 1)),
             dilations = list("dilations", std::vector<int64_t>(n, 1)),
             extra = list("output_padding", std::vector<int64_t>(n, 0)),
             pads = list("pads", std::vector<int64_t>(2 * n, 0));
  const std::string mode = values::string_attribute(node, "auto_pad", "NOTSET");
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID" && !mode.empty())
    throw Error(
        fmt::format("auto_pad is '{}', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID", mode));
  values::Dims kernel;
  for (const TransposedDim& d : dims) kernel.push_back(d.kernel);
  if (list("kernel_shape", kernel) != kernel)
    throw Error(
        fmt::format("kernel_shape differs from the weights' {}", values::dims_text(kernel)));
  const bool stated = values::find_attribute(node, "output_shape") != nullptr;
  std::vector<int64_t> shape =
      stated ? values::ints_attribute(node, "output_shape", {}) : std::vector<int64_t>(n);
  if (shape.size() == n + 2) shape.erase(shape.begin(), shape.begin() + 2);
  if (shape.size() != n) throw Error(fmt::format("output_shape has {} values", shape.size()));
  for (size_t i = 0; i < n; ++i) {
    TransposedDim& d = dims[i];
    d.stride = strides[i];
    d.dilation = dilations[i];
    if (d.stride < 1 || d.dilation < 1 || extra[i] < 0 || pads[i] < 0 || pads[i + n] < 0)
      throw Error("a stride or dilation below 1, or a negative pad");
    const int64_t full = d.stride * (d.in - 1) + extra[i] + (d.kernel - 1) * d.dilation + 1;
    if (stated || same) {
      d.out = stated ? shape[i] : d.in * d.stride;
      if (!stated && full < d.out)
        throw graph::Unsupported(
            fmt::format("auto_pad of a kernel of {} with a stride of {}, where runtimes disagree",
                        d.kernel, d.stride));
      const int64_t total = std::max<int64_t>(0, full - d.out);
      d.pad = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    } else {
      d.pad = mode == "VALID" ? 0 : pads[i];
      d.out = full - d.pad - (mode == "VALID" ? 0 : pads[i + n]);
    }
    if (d.out < 1) throw Error(fmt::format("a result of {} rows or columns", d.out));
  }
}

/// The scales of [in][out / group][...] weights, for every output channel of all groups.
values::Literal output_scales(const values::Literal& weights, int64_t group) {
  values::Literal literal;
  literal.scales = weights.scales;
  if (!literal.scales || literal.scales->scale.size() == 1 || literal.scales->axis != 1)
    return literal;
  std::vector<float>& all = literal.scales->scale;
  const std::vector<float> of_group = all;
  for (int64_t g = 1; g < group; ++g) all.insert(all.end(), of_group.begin(), of_group.end());
  return literal;
}

void conv_transpose(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  const size_t rank = input.dims.size();
  const values::Dims filter = context.constant(node, 1, "weights").dims;
  if (rank < 3 || rank > 4)
    throw graph::Unsupported(fmt::format("of a {} tensor", values::dims_text(input.dims)));
  const int64_t group = values::int_attribute(node, "group", 1);
  if (filter.size() != rank || filter[0] != in.c || group < 1 || in.c % group != 0) {
    throw Error(fmt::format("weights {} in {} groups do not fit an input {}",
                            values::dims_text(filter), group, values::dims_text(input.dims)));
  }
  const std::vector<float> weights = context.weights(node, 1, "weights");
  const int64_t per_group = filter[1], channels = per_group * group;
  std::vector<float> bias(static_cast<size_t>(channels), 0.0f);
  if (context.has_operand(node, 2)) bias = context.weights(node, 2, "bias");
  if (static_cast<int64_t>(bias.size()) != channels)
    throw Error(fmt::format("bias has {} elements, expected {}", bias.size(), channels));
  const values::Literal scales = output_scales(context.constant(node, 1, "weights"), group);
  const values::Literal* const own_bias =
      context.has_operand(node, 2) ? &context.constant(node, 2, "bias") : nullptr;
  std::vector<TransposedDim> dims;
  for (size_t i = 2; i < rank; ++i) dims.push_back({input.dims[i], 1, filter[i]});
  size_result(node, dims);
  const TransposedDim h = rank == 4 ? dims[0] : TransposedDim{}, w = dims.back();
  const auto make = [&](const Phase& r, const Phase& c) {
    graph::Conv part;
    part.bias = bias;
    const size_t area = r.taps.size() * c.taps.size();
    part.weights.assign(static_cast<size_t>(channels * in.c) * area, 0.0f);
    for (int64_t o = 0; o < channels; ++o) {
      for (int64_t i = 0; i < in.c; ++i) {
        if (i / (in.c / group) != o / per_group) continue;
        float* to = part.weights.data() + static_cast<size_t>(o * in.c + i) * area;
        for (int64_t kh : r.taps) {
          for (int64_t kw : c.taps) {
            if (kh >= 0 && kw >= 0)
              *to = weights[static_cast<size_t>(
                  ((i * per_group + o % per_group) * h.kernel + kh) * w.kernel + kw)];
            ++to;
          }
        }
      }
    }
    take_scales(scales, 1, own_bias, part);
    return part;
  };
  context.define(node.output(0), join_phases(context, node, input, channels, transposed_phases(h),
                                             transposed_phases(w), make));
}

/// Blocks of channels become the rows and columns of squares.
void depth_to_space(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  const int64_t b = values::int_attribute(node, "blocksize", 0);
  const std::string mode = values::string_attribute(node, "mode", "DCR");
  if (input.dims.size() != 4 || b < 1 || b > 64 || in.c % (b * b) != 0)
    throw Error(fmt::format("blocks of {} do not fit {}", b, values::dims_text(input.dims)));
  if (mode != "DCR" && mode != "CRD") throw Error(fmt::format("mode is '{}'", mode));
  const int64_t channels = in.c / (b * b);
  graph::Interleave join;
  std::vector<graph::ValueId> made;
  for (int64_t y = 0; y < b; ++y) {
    for (int64_t x = 0; x < b; ++x) {
      graph::Conv part;  // selects channels: DCR [b][b][c], CRD [c][b][b]
      part.keeps_scale = true;
      part.bias.assign(static_cast<size_t>(channels), 0.0f);
      part.weights.assign(static_cast<size_t>(channels * in.c), 0.0f);
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t from = mode == "DCR" ? (y * b + x) * channels + c : (c * b + y) * b + x;
        part.weights[static_cast<size_t>(c * in.c + from)] = 1.0f;
      }
      const values::Dims dims = {input.dims[0], channels, in.h, in.w};
      made.push_back(context
                         .make(node, graph::make_node(std::move(part), {input.value}), dims, false,
                               fmt::format("/{}x{}", y, x))
                         .value);
      join.parts.push_back({y, x, b, b});
    }
  }
  context.emit(node, graph::make_node(std::move(join), std::move(made)),
               {input.dims[0], channels, in.h * b, in.w * b});
}

}  // namespace

void add_upsample_translators(Translators& table) {
  table["ConvTranspose"] = conv_transpose;
  table["DepthToSpace"] = depth_to_space;
}

}  // namespace systole::importer
