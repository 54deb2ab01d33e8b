// SPDX-License-Identifier: Apache-2.0
// QGraphExecutor: the quantised graph on int8 tensors, by the rounding rules of the hardware.
#include "compiler/exec/qgraph_executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/exec/kernels.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"
#include "model/isa/rounding.h"

namespace systole::exec {

namespace {

using Bytes = std::vector<int8_t>;
using Sums = std::vector<int32_t>;

void run_grouped_conv(const graph::QGraph& graph, const graph::QConv& conv,
                      const GroupedConv& grouped, Tensors& tensors) {
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(conv.out)];
  const isa::VectorSet set = vector_set(conv.post);
  Sums sums(static_cast<size_t>(out.c));
  GroupedConv::Taps taps;
  int64_t offset = 0;
  for (int64_t b = 0; b < out.n; ++b) {
    for (int64_t i = 0; i < out.h; ++i) {
      for (int64_t j = 0; j < out.w; ++j, offset += out.c) {
        grouped.sums(tensors[static_cast<size_t>(conv.in)], b, i, j, taps, sums);
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

void run_pool(const graph::QGraph& graph, const graph::QPool& pool, Tensors& tensors) {
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

void run_eltwise(const graph::QGraph& graph, const graph::QEltwise& eltwise, Tensors& tensors) {
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

/// What a run holds: the bytes of all tensors, and which of them an operator has made.
class Run {
 public:
  Run(const graph::QGraph& graph, const QGraphExecutor::Observer& observe)
      : graph_(graph), observe_(observe), made_(graph.tensors.size(), false) {
    for (const graph::QTensor& t : graph.tensors)
      tensors_.emplace_back(static_cast<size_t>(t.elements() * t.type.bytes()));
  }

  Tensors& tensors() { return tensors_; }

  /// Throws Error if its size is wrong.
  void take_input(graph::TensorId id, const Bytes& bytes) {
    const graph::QTensor& t = graph_.tensors.at(static_cast<size_t>(id));
    if (static_cast<int64_t>(bytes.size()) != t.elements()) {
      throw Error(
          fmt::format("input '{}' has {} bytes, expected {}", t.name, bytes.size(), t.elements()));
    }
    tensors_[static_cast<size_t>(id)] = bytes;
    see(id);
  }

  /// A slice, from what it is cut from.
  void fetch(graph::TensorId id) {
    const graph::QTensor& part = graph_.tensors[static_cast<size_t>(id)];
    if (!part.place || made_[static_cast<size_t>(id)]) return;
    const auto base = static_cast<size_t>(part.place->base);
    graph::for_each_run(part, graph_.tensors[base], [&](int64_t to, int64_t from, int64_t bytes) {
      std::copy_n(tensors_[base].begin() + from, bytes,
                  tensors_[static_cast<size_t>(id)].begin() + to);
    });
  }

  /// A part, to what it is a part of.
  void keep(graph::TensorId id) {
    see(id);
    const graph::QTensor& part = graph_.tensors[static_cast<size_t>(id)];
    if (!part.place) return;
    const auto base = static_cast<size_t>(part.place->base);
    graph::for_each_run(part, graph_.tensors[base], [&](int64_t from, int64_t to, int64_t bytes) {
      std::copy_n(tensors_[static_cast<size_t>(id)].begin() + from, bytes,
                  tensors_[base].begin() + to);
    });
  }

  /// Shows what no operator made.
  void finish() {
    if (!observe_) return;
    for (size_t t = 0; t < made_.size(); ++t) {
      if (made_[t]) continue;
      fetch(static_cast<graph::TensorId>(t));
      see(static_cast<graph::TensorId>(t));
    }
  }

 private:
  void see(graph::TensorId id) {
    made_[static_cast<size_t>(id)] = true;
    if (observe_) observe_(id, tensors_[static_cast<size_t>(id)]);
  }

  const graph::QGraph& graph_;
  const QGraphExecutor::Observer& observe_;
  Tensors tensors_;
  std::vector<bool> made_;
};

}  // namespace

QGraphExecutor::QGraphExecutor(const graph::QGraph& graph) : graph_(graph) {
  prepared_.reserve(graph.ops.size());
  for (const graph::QOp& op : graph.ops) {
    prepared_.emplace_back();
    if (!op.is<graph::QConv>()) continue;
    const graph::QConv& conv = op.conv();
    if (conv.group == 1)
      prepared_.back().emplace<DenseConv>(graph, conv);
    else
      prepared_.back().emplace<GroupedConv>(conv, graph.tensors[static_cast<size_t>(conv.in)],
                                            graph.tensors[static_cast<size_t>(conv.out)].c);
  }
}

void QGraphExecutor::run_op(size_t index, Tensors& tensors) const {
  std::visit(Overloaded{
                 [&](const graph::QConv& conv) {
                   if (const auto* dense = std::get_if<DenseConv>(&prepared_[index]))
                     dense->run(tensors);
                   else
                     run_grouped_conv(graph_, conv, std::get<GroupedConv>(prepared_[index]),
                                      tensors);
                 },
                 [&](const graph::QPool& pool) { run_pool(graph_, pool, tensors); },
                 [&](const graph::QEltwise& eltwise) { run_eltwise(graph_, eltwise, tensors); },
             },
             graph_.ops[index].body);
}

std::vector<Bytes> QGraphExecutor::run(const std::vector<Bytes>& inputs,
                                       const Observer& observe) const {
  if (graph_.inputs.size() != inputs.size())
    throw Error(fmt::format("graph '{}' has {} inputs, {} are given", graph_.name,
                            graph_.inputs.size(), inputs.size()));
  Run run(graph_, observe);
  for (size_t i = 0; i < inputs.size(); ++i) run.take_input(graph_.inputs[i], inputs[i]);
  for (size_t index = 0; index < graph_.ops.size(); ++index) {
    for (graph::TensorId id : graph_.ops[index].operands()) run.fetch(id);
    run_op(index, run.tensors());
    run.keep(graph_.ops[index].out());
  }
  run.finish();
  std::vector<Bytes> outputs;
  for (graph::TensorId id : graph_.outputs) {
    run.fetch(id);
    outputs.push_back(run.tensors()[static_cast<size_t>(id)]);
  }
  return outputs;
}

std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                            const std::vector<std::vector<int8_t>>& inputs) {
  return QGraphExecutor(graph).run(inputs);
}

}  // namespace systole::exec
