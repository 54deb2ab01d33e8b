// SPDX-License-Identifier: Apache-2.0
// run_qgraph against scalar loops written from the instruction set's pseudo-code.
#include "compiler/exec/qgraph_executor.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "model/base/error.h"

namespace systole {
namespace {

using Bytes = std::vector<int8_t>;

class Random {
 public:
  explicit Random(unsigned seed) : rng_(seed) {}
  int64_t pick(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(rng_() % static_cast<uint64_t>(hi - lo + 1));
  }
  bool coin() { return pick(0, 1) == 1; }
  float scale() { return static_cast<float>(pick(1, 1000)) * 1e-4f; }
  Bytes bytes(int64_t count) {
    Bytes result(static_cast<size_t>(count));
    for (int8_t& b : result) b = static_cast<int8_t>(pick(-128, 127));
    return result;
  }

 private:
  std::mt19937_64 rng_;
};

graph::QPost random_post(Random& random, int64_t channels, int64_t bias, float factor) {
  graph::QPost post;
  for (int64_t c = 0; c < channels; ++c) {
    post.bias.push_back(static_cast<int32_t>(random.pick(-bias, bias)));
    post.scale.push_back(random.scale() * factor);
  }
  post.out_zero = static_cast<int>(random.pick(-128, 127));
  post.clamp_lo = static_cast<int>(random.pick(-128, 0));
  post.clamp_hi = static_cast<int>(random.pick(1, 127));
  if (random.pick(0, 3) == 0) {
    post.table.emplace();
    for (int8_t& entry : *post.table) entry = static_cast<int8_t>(random.pick(-128, 127));
  }
  return post;
}

graph::QResidual random_residual(Random& random, graph::TensorId tensor) {
  graph::QResidual r;
  r.tensor = tensor;
  r.zero = static_cast<int>(random.pick(-128, 127));
  r.scale = random.scale() * 10;
  r.two_roundings = random.coin();
  r.mid_zero = static_cast<int>(random.pick(-128, 127));
  r.mid_lo = static_cast<int>(random.pick(-128, -1));
  r.mid_hi = static_cast<int>(random.pick(0, 127));
  r.mid_scale = random.scale() * 10;
  return r;
}

/// The vector unit's steps after the window, as docs/isa.md writes them, with rint of the C
/// library.
int8_t naive_post(const graph::QPost& post, size_t c, int32_t x, float scale, int8_t residual) {
  const auto clamp_rint = [](float v, int zero, int lo, int hi) {
    const double y = std::rint(double{v}) + zero;
    return static_cast<int>(std::fmin(std::fmax(y, lo), hi));
  };
  const auto sum =
      static_cast<int32_t>(static_cast<uint32_t>(x) + static_cast<uint32_t>(post.bias[c]));
  const float f = static_cast<float>(sum) * scale;
  float v = f;
  if (post.residual) {
    const graph::QResidual& r = *post.residual;
    const float other = static_cast<float>(residual - r.zero) * r.scale;
    if (r.two_roundings) {
      const int m = clamp_rint(f, r.mid_zero, r.mid_lo, r.mid_hi);
      v = static_cast<float>(m - r.mid_zero) * r.mid_scale;
    }
    v = v + other;
  }
  const int y = clamp_rint(v, post.out_zero, post.clamp_lo, post.clamp_hi);
  return post.table ? (*post.table)[static_cast<size_t>(y + 128)] : static_cast<int8_t>(y);
}

/// A graph of one operator on tensor 0 giving tensor 1; a residual reads tensor 0 too, if shapes
/// allow.
graph::QGraph one_op(const graph::QTensor& in, const graph::QTensor& out, graph::QOp op) {
  graph::QGraph graph;
  graph.name = std::string("one");
  graph.batch = in.n;
  graph.tensors = {in, out};
  graph.inputs = {0};
  graph.outputs = {1};
  op.name = std::string("op");
  graph.ops = {std::move(op)};
  return graph;
}

graph::QTensor random_tensor(Random& random, int64_t max_channels) {
  graph::QTensor t;
  t.name = std::string("x");  // g++ 12 warns falsely about assigning the literal
  t.n = random.pick(1, 2);
  t.h = random.pick(1, 7);
  t.w = random.pick(1, 7);
  t.c = random.pick(1, max_channels);
  t.zero_point = static_cast<int>(random.pick(-128, 127));
  return t;
}

size_t offset(const graph::QTensor& t, int64_t n, int64_t h, int64_t w, int64_t c) {
  return static_cast<size_t>(((n * t.h + h) * t.w + w) * t.c + c);
}

template <typename F>
void for_each_output(const graph::QTensor& t, F f) {
  for (int64_t n = 0; n < t.n; ++n) {
    for (int64_t h = 0; h < t.h; ++h) {
      for (int64_t w = 0; w < t.w; ++w) {
        for (int64_t c = 0; c < t.c; ++c) f(n, h, w, c);
      }
    }
  }
}

template <typename Op>
bool fit_window(Random& random, Op& op, const graph::QTensor& in, graph::QTensor& out,
                int64_t dil_h, int64_t dil_w, int64_t least_pad) {
  op.in = 0;
  op.out = 1;
  op.kh = random.pick(1, 4);
  op.kw = random.pick(1, 4);
  op.stride_h = random.pick(1, 3);
  op.stride_w = random.pick(1, 3);
  op.pad_top = random.pick(least_pad, 5);
  op.pad_left = random.pick(least_pad, 5);
  op.pad_bottom = random.pick(0, 5);
  op.pad_right = random.pick(0, 5);
  const int64_t room_h = in.h + op.pad_top + op.pad_bottom - dil_h * (op.kh - 1) - 1;
  const int64_t room_w = in.w + op.pad_left + op.pad_right - dil_w * (op.kw - 1) - 1;
  if (room_h < 0 || room_w < 0) return false;
  out = in;
  out.h = room_h / op.stride_h + 1;
  out.w = room_w / op.stride_w + 1;
  return true;
}

}  // namespace

TEST_CASE(
    "int8 convolutions are exact, with wrapping sums, long rows of weights and every "
    "post-processing") {
  int checked = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    INFO("seed " << seed);
    // Every fifth has more than 1,024 terms: the executor adds several exact parts.
    graph::QTensor in = random_tensor(random, seed % 5 == 0 ? 400 : 20), out;
    graph::QOp op;
    op.body = graph::QConv{};
    graph::QConv& conv = op.conv();
    conv.dil_h = random.pick(1, 2);
    conv.dil_w = random.pick(1, 2);
    if (!fit_window(random, conv, in, out, conv.dil_h, conv.dil_w, /*least_pad=*/-1)) continue;
    out.c = random.coin() ? in.c : random.pick(1, 9);
    conv.weights = random.bytes(out.c * conv.kh * conv.kw * in.c);
    const bool wraps = seed % 7 == 0;
    conv.post = random_post(random, out.c, wraps ? INT32_MAX : 100000, wraps ? 1e-5f : 1e-2f);
    const bool same = out.h == in.h && out.w == in.w && out.c == in.c;
    if (same) conv.post.residual = random_residual(random, 0);
    const graph::QGraph graph = one_op(in, out, op);
    graph::verify(graph);
    const Bytes x = random.bytes(in.bytes());
    const Bytes y = exec::run_qgraph(graph, x).at(0);
    REQUIRE(y.size() == static_cast<size_t>(out.bytes()));
    int wrong = 0;
    for_each_output(out, [&](int64_t n, int64_t i, int64_t j, int64_t o) {
      uint32_t sum = 0;
      for (int64_t a = 0; a < conv.kh; ++a) {
        for (int64_t b = 0; b < conv.kw; ++b) {
          const int64_t h = i * conv.stride_h - conv.pad_top + a * conv.dil_h;
          const int64_t w = j * conv.stride_w - conv.pad_left + b * conv.dil_w;
          const bool inside = h >= 0 && h < in.h && w >= 0 && w < in.w;
          for (int64_t c = 0; c < in.c; ++c) {
            const int value = inside ? x[offset(in, n, h, w, c)] : in.zero_point;
            sum += static_cast<uint32_t>(
                value *
                conv.weights[static_cast<size_t>(((o * conv.kh + a) * conv.kw + b) * in.c + c)]);
          }
        }
      }
      const size_t at = offset(out, n, i, j, o), c = static_cast<size_t>(o);
      const int8_t r = same ? x[at] : int8_t{0};
      wrong += y[at] != naive_post(conv.post, c, static_cast<int32_t>(sum), conv.post.scale[c], r);
      ++checked;
    });
    CHECK(wrong == 0);
  }
  CHECK(checked > 5000);
}

