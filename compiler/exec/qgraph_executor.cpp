// SPDX-License-Identifier: Apache-2.0
// run_qgraph: the quantised graph on int8 tensors, by the rounding rules of the hardware.
#include "compiler/exec/qgraph_executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/exec/grouped_conv.h"
#include "compiler/exec/kernels.h"
#include "compiler/exec/windows.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"
#include "model/isa/rounding.h"

namespace systole::exec {

namespace {

using Bytes = std::vector<int8_t>;
using Sums = std::vector<int32_t>;

constexpr int64_t kWindowBytes = 128 * 1024;  // of unfolded windows at once: they stay in a cache

isa::VectorSet vector_set(const graph::QPost& post) {
  isa::VectorSet set;
  set.out_zero = static_cast<int8_t>(post.out_zero);
  set.clamp_lo = static_cast<int8_t>(post.clamp_lo);
  set.clamp_hi = static_cast<int8_t>(post.clamp_hi);
  if (!post.residual) return set;
  const graph::QResidual& r = *post.residual;
  set.two_roundings = r.two_roundings;
  set.multiply = r.multiply;
  set.mid_zero = static_cast<int8_t>(r.mid_zero);
  set.mid_lo = static_cast<int8_t>(r.mid_lo);
  set.mid_hi = static_cast<int8_t>(r.mid_hi);
  set.res_zero = static_cast<int8_t>(r.zero);
  set.mid_scale = r.mid_scale;
  set.res_scale = r.scale;
  return set;
}

/// The bias and scale of each channel, for several pixels one behind the other: a few channels are
/// too few for a processor's vectors.
class Lanes {
 public:
  explicit Lanes(const graph::QPost& post) : channels_(static_cast<int64_t>(post.bias.size())) {
    for (int64_t lanes = 0; lanes < kLanes || lanes == 0; lanes += channels_) {
      bias_.insert(bias_.end(), post.bias.begin(), post.bias.end());
      scale_.insert(scale_.end(), post.scale.begin(), post.scale.end());
    }
  }
  int64_t pixels() const { return static_cast<int64_t>(bias_.size()) / channels_; }
  const int32_t* bias() const { return bias_.data(); }
  const float* scale() const { return scale_.data(); }

 private:
  static constexpr int64_t kLanes = 256;

