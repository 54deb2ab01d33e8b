// SPDX-License-Identifier: Apache-2.0
// Makes operators of the lines of a topology; sizes beyond the instructions' fields are cut.
#include "compiler/topology/scale_sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "compiler/topology/made_weights.h"
#include "compiler/topology/topology_file.h"
#include "model/base/ceil_div.h"
#include "model/base/error.h"

namespace systole::topology {
namespace {

constexpr int64_t kMaxField = 65535;  // 16-bit size fields

/// The largest divisor of `size` that is at most `most`.
int64_t divisor(int64_t size, int64_t most) {
  for (int64_t d = most; d > 1; --d)
    if (size % d == 0) return d;
  return 1;
}

/// SCALE-Sim's output is rounded up: the last window may reach beyond the input.
int64_t overhang(int64_t size, int64_t filter, int64_t stride) {
  const int64_t rest = (size - filter) % stride;
  return rest == 0 ? 0 : stride - rest;
}

int64_t outputs(int64_t size, int64_t filter, int64_t stride) {
  return ceil_div(size - filter, stride) + 1;
}

/// A filter as wide as its input is a matrix product over columns and channels; one that covers
/// the input is a fully connected layer.
void fold_covered(TopologyLayer& l) {
  if (l.depthwise || l.filter_width != l.width) return;
  l.channels *= l.width;
  l.width = l.filter_width = l.stride_width = 1;
  if (l.filter_height != l.height) return;
  l.channels *= l.height;
  l.height = l.filter_height = l.stride_height = 1;
}

/// Rows that are only multiplied by a matrix may be arranged in any way.
void fold_rows(TopologyLayer& l) {
  const bool plain = l.width == 1 && l.filter_height == 1 && l.stride_height == 1;
  if (!plain || l.height <= kMaxField) return;
  l.width = divisor(l.height, std::min(kMaxField, static_cast<int64_t>(std::sqrt(l.height))));
  l.height /= l.width;
}

/// More channels than fields hold become rows of a filter: the same bytes in the same order. What
/// does not divide is filled up with zeros, which are no useful MACs.
void fold_channels(TopologyLayer& l) {
  if (l.channels <= kMaxField) return;
  const bool product =
      l.filter_height == 1 && l.filter_width == 1 && l.stride_height == 1 && l.width == 1;
  if (!product || l.depthwise)
    throw Error(fmt::format("{}: {} channels, expected at most {} in a convolution", l.place,
                            l.channels, kMaxField));
  const int64_t least = ceil_div(l.channels, kMaxField);
  int64_t taps = least;
  while (taps < 2 * least && l.channels % taps != 0) ++taps;
  if (l.channels % taps != 0) taps = least;
  l.channels = ceil_div(l.channels, taps);
  l.width = l.filter_width = l.stride_width = taps;
}

/// Cuts filters, rows and columns of the result where a field does not hold them.
std::vector<TopologyLayer> cut(TopologyLayer l) {
  fold_covered(l);
  fold_channels(l);
  fold_rows(l);
  std::vector<TopologyLayer> parts = {l};
  const auto split = [&](auto size_of, auto take) {
    std::vector<TopologyLayer> finer;
    for (const TopologyLayer& part : parts) {
      const int64_t count = ceil_div(size_of(part), kMaxField);
      for (int64_t i = 0; i < count; ++i) finer.push_back(count == 1 ? part : take(part, i, count));
    }
    parts = std::move(finer);
  };
  split([](const TopologyLayer& p) { return p.depthwise ? 1 : p.filters; },
        [](TopologyLayer p, int64_t i, int64_t count) {
          p.filters = p.filters * (i + 1) / count - p.filters * i / count;
          return p;
        });
  const auto window = [](int64_t size, int64_t filter, int64_t stride, int64_t i, int64_t count) {
    const int64_t all = outputs(size, filter, stride);
    const int64_t first = all * i / count, last = all * (i + 1) / count - 1;
    return std::min(last * stride + filter, size) - first * stride;
  };
  split([](const TopologyLayer& p) { return p.height; },
        [&](TopologyLayer p, int64_t i, int64_t count) {
          p.height = window(p.height, p.filter_height, p.stride_height, i, count);
          return p;
        });
  split([](const TopologyLayer& p) { return p.width; },
        [&](TopologyLayer p, int64_t i, int64_t count) {
          p.width = window(p.width, p.filter_width, p.stride_width, i, count);
          return p;
        });
  if (parts.size() > 1)
    for (size_t i = 0; i < parts.size(); ++i)
      parts[i].name += fmt::format(" part {} of {}", i + 1, parts.size());
  return parts;
}

/// A depthwise line as SCALE-Sim runs it, with its names; any other as it is.
std::vector<TopologyLayer> channel_by_channel(const TopologyLayer& line) {
  if (!line.depthwise) return {line};
  if (line.channels > kMaxField)
    throw Error(fmt::format("{}: {} channels, expected at most {} that are layers of their own",
                            line.place, line.channels, kMaxField));
  std::vector<TopologyLayer> channels;
  for (int64_t c = 0; c < line.channels; ++c) {
    channels.push_back(line);
    channels.back().name += fmt::format("Channel_{}", c);
    channels.back().depthwise = false;
    channels.back().channels = 1;
  }
  return channels;
}

std::string kind_of(const TopologyLayer& line) {
  if (line.gemm) return "gemm";
  return fmt::format("{} {}x{}/{}", line.depthwise ? "depthwise" : "conv", line.filter_height,
                     line.filter_width, line.stride_height);
}

class GraphBuilder {
 public:
  GraphBuilder(std::string name, int64_t batch) {
    graph_.name = std::move(name);
    graph_.batch = batch;
    graph_.timing_only = true;
  }