TEST_CASE("padding and dilation take no memory, however far they reach") {
  Random random(1);
  graph::QTensor in = random_tensor(random, 3);
  in.n = 1, in.h = in.w = 5;
  graph::QTensor out = in;
  graph::QOp op;
  op.body = graph::QConv{};
  graph::QConv& conv = op.conv();
  conv.in = 0, conv.out = 1;
  conv.kh = conv.kw = 3;
  conv.dil_h = conv.dil_w = conv.pad_top = conv.pad_left = conv.pad_bottom = conv.pad_right = 32767;
  conv.weights = random.bytes(out.c * 9 * in.c);
  conv.post = random_post(random, out.c, 1000, 1e-2f);
  const graph::QGraph graph = one_op(in, out, op);
  graph::verify(graph);
  const Bytes x = random.bytes(in.bytes());
  const Bytes y =
      exec::run_qgraph(graph, x).at(0);  // only the middle of the kernel meets the input
  for_each_output(out, [&](int64_t n, int64_t i, int64_t j, int64_t o) {
    int32_t sum = 0;
    for (int64_t tap = 0; tap < 9; ++tap)
      for (int64_t c = 0; c < in.c; ++c)
        sum += (tap == 4 ? x[offset(in, n, i, j, c)] : in.zero_point) *
               conv.weights[static_cast<size_t>((o * 9 + tap) * in.c + c)];
    const auto at = static_cast<size_t>(o);
    CHECK(y[offset(out, n, i, j, o)] == naive_post(conv.post, at, sum, conv.post.scale[at], 0));
  });
}