  const int64_t channels_;
  std::vector<int32_t> bias_;
  std::vector<float> scale_;
};

/// The vector unit on `count` lanes: `sums` to stored values of `type`.
void post_lanes(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                int64_t count, const int32_t* bias, const float* scale, const int32_t* sums,
                const int8_t* residual, int8_t* out) {
  requantise(count, sums, bias, scale, residual, set, out);
  if (post.table)
    for (int64_t c = 0; c < count; ++c) out[c] = (*post.table)[static_cast<size_t>(out[c] + 128)];
  if (type == isa::ElementType::kInt1)
    for (int64_t c = 0; c < count; ++c) out[c] = static_cast<int8_t>(type.stored(out[c]));
}

/// The same on one pixel.
void post_pixel(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                const float* scale, const int32_t* sums, const int8_t* residual, int8_t* out) {
  post_lanes(post, set, type, static_cast<int64_t>(post.bias.size()), post.bias.data(), scale, sums,
             residual, out);
}

/// The vector unit on one pixel of sums: their bytes, the lowest of all channels first.
void store_sums(const graph::QPost& post, isa::VectorSet set, const int32_t* sums, int8_t* out) {
  set.one_byte = true;
  for (unsigned k = 0; k < 4; ++k) {
    set.byte_index = static_cast<uint8_t>(k);
    post_pixel(post, set, isa::ElementType::kInt8, post.scale.data(), sums, nullptr,
               out + k * post.bias.size());
  }
}

/// Whether the residual of all pixels of an item is one pixel.
bool has_lone_residual(const graph::QGraph& graph, const graph::QPost& post) {
  if (!post.residual) return false;
  const graph::QTensor& r = graph.tensors[static_cast<size_t>(post.residual->tensor)];
  return r.h * r.w == 1;
}

/// The residual of the pixel at `offset` of `out`: its own pixel, or the item's only one.
const int8_t* residual_at(const graph::QGraph& graph, const graph::QPost& post,
                          const graph::QTensor& out, const std::vector<Bytes>& tensors,
                          int64_t offset) {
  if (!post.residual) return nullptr;
  const auto id = static_cast<size_t>(post.residual->tensor);
  const bool lone = has_lone_residual(graph, post);
  return tensors[id].data() + (lone ? offset / (out.h * out.w * out.c) * out.c : offset);
}

void run_conv(const graph::QGraph& graph, const graph::QConv& conv, std::vector<Bytes>& tensors) {
  const graph::QTensor& in = graph.tensors[static_cast<size_t>(conv.in)];
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(conv.out)];
  const Bytes& from = tensors[static_cast<size_t>(conv.in)];
  Bytes& to = tensors[static_cast<size_t>(conv.out)];
  const int64_t terms = conv.kh * conv.kw * in.c, pixels = out.n * out.h * out.w;
  WideMatrix weights(out.c, terms);
  for (int64_t o = 0; o < out.c; ++o) widen(conv.weights.data() + o * terms, terms, weights.row(o));
  const int64_t fitting = kWindowBytes / (weights.terms() * int64_t{sizeof(int16_t)});
  const int64_t at_once = std::clamp<int64_t>(fitting, 1, pixels);
  const isa::VectorSet set = vector_set(conv.post);
  WideMatrix unfolded(at_once, terms);
  Sums sums(static_cast<size_t>(unfolded.rows() * weights.rows()));
  Windows windows(conv, in);
  int64_t loaded = -1;
  const Lanes lanes(conv.post);
  const bool dense = weights.rows() == out.c && !has_lone_residual(graph, conv.post);
  const int64_t step = dense && !out.sums() ? lanes.pixels() : 1;
  for (int64_t first = 0; first < pixels; first += at_once) {
    const int64_t rows = std::min(at_once, pixels - first);
    for (int64_t p = 0; p < rows; ++p) {
      const int64_t pixel = first + p;
      if (pixel / (out.h * out.w) != loaded) windows.load(from, ++loaded);
      windows.unfold(pixel / out.w % out.h, pixel % out.w, unfolded.row(p));
    }
    multiply(unfolded, rows, weights, sums.data());
    for (int64_t p = 0; p < rows; p += step) {
      const int64_t offset = (first + p) * out.c;
      const int32_t* of_pixel = sums.data() + p * weights.rows();
      if (out.sums())
        store_sums(conv.post, set, of_pixel, to.data() + 4 * offset);
      else
        post_lanes(conv.post, set, out.type, std::min(step, rows - p) * out.c, lanes.bias(),
                   lanes.scale(), of_pixel, residual_at(graph, conv.post, out, tensors, offset),
                   to.data() + offset);
    }
  }
}

void run_grouped_conv(const graph::QGraph& graph, const graph::QConv& conv,
                      std::vector<Bytes>& tensors) {
  const graph::QTensor& in = graph.tensors[static_cast<size_t>(conv.in)];
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(conv.out)];
  const isa::VectorSet set = vector_set(conv.post);
  const GroupedConv grouped(conv, in, out.c);
  Sums sums(static_cast<size_t>(out.c));
  int64_t offset = 0;
  for (int64_t b = 0; b < out.n; ++b) {
    for (int64_t i = 0; i < out.h; ++i) {
      for (int64_t j = 0; j < out.w; ++j, offset += out.c) {
        grouped.sums(tensors[static_cast<size_t>(conv.in)], b, i, j, sums);
        Bytes& to = tensors[static_cast<size_t>(conv.out)];
        if (out.sums())
          store_sums(conv.post, set, sums.data(), to.data() + 4 * offset);
        else
          post_pixel(conv.post, set, out.type, conv.post.scale.data(), sums.data(),
                     residual_at(graph, conv.post, out, tensors, offset), to.data() + offset);
      }
    }
  }
}

/// Sums or maxima of one window, all channels; returns the taps inside the input.
int64_t reduce(const graph::QPool& pool, const graph::QTensor& in, const Bytes& bytes, int64_t b,
               int64_t i, int64_t j, Sums& sums) {
  std::fill(sums.begin(), sums.end(), pool.sum ? 0 : INT32_MIN);
  int64_t taps = 0;
  for (int64_t y = 0; y < pool.kh; ++y) {
    for (int64_t x = 0; x < pool.kw; ++x) {
      const int64_t h = i * pool.stride_h - pool.pad_top + y,
                    v = j * pool.stride_w - pool.pad_left + x;
      if (h < 0 || h >= in.h || v < 0 || v >= in.w) {
        if (!pool.sum) continue;
        for (int32_t& s : sums) s += pool.pad_byte.value_or(static_cast<int8_t>(in.zero_point));
        continue;
      }
      ++taps;
      const int8_t* pixel = bytes.data() + ((b * in.h + h) * in.w + v) * in.c;
      for (size_t c = 0; c < sums.size(); ++c)
        sums[c] = pool.sum ? sums[c] + pixel[c] : std::max<int32_t>(sums[c], pixel[c]);
    }
  }
  return taps;
}

