// SPDX-License-Identifier: Apache-2.0
// Every operator, from the ONNX node to its result, against loops written from the ONNX definition.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::Dims;
using test::OnnxBuilder;
using test::random_floats;
using test::ScratchFolder;

std::vector<float> run(const OnnxBuilder& b, const std::vector<float>& x) {
  const ScratchFolder folder;
  return pipeline::load_float_network(folder.write("net.onnx", b.bytes())).run(x);
}

void check_near(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(want[i]).margin(1e-4));
}

struct Map {
  int64_t c, h, w;
  size_t size() const { return static_cast<size_t>(c * h * w); }
  size_t at(int64_t ci, int64_t i, int64_t j) const {
    return static_cast<size_t>((ci * h + i) * w + j);
  }
};

struct Sweep {
  int64_t k[2], s[2], d[2], pads[4];  // pads as ONNX orders them: top, left, bottom, right
  Map out(const Map& in, int64_t channels) const {
    return {channels, (in.h + pads[0] + pads[2] - d[0] * (k[0] - 1) - 1) / s[0] + 1,
            (in.w + pads[1] + pads[3] - d[1] * (k[1] - 1) - 1) / s[1] + 1};
  }
};

std::vector<float> naive_conv(const Map& in, const Map& out, const Sweep& p,
                              const std::vector<float>& x, const std::vector<float>& w,
                              const std::vector<float>& bias) {
  std::vector<float> y(out.size());
  for (int64_t o = 0; o < out.c; ++o) {
    for (int64_t i = 0; i < out.h; ++i) {
      for (int64_t j = 0; j < out.w; ++j) {
        double sum = bias[static_cast<size_t>(o)];
        for (int64_t c = 0; c < in.c; ++c) {
          for (int64_t a = 0; a < p.k[0]; ++a) {
            for (int64_t b = 0; b < p.k[1]; ++b) {
              const int64_t h = i * p.s[0] - p.pads[0] + a * p.d[0],
                            v = j * p.s[1] - p.pads[1] + b * p.d[1];
              if (h < 0 || h >= in.h || v < 0 || v >= in.w) continue;
              const auto weight = static_cast<size_t>(((o * in.c + c) * p.k[0] + a) * p.k[1] + b);
              sum += double{x[in.at(c, h, v)]} * w[weight];
            }
          }
        }
        y[out.at(o, i, j)] = static_cast<float>(sum);
      }
    }
  }
  return y;
}

enum class Pool { kMax, kAverage, kAverageWithPad };

std::vector<float> naive_pool(const Map& in, const Map& out, const Sweep& p,
                              const std::vector<float>& x, Pool pool) {
  std::vector<float> y(out.size());
  for (int64_t c = 0; c < out.c; ++c) {
    for (int64_t i = 0; i < out.h; ++i) {
      for (int64_t j = 0; j < out.w; ++j) {
        std::vector<float> taps;
        for (int64_t a = 0; a < p.k[0]; ++a) {
          for (int64_t b = 0; b < p.k[1]; ++b) {
            const int64_t h = i * p.s[0] - p.pads[0] + a, v = j * p.s[1] - p.pads[1] + b;
            if (h >= 0 && h < in.h && v >= 0 && v < in.w) taps.push_back(x[in.at(c, h, v)]);
          }
        }
        double sum = 0;
        for (float t : taps) sum += t;
        const size_t divisor =
            pool == Pool::kAverage ? taps.size() : static_cast<size_t>(p.k[0] * p.k[1]);
        y[out.at(c, i, j)] = pool == Pool::kMax
                                 ? *std::max_element(taps.begin(), taps.end())
                                 : static_cast<float>(sum / static_cast<double>(divisor));
      }
    }
  }
  return y;
}

int64_t pick(std::mt19937& rng, int64_t lo, int64_t hi) {
  return lo + static_cast<int64_t>(rng() % static_cast<uint64_t>(hi - lo + 1));
}

/// A random window that fits `in`; pads stay below the kernel.
Sweep random_sweep(std::mt19937& rng, const Map& in, bool dilated) {
  while (true) {
    Sweep p{};
    for (int i = 0; i < 2; ++i) {
      p.k[i] = pick(rng, 1, 4);
      p.s[i] = pick(rng, 1, 3);
      p.d[i] = dilated ? pick(rng, 1, 2) : 1;
      p.pads[i] = pick(rng, 0, p.k[i] - 1);
      p.pads[i + 2] = pick(rng, 0, p.k[i] - 1);
    }
    const int64_t room_h = in.h + p.pads[0] + p.pads[2] - p.d[0] * (p.k[0] - 1) - 1;
    const int64_t room_w = in.w + p.pads[1] + p.pads[3] - p.d[1] * (p.k[1] - 1) - 1;
    if (room_h >= 0 && room_w >= 0) return p;
  }
}

}  // namespace

