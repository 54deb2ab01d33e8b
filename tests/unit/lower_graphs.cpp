// SPDX-License-Identifier: Apache-2.0
// Builds quantised graphs, by hand and at random.
#include "tests/unit/lower_graphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/arch/geometry.h"

namespace systole {
namespace {

int64_t out_size(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t pads) {
  const int64_t room = in + pads - (kernel - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace

graph::TensorId GraphBuilder::make_tensor(int64_t h, int64_t w, int64_t c) {
  graph::QTensor t;
  t.name = fmt::format("t{}", graph_.tensors.size());
  t.n = graph_.batch, t.h = h, t.w = w, t.c = c;
  t.zero_point = static_cast<int>(random_.range(-128, 127));
  t.onnx_shape = {t.n, t.c, t.h, t.w};
  graph_.tensors.push_back(t);
  return static_cast<graph::TensorId>(graph_.tensors.size() - 1);
}

graph::TensorId GraphBuilder::input(int64_t h, int64_t w, int64_t c) {
  graph_.inputs.push_back(make_tensor(h, w, c));
  return graph_.inputs.back();
}

graph::QPost GraphBuilder::make_post(int64_t channels, double sum_range, graph::TensorId residual) {
  graph::QPost post;
  for (int64_t c = 0; c < channels; ++c) {
    post.bias.push_back(static_cast<int32_t>(random_.range(-100, 100)));
    post.scale.push_back(
        static_cast<float>(static_cast<double>(random_.range(50, 150)) / sum_range));
  }
  post.out_zero = static_cast<int>(random_.range(-20, 20));
  if (random_.chance(50)) post.clamp_lo = post.out_zero;
  if (residual >= 0) {
    graph::QResidual r;
    r.tensor = residual;
    r.zero = graph_.tensors[residual].zero_point;
    r.scale = static_cast<float>(random_.range(1, 100)) / 64.0f;
    r.two_roundings = random_.chance(50);
    r.mid_zero = static_cast<int>(random_.range(-5, 5));
    r.mid_scale = static_cast<float>(random_.range(1, 100)) / 64.0f;
    post.residual = r;
  }
  return post;
}

graph::TensorId GraphBuilder::conv(graph::TensorId in, const Window& w, int64_t channels,
                                   graph::TensorId residual, int64_t group) {
  const graph::QTensor t = tensor(in);
  graph::QOp op;
  op.body = graph::QConv{};
  op.name = fmt::format("conv{}", graph_.ops.size());
  op.kind = "conv";
  graph::QConv& c = op.conv();
  c.in = in;
  c.kh = w.kh, c.kw = w.kw, c.stride_h = w.stride_h, c.stride_w = w.stride_w, c.dil_h = w.dil_h,
  c.dil_w = w.dil_w;
  c.pad_top = w.pad_top, c.pad_left = w.pad_left, c.pad_bottom = w.pad_bottom,
  c.pad_right = w.pad_right;
  c.out = make_tensor(out_size(t.h, w.kh, w.stride_h, w.dil_h, w.pad_top + w.pad_bottom),
                      out_size(t.w, w.kw, w.stride_w, w.dil_w, w.pad_left + w.pad_right), channels);
  c.group = group;
  const int64_t depth = w.kh * w.kw * (t.c / group);
  c.weights.resize(channels * depth);
  for (int8_t& b : c.weights) b = static_cast<int8_t>(random_.range(-127, 127));
  c.post =
      make_post(channels, 5000.0 * std::max<double>(1.0, static_cast<double>(depth)), residual);
  graph_.ops.push_back(op);
  return c.out;
}

graph::TensorId GraphBuilder::pool(graph::TensorId in, const Window& w, bool sum,
                                   bool exclude_pad) {
  const graph::QTensor t = tensor(in);
  graph::QOp op;
  op.body = graph::QPool{};
  op.name = fmt::format("pool{}", graph_.ops.size());
  op.kind = "pool";
  graph::QPool& p = op.pool();
  p.in = in;
  p.sum = sum, p.exclude_pad = exclude_pad;
  p.kh = w.kh, p.kw = w.kw, p.stride_h = w.stride_h, p.stride_w = w.stride_w;
  p.pad_top = w.pad_top, p.pad_left = w.pad_left, p.pad_bottom = w.pad_bottom,
  p.pad_right = w.pad_right;
  p.out = make_tensor(out_size(t.h, w.kh, w.stride_h, 1, w.pad_top + w.pad_bottom),
                      out_size(t.w, w.kw, w.stride_w, 1, w.pad_left + w.pad_right), t.c);
  p.post = make_post(t.c, sum ? 100.0 * static_cast<double>(w.kh * w.kw) : 100.0, -1);
  graph_.ops.push_back(op);
  return p.out;
}

graph::TensorId GraphBuilder::eltwise(graph::TensorId in, graph::TensorId residual) {
  const graph::QTensor t = tensor(in);
  graph::QOp op;
  op.body = graph::QEltwise{};
  op.name = fmt::format("eltwise{}", graph_.ops.size());
  op.kind = "add";
  graph::QEltwise& eltwise = op.eltwise();
  eltwise.in = in;
  eltwise.out = make_tensor(t.h, t.w, t.c);
  eltwise.post = make_post(t.c, 100.0, residual);
  graph_.ops.push_back(op);
  return op.out();
}

graph::QPost& GraphBuilder::last_post() { return graph_.ops.back().post(); }

void GraphBuilder::add_table() {
  std::array<int8_t, 256> table;
  for (int8_t& b : table) b = static_cast<int8_t>(random_.range(-128, 127));
  last_post().table = table;
}

void GraphBuilder::keep_sums() {
  graph::QPost& post = last_post();
  if (!graph_.ops.back().is<graph::QConv>() || post.residual || post.table) return;
  graph::QTensor& out = graph_.tensors[static_cast<size_t>(graph_.ops.back().out())];
  out.type = isa::ElementType::kInt32;
  out.channel_scale = std::exchange(post.scale, std::vector(post.scale.size(), 1.0f));
  post.out_zero = 0, post.clamp_lo = -128, post.clamp_hi = 127;
}

graph::QGraph GraphBuilder::finish(const std::vector<graph::TensorId>& outputs) {
  graph_.name = "test";
  graph_.outputs = outputs;
  return graph_;
}

namespace {

GraphBuilder::Window random_window(SeededRandom& random, const graph::QTensor& t, bool dilate) {
  for (;;) {
    GraphBuilder::Window w;
    w.kh = random.pick({1, 1, 2, 3, 3, 5, 7});
    w.kw = random.chance(70) ? w.kh : random.pick({1, 2, 3, 4});
    w.stride_h = random.pick({1, 1, 1, 2, 3});
    w.stride_w = random.chance(70) ? w.stride_h : random.pick({1, 2, 3});
    if (dilate && random.chance(25)) w.dil_h = random.range(1, 3), w.dil_w = random.range(1, 3);
    const bool padded = random.chance(60);
    const auto pad = [&](int64_t reach) { return padded ? random.range(0, reach) : 0; };
    w.pad_top = pad((w.kh - 1) * w.dil_h), w.pad_bottom = pad((w.kh - 1) * w.dil_h);
    w.pad_left = pad((w.kw - 1) * w.dil_w), w.pad_right = pad((w.kw - 1) * w.dil_w);
    // Now and then more padding than kernel, so that whole windows lie in it.
    if (dilate && random.chance(5)) w.pad_top += 3, w.pad_left += 4;
    if (out_size(t.h, w.kh, w.stride_h, w.dil_h, w.pad_top + w.pad_bottom) > 0 &&
        out_size(t.w, w.kw, w.stride_w, w.dil_w, w.pad_left + w.pad_right) > 0)
      return w;
  }
}

/// A tensor with the shape of `like`, other than it, or -1.
graph::TensorId same_shape(const GraphBuilder& builder, const graph::QTensor& like,
                           SeededRandom& random) {
  std::vector<graph::TensorId> found;
  for (graph::TensorId t = 0; t < builder.tensors(); ++t) {
    const graph::QTensor& other = builder.tensor(t);
    if (other.h == like.h && other.w == like.w && other.c == like.c) found.push_back(t);
  }
  return found.empty() ? -1 : found[random.below(static_cast<int64_t>(found.size()))];
}

}  // namespace

namespace {

/// Gives some convolutions weights of 4, 2 or 1 bits.
void narrow_weights(graph::QGraph& graph, SeededRandom& random) {
  for (graph::QOp& op : graph.ops) {
    if (!op.is<graph::QConv>() || random.chance(60)) continue;
    graph::QConv& conv = op.conv();
    // One bit has no zero, which a dense column needs for the other groups.
    const int64_t c = graph.tensors[conv.in].c, oc = graph.tensors[conv.out].c;
    const bool sparse = conv.group > 1 && (conv.group != c || conv.group != oc);
    conv.weight_type =
        isa::ElementType::integer(static_cast<int>(random.pick({4, 2, sparse ? 2 : 1})));
    const int most = (1 << (conv.weight_type.bits() - 1)) - 1;
    for (int8_t& w : conv.weights)
      w = static_cast<int8_t>(conv.weight_type.bits() == 1 ? random.pick({-1, 1})
                                                           : random.range(-most - 1, most));
  }
}

/// Lets the results of `op` be those that `t` can store.
void limit_results(graph::QPost& post, const graph::QTensor& t) {
  const auto into = [&t](int v) {
    const int values = t.type.greatest() - t.type.least() + 1;
    return t.type.least() + ((v - t.type.least()) % values + values) % values;
  };
  post.clamp_lo = std::clamp(post.clamp_lo, t.type.least(), t.type.greatest());
  post.clamp_hi = std::clamp(post.clamp_hi, t.type.least(), t.type.greatest());
  if (post.table)
    for (int8_t& entry : *post.table) entry = static_cast<int8_t>(into(entry));
}

/// Gives some tensors values of 4 to `least` bits, and half of the weights that meet them no more.
void narrow_activations(graph::QGraph& graph, SeededRandom& random, int least) {
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const auto id = static_cast<graph::TensorId>(i);
    const auto among = [&](const std::vector<graph::TensorId>& list) {
      return std::find(list.begin(), list.end(), id) != list.end();
    };
    const bool grouped = std::any_of(graph.ops.begin(), graph.ops.end(), [&](const graph::QOp& op) {
      return op.is<graph::QConv>() && op.conv().in == id && op.conv().group > 1;
    });
    const int bits = static_cast<int>(random.pick({8, 4, 2, 1}));
    if (among(graph.inputs) || among(graph.outputs) || grouped || bits < least || bits == 8)
      continue;
    graph::QTensor& t = graph.tensors[i];
    t.type = isa::ElementType::integer(bits);
    bool meets_one_bit = false;
    t.zero_point =
        bits == 1 ? -1 : static_cast<int>(random.range(t.type.least(), t.type.greatest()));
    for (graph::QOp& op : graph.ops) {
      if (op.out() == id) limit_results(op.post(), t);
      if (!op.is<graph::QConv>() || op.conv().in != id) continue;
      graph::QConv& conv = op.conv();
      if (conv.weight_type.bits() > bits && random.chance(50)) {
        conv.weight_type = isa::ElementType::integer(
            random.chance(60) ? bits : static_cast<int>(random.pick({bits, 1})));
        for (int8_t& w : conv.weights) {
          const int64_t most = (1 << (conv.weight_type.bits() - 1)) - 1;
          w = static_cast<int8_t>(conv.weight_type.bits() == 1 ? random.pick({-1, 1})
                                                               : random.range(-most - 1, most));
        }
      }
      if (conv.weight_type.bits() == 1 && bits > 1)
        t.zero_point = 0;  // padding beyond the last channel
      meets_one_bit |= conv.weight_type.bits() == 1;
    }
    if (bits == 1 && !meets_one_bit) t.zero_point = static_cast<int>(random.range(-1, 1));
  }
}

/// Prunes some convolutions: single weights, two of four channels, or blocks of channels, so that
/// tiles are zeros.
void prune_weights(graph::QGraph& graph, SeededRandom& random) {
  for (graph::QOp& op : graph.ops) {
    if (!op.is<graph::QConv>() || op.conv().weight_type.bits() == 1 || random.chance(40)) continue;
    graph::QConv& conv = op.conv();
    const int64_t inputs = graph.tensors[static_cast<size_t>(conv.in)].c / conv.group;
    const int64_t kind = random.pick({0, 1, 1, 2}), percent = random.pick({50, 80, 95});
    const int64_t block = random.pick({4, 8, 16}), blocks = inputs / block + 1;
    const auto outputs = static_cast<size_t>(graph.tensors[static_cast<size_t>(conv.out)].c);
    std::vector<bool> zero_block(outputs * static_cast<size_t>(blocks));
    for (size_t i = 0; i < zero_block.size(); ++i)
      zero_block[i] = i % 16 == 0 ? random.chance(percent) : zero_block[i - 1];
    for (size_t i = 0; i < conv.weights.size(); ++i) {
      const auto channel = static_cast<int64_t>(i) % inputs;
      const size_t output = i / (conv.weights.size() / outputs);
      if (kind == 0 && random.chance(percent)) conv.weights[i] = 0;
      if (kind == 1 && channel % 4 == (channel / 4) % 3) conv.weights[i] = 0;
      if (kind == 1 && channel % 4 == 3) conv.weights[i] = 0;
      if (kind == 2 &&
          zero_block[output * static_cast<size_t>(blocks) + static_cast<size_t>(channel / block)])
        conv.weights[i] = 0;
    }
  }
}

}  // namespace

graph::QGraph random_graph(SeededRandom& random, int activation_bits) {
  GraphBuilder builder(random, random.pick({1, 1, 1, 2, 3}));
  const int64_t size = random.pick({1, 2, 5, 8, 11, 14});
  const auto channels = [&] {
    if (random.chance(30)) return random.range(1, 4);
    return random.chance(50) ? random.range(1, 70) : 4 * random.range(1, 17);  // 2:4 wants fours
  };
  graph::TensorId last =
      builder.input(size, random.chance(70) ? size : random.range(1, 16), channels());
  const int64_t ops = random.range(1, 5);
  std::vector<graph::TensorId> outputs;
  for (int64_t k = 0; k < ops; ++k) {
    // Most operators continue the chain; some take an older tensor.
    const graph::TensorId in =
        random.chance(80) ? last : static_cast<graph::TensorId>(random.below(builder.tensors()));
    const graph::QTensor t = builder.tensor(in);
    const int64_t kind = random.below(10);
    if (kind < 6) {
      GraphBuilder::Window w = random_window(random, t, true);
      graph::QTensor like = t;
      like.h = out_size(t.h, w.kh, w.stride_h, w.dil_h, w.pad_top + w.pad_bottom);
      like.w = out_size(t.w, w.kw, w.stride_w, w.dil_w, w.pad_left + w.pad_right);
      like.c = random.chance(40) ? t.c : channels();
      // Depthwise, or groups of a few channels.
      int64_t group = 1;
      if (random.chance(activation_bits < 8 ? 15 : 35)) {  // groups want 8 bits
        group = t.c;
        while (group > 1 && random.chance(20)) group /= t.c % (group / 2) == 0 ? 2 : group;
        like.c = random.chance(70) ? t.c : group * random.range(1, 3);
      }
      const graph::TensorId residual = random.chance(60) ? same_shape(builder, like, random) : -1;
      last = builder.conv(in, w, like.c, residual, group);
    } else if (kind < 8) {
      GraphBuilder::Window w = random_window(random, t, false);
      if (random.chance(20)) w = {t.h, t.w};
      const bool sum = random.chance(50);
      last = builder.pool(in, w, sum, sum && random.chance(50));
    } else {
      last = builder.eltwise(in, random.chance(80) ? same_shape(builder, t, random) : -1);
    }
    if (random.chance(20)) builder.add_table();
    if (random.chance(15) && k + 1 < ops) outputs.push_back(last);
  }
  outputs.push_back(last);
  if (random.chance(40)) builder.keep_sums();
  graph::QGraph graph = builder.finish(outputs);
  narrow_weights(graph, random);
  prune_weights(graph, random);
  if (activation_bits < 8) narrow_activations(graph, random, activation_bits);
  return graph;
}

isa::HwParams random_hardware(SeededRandom& random) {
  for (;;) {
    isa::HwParams hw;
    hw.rows = static_cast<int>(random.pick({1, 2, 3, 4, 5, 7, 8, 16, 16, 17, 33}));
    hw.cols =
        static_cast<int>(random.chance(40) ? hw.rows : random.pick({1, 2, 3, 4, 5, 7, 8, 16, 20}));
    hw.ub_kib = static_cast<int>(random.pick({1, 1, 2, 4, 16, 64, 256}));
    hw.ub_banks = static_cast<int>(random.pick({1, 2, 4, 8}));
    hw.wb_tiles = static_cast<int>(random.pick({2, 3, 8, 20}));
    hw.acc_rows = static_cast<int>(random.pick({2, 6, 32, 128, 1024}));
    hw.pb_rows = static_cast<int>(random.pick({2, 3, 4, 10, 64}));
    hw.axi_bits = static_cast<int>(random.pick({32, 64, 256, 512}));
    hw.burst_beats = static_cast<int>(random.pick({1, 4, 8}));
    hw.outstanding = static_cast<int>(random.pick({1, 2, 8}));
    hw.queue_depth = static_cast<int>(random.pick({1, 2, 8}));
    hw.weight_bits = 1;
    hw.act_bits = static_cast<int>(random.pick({1, 1, 2, 4}));
    hw.codebook = static_cast<int>(random.below(2));
    hw.bitmask = static_cast<int>(random.below(2));
    hw.structured = random.chance(40) ? 1 : 0;
    if (arch::check_params(hw).empty()) return hw;
  }
}

}  // namespace systole