void run_pool(const graph::QGraph& graph, const graph::QPool& pool, std::vector<Bytes>& tensors) {
  const graph::QTensor& in = graph.tensors[static_cast<size_t>(pool.in)];
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(pool.out)];
  const isa::VectorSet set = vector_set(pool.post);
  Sums sums(static_cast<size_t>(in.c));
  std::vector<float> scale = pool.post.scale;
  int64_t offset = 0;
  for (int64_t b = 0; b < out.n; ++b) {
    for (int64_t i = 0; i < out.h; ++i) {
      for (int64_t j = 0; j < out.w; ++j, offset += out.c) {
        const int64_t taps = reduce(pool, in, tensors[static_cast<size_t>(pool.in)], b, i, j, sums);
        if (pool.exclude_pad) {
          const double factor = static_cast<double>(pool.kh * pool.kw);
          for (size_t c = 0; c < scale.size(); ++c) {
            scale[c] = static_cast<float>(pool.post.scale[c] * factor /
                                          static_cast<double>(std::max<int64_t>(taps, 1)));
          }
        }
        post_pixel(pool.post, set, out.type, scale.data(), sums.data(),
                   residual_at(graph, pool.post, out, tensors, offset),
                   tensors[static_cast<size_t>(pool.out)].data() + offset);
      }
    }
  }
}

void run_eltwise(const graph::QGraph& graph, const graph::QEltwise& eltwise,
                 std::vector<Bytes>& tensors) {
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(eltwise.out)];
  const isa::VectorSet set = vector_set(eltwise.post);
  const Bytes& from = tensors[static_cast<size_t>(eltwise.in)];
  const Lanes lanes(eltwise.post);
  const int64_t step = out.c * (has_lone_residual(graph, eltwise.post) ? 1 : lanes.pixels());
  Sums sums(static_cast<size_t>(step));
  for (int64_t offset = 0; offset < out.elements(); offset += step) {
    const int64_t count = std::min(step, out.elements() - offset);
    std::copy_n(from.data() + offset, count, sums.data());
    post_lanes(eltwise.post, set, out.type, count, lanes.bias(), lanes.scale(), sums.data(),
               residual_at(graph, eltwise.post, out, tensors, offset),
               tensors[static_cast<size_t>(eltwise.out)].data() + offset);
  }
}

}  // namespace

std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                            const std::vector<std::vector<int8_t>>& inputs) {
  if (graph.inputs.size() != inputs.size())
    throw Error(fmt::format("graph '{}' has {} inputs, {} are given", graph.name,
                            graph.inputs.size(), inputs.size()));
  std::vector<Bytes> tensors;
  for (const graph::QTensor& t : graph.tensors)
    tensors.emplace_back(static_cast<size_t>(t.elements() * t.type.bytes()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const graph::QTensor& t = graph.tensors.at(static_cast<size_t>(graph.inputs[i]));
    if (static_cast<int64_t>(inputs[i].size()) != t.elements()) {
      throw Error(fmt::format("input '{}' has {} bytes, expected {}", t.name, inputs[i].size(),
                              t.elements()));
    }
    tensors[static_cast<size_t>(graph.inputs[i])] = inputs[i];
  }
  std::vector<bool> made(graph.tensors.size(), false);
  const auto fetch = [&](graph::TensorId id) {  // a slice, from what it is cut from
    const graph::QTensor& part = graph.tensors[static_cast<size_t>(id)];
    if (!part.place || made[static_cast<size_t>(id)]) return;
    const auto base = static_cast<size_t>(part.place->base);
    graph::for_each_run(part, graph.tensors[base], [&](int64_t to, int64_t from, int64_t bytes) {
      std::copy_n(tensors[base].begin() + from, bytes,
                  tensors[static_cast<size_t>(id)].begin() + to);
    });
  };
  const auto keep = [&](graph::TensorId id) {  // a part, to what it is a part of
    made[static_cast<size_t>(id)] = true;
    const graph::QTensor& part = graph.tensors[static_cast<size_t>(id)];
    if (!part.place) return;
    const auto base = static_cast<size_t>(part.place->base);
    graph::for_each_run(part, graph.tensors[base], [&](int64_t from, int64_t to, int64_t bytes) {
      std::copy_n(tensors[static_cast<size_t>(id)].begin() + from, bytes,
                  tensors[base].begin() + to);
    });
  };
  for (const graph::QOp& op : graph.ops) {
    for (graph::TensorId id : op.operands()) fetch(id);
    std::visit(Overloaded{
                   [&](const graph::QConv& conv) {
                     (conv.group > 1 ? run_grouped_conv : run_conv)(graph, conv, tensors);
                   },
                   [&](const graph::QPool& pool) { run_pool(graph, pool, tensors); },
                   [&](const graph::QEltwise& eltwise) { run_eltwise(graph, eltwise, tensors); },
               },
               op.body);
    keep(op.out());
  }
  std::vector<Bytes> outputs;
  for (graph::TensorId id : graph.outputs) {
    fetch(id);
    outputs.push_back(tensors[static_cast<size_t>(id)]);
  }
  return outputs;
}

}  // namespace systole::exec