TEST_CASE("convolutions of random kernels, strides, dilations and pads are what ONNX defines") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 rng(seed);
    const Map in{pick(rng, 1, 5), pick(rng, 1, 9), pick(rng, 1, 9)};
    const Sweep p = random_sweep(rng, in, true);
    const Map out = p.out(in, pick(rng, 1, 6));
    INFO("seed " << seed);
    const auto w = random_floats(static_cast<size_t>(out.c * in.c * p.k[0] * p.k[1]), rng);
    const auto bias = random_floats(static_cast<size_t>(out.c), rng),
               x = random_floats(in.size(), rng);
    OnnxBuilder b;
    b.input("x", {1, in.c, in.h, in.w})
        .floats("w", {out.c, in.c, p.k[0], p.k[1]}, w)
        .floats("b", {out.c}, bias);
    b.node("Conv", {"x", "w", "b"}, "y")
        .set("kernel_shape", values::Dims{p.k[0], p.k[1]})
        .set("strides", values::Dims{p.s[0], p.s[1]})
        .set("dilations", values::Dims{p.d[0], p.d[1]})
        .set("pads", values::Dims{p.pads[0], p.pads[1], p.pads[2], p.pads[3]});
    b.output("y");
    check_near(run(b, x), naive_conv(in, out, p, x, w, bias));
  }
}

TEST_CASE("pools of random windows are what ONNX defines, in every form of padding") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 rng(seed);
    const Map in{pick(rng, 1, 4), pick(rng, 2, 9), pick(rng, 2, 9)};
    Sweep p = random_sweep(rng, in, false);
    // ONNX gives no meaning to windows of nothing but padding; keep the last ones inside.
    const Map out = p.out(in, in.c);
    if ((out.h - 1) * p.s[0] - p.pads[0] >= in.h || (out.w - 1) * p.s[1] - p.pads[1] >= in.w)
      continue;
    const auto pool = static_cast<Pool>(seed % 3);
    INFO("seed " << seed);
    const auto x = random_floats(in.size(), rng);
    OnnxBuilder b;
    b.input("x", {1, in.c, in.h, in.w});
    auto node = b.node(pool == Pool::kMax ? "MaxPool" : "AveragePool", {"x"}, "y")
                    .set("kernel_shape", values::Dims{p.k[0], p.k[1]})
                    .set("strides", values::Dims{p.s[0], p.s[1]})
                    .set("pads", values::Dims{p.pads[0], p.pads[1], p.pads[2], p.pads[3]});
    if (pool == Pool::kAverageWithPad) node.set("count_include_pad", 1);
    b.output("y");
    check_near(run(b, x), naive_pool(in, out, p, x, pool));
  }
}

TEST_CASE("ceil_mode adds the window that hangs over the end") {
  OnnxBuilder b;
  b.input("x", {1, 1, 4, 4});
  b.node("MaxPool", {"x"}, "y")
      .set("kernel_shape", values::Dims{3, 3})
      .set("strides", values::Dims{2, 2})
      .set("ceil_mode", 1);
  b.output("y");
  // 4 rows, windows at 0 and 2: ceil((4 - 3) / 2) + 1 = 2.
  check_near(run(b, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}), {11, 12, 15, 16});
}

TEST_CASE("auto_pad puts the odd row at the end or at the start") {
  for (const std::string mode : {"SAME_UPPER", "SAME_LOWER"}) {
    OnnxBuilder b;
    b.input("x", {1, 1, 1, 4}).floats("w", {1, 1, 1, 2}, {1, 10});
    b.node("Conv", {"x", "w"}, "y").set("auto_pad", mode);
    b.output("y");
    const std::vector<float> upper = {21, 32, 43, 4}, lower = {10, 21, 32, 43};
    check_near(run(b, {1, 2, 3, 4}), mode == "SAME_UPPER" ? upper : lower);
  }
}

TEST_CASE("Gemm takes transB, alpha and beta") {
  // y = 2 * x * B^T + 3 * c
  OnnxBuilder b;
  b.input("x", {1, 2}).floats("w", {3, 2}, {1, 2, 3, 4, 5, 6}).floats("c", {3}, {1, 0, -1});
  b.node("Gemm", {"x", "w", "c"}, "y").set("transB", 1).set("alpha", 2.0f).set("beta", 3.0f);
  b.output("y");
  check_near(run(b, {10, 1}), {2 * 12 + 3, 2 * 34, 2 * 56 - 3});
}

