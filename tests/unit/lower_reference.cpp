// SPDX-License-Identifier: Apache-2.0
// One loop nest for each quantised operator.
#include "tests/unit/lower_reference.h"

#include <algorithm>

#include "model/isa/rounding.h"

namespace systole {
namespace {

using Bytes = std::vector<int8_t>;

/// Reads and writes one element of a dense NHWC tensor.
size_t at(const graph::QTensor& t, int64_t n, int64_t h, int64_t w, int64_t c) {
  return static_cast<size_t>(((n * t.h + h) * t.w + w) * t.c + c);
}

int8_t finish(const graph::QPost& post, const std::vector<Bytes>& values, int32_t x,
              int64_t channel, size_t where, float scale, int bits) {
  isa::VectorSet set;
  set.out_zero = static_cast<int8_t>(post.out_zero);
  set.clamp_lo = static_cast<int8_t>(post.clamp_lo);
  set.clamp_hi = static_cast<int8_t>(post.clamp_hi);
  const int8_t* residual = nullptr;
  if (post.residual) {
    const graph::QResidual& r = *post.residual;
    set.two_roundings = r.two_roundings;
    set.mid_zero = static_cast<int8_t>(r.mid_zero);
    set.mid_lo = static_cast<int8_t>(r.mid_lo);
    set.mid_hi = static_cast<int8_t>(r.mid_hi);
    set.mid_scale = r.mid_scale;
    set.res_zero = static_cast<int8_t>(r.zero);
    set.res_scale = r.scale;
    residual = &values[r.tensor][where];
  }
  const int8_t y = isa::requantise(x, post.bias[channel], scale, residual, set);
  const int8_t value = post.table ? (*post.table)[y + 128] : y;
  if (bits > 1) return value;
  return value >= 0 ? 1 : -1;
}

Bytes run_conv(const graph::QGraph& graph, const graph::QConv& op,
               const std::vector<Bytes>& values) {
  const graph::QTensor& in = graph.tensors[op.in];
  const graph::QTensor& out = graph.tensors[op.out];
  Bytes result(out.sums() ? out.bytes() : out.elements());
  for (int64_t n = 0; n < out.n; ++n)
    for (int64_t i = 0; i < out.h; ++i)
      for (int64_t j = 0; j < out.w; ++j)
        for (int64_t k = 0; k < out.c; ++k) {
          const int64_t inputs = in.c / op.group, first = k / (out.c / op.group) * inputs;
          int64_t sum = 0;
          for (int64_t y = 0; y < op.kh; ++y)
            for (int64_t x = 0; x < op.kw; ++x)
              for (int64_t c = 0; c < inputs; ++c) {
                const int64_t h = i * op.stride_h - op.pad_top + y * op.dil_h;
                const int64_t w = j * op.stride_w - op.pad_left + x * op.dil_w;
                const bool inside = h >= 0 && h < in.h && w >= 0 && w < in.w;
                const int64_t a =
                    inside ? values[op.in][at(in, n, h, w, first + c)] : in.zero_point;
                sum += a * op.weights[((k * op.kh + y) * op.kw + x) * inputs + c];
              }
          const size_t where = at(out, n, i, j, k);
          if (out.sums()) {
            const size_t pixel = at(out, n, i, j, 0);
            for (size_t b = 0; b < 4; ++b)
              result[4 * pixel + b * out.c + k] =
                  static_cast<int8_t>((sum + op.post.bias[k]) >> 8 * b);
            continue;
          }
          result[where] = finish(op.post, values, static_cast<int32_t>(sum), k, where,
                                 op.post.scale[k], out.type.bits());
        }
  return result;
}

Bytes run_pool(const graph::QGraph& graph, const graph::QPool& op,
               const std::vector<Bytes>& values) {
  const graph::QTensor& in = graph.tensors[op.in];
  const graph::QTensor& out = graph.tensors[op.out];
  Bytes result(out.elements());
  for (int64_t n = 0; n < out.n; ++n)
    for (int64_t i = 0; i < out.h; ++i)
      for (int64_t j = 0; j < out.w; ++j)
        for (int64_t k = 0; k < out.c; ++k) {
          int32_t sum = 0, most = INT32_MIN;
          int64_t taps = 0;
          for (int64_t y = 0; y < op.kh; ++y)
            for (int64_t x = 0; x < op.kw; ++x) {
              const int64_t h = i * op.stride_h - op.pad_top + y,
                            w = j * op.stride_w - op.pad_left + x;
              if (h < 0 || h >= in.h || w < 0 || w >= in.w) {
                sum += in.zero_point;
                continue;
              }
              const int32_t a = values[op.in][at(in, n, h, w, k)];
              ++taps;
              sum += a;
              most = std::max(most, a);
            }
          float scale = op.post.scale[k];
          if (op.exclude_pad)
            scale = static_cast<float>(double{scale} * static_cast<double>(op.kh * op.kw) /
                                       static_cast<double>(std::max<int64_t>(1, taps)));
          const size_t where = at(out, n, i, j, k);
          result[where] =
              finish(op.post, values, op.sum ? sum : most, k, where, scale, out.type.bits());
        }
  return result;
}

Bytes run_eltwise(const graph::QGraph& graph, const graph::QEltwise& op,
                  const std::vector<Bytes>& values) {
  const graph::QTensor& out = graph.tensors[op.out];
  Bytes result(out.elements());
  for (size_t k = 0; k < result.size(); ++k) {
    const auto channel = static_cast<int64_t>(k) % out.c;
    result[k] = finish(op.post, values, values[op.in][k], channel, k, op.post.scale[channel],
                       out.type.bits());
  }
  return result;
}

}  // namespace

std::vector<Bytes> run_reference(const graph::QGraph& graph, const std::vector<Bytes>& inputs) {
  std::vector<Bytes> values(graph.tensors.size());
  for (size_t k = 0; k < inputs.size(); ++k) values[graph.inputs[k]] = inputs[k];
  for (const graph::QOp& op : graph.ops) {
    values[op.out()] = op.is<graph::QConv>()   ? run_conv(graph, op.conv(), values)
                       : op.is<graph::QPool>() ? run_pool(graph, op.pool(), values)
                                               : run_eltwise(graph, op.eltwise(), values);
  }
  return values;
}

std::vector<Bytes> random_inputs(const graph::QGraph& graph, SeededRandom& random) {
  std::vector<Bytes> inputs;
  for (const graph::TensorId id : graph.inputs) {
    Bytes& bytes = inputs.emplace_back(graph.tensors[id].bytes());
    for (int8_t& b : bytes) b = static_cast<int8_t>(random.range(-128, 127));
  }
  return inputs;
}

}  // namespace systole