TEST_CASE("int8 pools are exact, in every form of padding") {
  int checked = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    INFO("seed " << seed);
    graph::QTensor in = random_tensor(random, 12), out;
    graph::QOp op;
    op.body = graph::QPool{};
    graph::QPool& pool = op.pool();
    if (!fit_window(random, pool, in, out, 1, 1, /*least_pad=*/0)) continue;
    pool.sum = random.coin();
    pool.exclude_pad = pool.sum && random.coin();
    pool.post = random_post(random, out.c, 300, 1.0f);
    const graph::QGraph graph = one_op(in, out, op);
    graph::verify(graph);
    const Bytes x = random.bytes(in.bytes());
    const Bytes y = exec::run_qgraph(graph, x).at(0);
    int wrong = 0;
    for_each_output(out, [&](int64_t n, int64_t i, int64_t j, int64_t c) {
      int32_t sum = 0, largest = INT32_MIN;
      int64_t taps = 0;
      for (int64_t a = 0; a < pool.kh; ++a) {
        for (int64_t b = 0; b < pool.kw; ++b) {
          const int64_t h = i * pool.stride_h - pool.pad_top + a,
                        w = j * pool.stride_w - pool.pad_left + b;
          const bool inside = h >= 0 && h < in.h && w >= 0 && w < in.w;
          sum += inside ? x[offset(in, n, h, w, c)] : in.zero_point;
          if (inside) largest = std::max<int32_t>(largest, x[offset(in, n, h, w, c)]);
          taps += inside ? 1 : 0;
        }
      }
      if (taps == 0) return;  // not an operator that the importer makes
      const auto channel = static_cast<size_t>(c);
      float scale = pool.post.scale[channel];
      if (pool.exclude_pad)
        scale = static_cast<float>(double{scale} * static_cast<double>(pool.kh * pool.kw) /
                                   static_cast<double>(taps));
      wrong += y[offset(out, n, i, j, c)] !=
               naive_post(pool.post, channel, pool.sum ? sum : largest, scale, 0);
      ++checked;
    });
    CHECK(wrong == 0);
  }
  CHECK(checked > 3000);
}