TEST_CASE("a Gemm after Flatten sees the map in NCHW order") {
  std::mt19937 rng(5);
  OnnxBuilder b;
  b.input("x", {1, 3, 2, 2}).random("w", {12, 4}, rng);
  b.node("Relu", {"x"}, "r");
  b.node("Flatten", {"r"}, "f");
  b.node("Relu", {"f"}, "g");
  b.node("MatMul", {"g", "w"}, "y");
  b.output("y");
  const auto x = random_floats(12, rng);
  const auto& w = b.graph().initializer(0).float_data();
  std::vector<float> want(4, 0.0f);
  for (int o = 0; o < 4; ++o) {
    for (int i = 0; i < 12; ++i)
      want[static_cast<size_t>(o)] += std::max(x[static_cast<size_t>(i)], 0.0f) * w[i * 4 + o];
  }
  check_near(run(b, x), want);
}

TEST_CASE("elementwise operators with constants, clips and batch normalisation") {
  OnnxBuilder b;
  b.input("x", {1, 2, 1, 2});
  b.floats("two", {}, {2})
      .floats("c", {2, 1, 1}, {10, 20})
      .floats("lo", {}, {-1})
      .floats("hi", {}, {30});
  b.floats("g", {2}, {1, 2})
      .floats("beta", {2}, {0, 1})
      .floats("mean", {2}, {1, 2})
      .floats("var", {2}, {4, 9});
  b.node("Mul", {"x", "two"}, "a");
  b.node("Sub", {"c", "a"}, "b");
  b.node("Div", {"b", "two"}, "d");
  b.node("BatchNormalization", {"d", "g", "beta", "mean", "var"}, "n").set("epsilon", 0.0f);
  b.node("Clip", {"n", "lo", "hi"}, "y");
  b.output("y");
  // d = (c - 2x) / 2; n = g * (d - mean) / sqrt(var) + beta
  // channel 0: x = 1 -> d = 4 -> 1.5; x = 5 -> d = 0 -> -0.5
  // channel 1: x = 0 -> d = 10 -> 2 * 8 / 3 + 1; x = 20 -> d = -10 -> 2 * -12 / 3 + 1 = -7, clipped
  // to -1
  check_near(run(b, {1, 5, 0, 20}), {1.5f, -0.5f, 16.0f / 3 + 1, -1});
}

TEST_CASE("Clip reads its bounds from attributes up to opset 10") {
  OnnxBuilder b(10);
  b.input("x", {1, 3});
  b.node("Clip", {"x"}, "y").set("min", -1.0f).set("max", 6.0f);
  b.output("y");
  check_near(run(b, {-4, 2, 9}), {-1, 2, 6});
}

TEST_CASE("means over rows and columns, whatever the operator is called") {
  for (const std::string op : {"GlobalAveragePool", "ReduceMean"}) {
    OnnxBuilder b;
    b.input("x", {1, 2, 2, 2});
    auto node = b.node(op, {"x"}, "y");
    if (op == "ReduceMean") node.set("axes", values::Dims{2, -1}).set("keepdims", 0);
    b.output("y");
    check_near(run(b, {1, 2, 3, 6, -1, -1, 1, 1}), {3, 0});
  }
}

TEST_CASE("shapes that exporters compute are folded") {
  // y = reshape(x, concat(gather(shape(x), 0), [-1])), as PyTorch writes x.view(x.size(0), -1)
  OnnxBuilder b;
  std::mt19937 rng(3);
  b.input("x", {2, 3, 2, 2})
      .ints("zero", {}, {0})
      .ints("axes", {1}, {0})
      .ints("rest", {1}, {-1})
      .random("w", {12, 2}, rng);
  b.node("Relu", {"x"}, "r");
  b.node("Shape", {"r"}, "shape");
  b.node("Gather", {"shape", "zero"}, "n");
  b.node("Unsqueeze", {"n", "axes"}, "n1");
  b.node("Concat", {"n1", "rest"}, "target").set("axis", 0);
  b.node("Reshape", {"r", "target"}, "f");
  b.node("Identity", {"w"}, "shared");
  b.node("MatMul", {"f", "shared"}, "y");
  b.output("y");
  CHECK(run(b, std::vector<float>(12, 1.0f)).size() == 2);
}

TEST_CASE("softmax at the tail is left to the host") {
  OnnxBuilder b;
  b.input("x", {1, 2}).floats("w", {2, 2}, {1, 0, 0, 1});
  b.node("MatMul", {"x", "w"}, "z");
  b.node("Softmax", {"z"}, "y");
  b.output("y");
  check_near(run(b, {std::log(1.0f), std::log(3.0f)}), {0.25f, 0.75f});
  const ScratchFolder folder;
  const graph::QGraph graph =
      compile_graph(folder.write("net.onnx", b.bytes()), pipeline::FrontOptions());
  REQUIRE(graph.host_steps.size() == 1);
  CHECK(graph.host_steps[0].op == "softmax");
  CHECK(graph.host_steps[0].tensor == "y");
  CHECK(graph.tensors[static_cast<size_t>(graph.outputs[0])].name == "y");
}

}  // namespace systole