  /// `result_bits`: of the layer that would read the result.
  void add(const TopologyLayer& line, const quant::LayerWidths& widths, int result_bits) {
    if (widths.weights == 1 && (line.kept < line.of || line.depthwise))
      throw Error(
          fmt::format("{}: 1-bit weights have no zero, which {} needs; expected 2 bits or "
                      "more",
                      line.place, line.depthwise ? "a depthwise layer" : "its sparsity"));
    // Zeros that fill channels up are no MACs of the layer.
    const int64_t kernel =
        line.filter_height * line.filter_width * (line.depthwise ? 1 : line.channels);
    for (const TopologyLayer& part : cut(line))
      add_part(part, kind_of(line), kernel, widths, result_bits);
  }

  graph::QGraph build() {
    graph::verify(graph_);
    return std::move(graph_);
  }

 private:
  void add_part(const TopologyLayer& l, const std::string& kind, int64_t kernel,
                const quant::LayerWidths& widths, int result_bits) {
    graph::QTensor in, out;
    in.n = out.n = graph_.batch;
    in.h = l.height;
    in.w = l.width;
    in.c = l.channels;
    out.h = outputs(l.height, l.filter_height, l.stride_height);
    out.w = outputs(l.width, l.filter_width, l.stride_width);
    out.c = l.depthwise ? l.channels * l.filters : l.filters;
    in.type = isa::ElementType::integer(l.depthwise ? 8 : widths.activations);
    out.type = isa::ElementType::integer(result_bits);
    in.name = l.name + ".in";
    out.name = l.name + ".out";
    in.onnx_shape = {in.n, in.c, in.h, in.w};
    out.onnx_shape = {out.n, out.c, out.h, out.w};
    graph::QConv conv;
    conv.in = static_cast<graph::TensorId>(graph_.tensors.size());
    conv.out = conv.in + 1;
    conv.kh = l.filter_height;
    conv.kw = l.filter_width;
    conv.stride_h = l.stride_height;
    conv.stride_w = l.stride_width;
    conv.pad_bottom = overhang(l.height, l.filter_height, l.stride_height);
    conv.pad_right = overhang(l.width, l.filter_width, l.stride_width);
    conv.group = l.depthwise ? l.channels : 1;
    conv.weight_type = isa::ElementType::integer(widths.weights);
    const int64_t taps = conv.kh * conv.kw * (l.depthwise ? 1 : l.channels);
    conv.weights =
        make_weights({out.c, taps, l.depthwise ? 1 : l.channels, l.kept, l.of}, widths.weights);
    conv.post.bias.assign(static_cast<size_t>(out.c), 0);
    conv.post.scale.assign(static_cast<size_t>(out.c), 1.0f);
    conv.post.clamp_lo = out.type.least();
    conv.post.clamp_hi = out.type.greatest();
    graph::QOp op;
    op.name = l.name;
    op.kind = kind;
    op.dense_macs = graph_.batch * out.h * out.w * out.c * kernel;
    op.body = std::move(conv);
    graph_.inputs.push_back(op.in());
    graph_.outputs.push_back(op.out());
    graph_.tensors.push_back(std::move(in));
    graph_.tensors.push_back(std::move(out));
    graph_.ops.push_back(std::move(op));
  }

  graph::QGraph graph_;
};

}  // namespace

graph::QGraph lone_layer(const TopologyLayer& layer, int64_t batch, quant::LayerWidths widths) {
  GraphBuilder builder(layer.name, batch);
  builder.add(layer, widths, widths.activations);
  return builder.build();
}

graph::QGraph load_topology(const std::filesystem::path& csv, int64_t batch,
                            quant::LayerWidths widths, Depthwise depthwise) {
  const Topology topology = read_topology_file(csv);
  const auto& layers = topology.layers;
  const auto widths_of = [&](size_t i) {
    return i == 0 || i + 1 >= layers.size() ? quant::LayerWidths{} : widths;
  };
  GraphBuilder builder(csv.stem().string(), batch * topology.batch);
  for (size_t i = 0; i < layers.size(); ++i)
    for (const TopologyLayer& line :
         depthwise == Depthwise::kScaleSim ? channel_by_channel(layers[i]) : std::vector{layers[i]})
      builder.add(line, widths_of(i), widths_of(i + 1).activations);
  return builder.build();
}

}  // namespace systole::topology