TEST_CASE("int8 elementwise operators are exact, with both residual forms") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    INFO("seed " << seed);
    const graph::QTensor in = random_tensor(random, 12);
    graph::QOp op;
    op.body = graph::QEltwise{};
    op.eltwise().in = 0;
    op.eltwise().out = 1;
    op.eltwise().post = random_post(random, in.c, 300, 10.0f);
    if (random.coin()) op.eltwise().post.residual = random_residual(random, 0);
    const graph::QGraph graph = one_op(in, in, op);
    graph::verify(graph);
    const Bytes x = random.bytes(in.bytes());
    const Bytes y = exec::run_qgraph(graph, x).at(0);
    int wrong = 0;
    for_each_output(in, [&](int64_t n, int64_t i, int64_t j, int64_t c) {
      const size_t at = offset(in, n, i, j, c), channel = static_cast<size_t>(c);
      const graph::QPost& post = op.eltwise().post;
      wrong += y[at] != naive_post(post, channel, x[at], post.scale[channel], x[at]);
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("an input of the wrong size is refused") {
  Random random(1);
  const graph::QTensor in = random_tensor(random, 4);
  graph::QOp op;
  op.body = graph::QEltwise{};
  op.eltwise().in = 0;
  op.eltwise().out = 1;
  op.eltwise().post = random_post(random, in.c, 1, 1.0f);
  CHECK_THROWS_AS(exec::run_qgraph(one_op(in, in, op), Bytes(static_cast<size_t>(in.bytes()) + 1)),
                  Error);
}

TEST_CASE("the verifier of the quantised graph names layer and reason") {
  Random random(1);
  graph::QTensor in = random_tensor(random, 4);
  graph::QOp op;
  op.kind = std::string("add");
  op.body = graph::QEltwise{};
  op.eltwise().in = 0;
  op.eltwise().out = 1;
  op.eltwise().post = random_post(random, in.c, 1, 1.0f);
  graph::QGraph graph = one_op(in, in, op);
  graph::verify(graph);

  graph::QGraph scale = graph;
  scale.ops[0].eltwise().post.scale[0] = 0.0f;
  CHECK_THROWS_WITH(graph::verify(scale), "layer 'op' (add): scale outside [2^-64, 2^64)");
  graph::QGraph order = graph;
  order.ops[0].eltwise().in = 1;
  CHECK_THROWS_WITH(graph::verify(order), "layer 'op' (add): its input is not made before it");
  graph::QGraph clamp = graph;
  clamp.ops[0].eltwise().post.clamp_lo = 5;
  clamp.ops[0].eltwise().post.clamp_hi = 4;
  CHECK_THROWS_WITH(graph::verify(clamp), "layer 'op' (add): clamp bounds in the wrong order");
  graph::QGraph wide = graph;
  wide.tensors[1].type = isa::ElementType::kInt16;
  CHECK_THROWS_WITH(graph::verify(wide),
                    "tensor 'x': int16 is reserved: no unit reads or writes it yet");
  graph::QGraph batch = graph;
  batch.batch = 70000;
  CHECK_THROWS_WITH(graph::verify(batch), "batch 70000 is outside 1..65535");
}

}  // namespace systole
