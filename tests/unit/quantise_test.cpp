// SPDX-License-Identifier: Apache-2.0
// The arithmetic of quantisation: scales, zero points, weights, biases, overflow, and graph
// building.
#include "compiler/quant/quantise.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::Dims;
using test::OnnxBuilder;

program::TensorInfo tensor_info(Dims shape, float scale, int zero) {
  program::TensorInfo info;
  info.name = "t";
  info.shape = std::move(shape);
  info.scale = scale;
  info.zero_point = zero;
  return info;
}

}  // namespace

TEST_CASE("a range maps its ends to the ends of a byte, and 0 to a whole number") {
  const quant::Affine relu = quant::affine_of({0.0f, 5.1f});
  CHECK(relu.scale == Approx(5.1 / 255));
  CHECK(relu.zero == -128);
  const quant::Affine both =
      quant::affine_of({-1.0f, 1.55f});  // scale 0.01: -1 is 100 steps below 0
  CHECK(both.scale == Approx(0.01));
  CHECK(both.zero == -28);
  const quant::Affine positive = quant::affine_of({2.0f, 5.1f});  // widened to include 0
  CHECK(positive.scale == relu.scale);
  CHECK(positive.zero == -128);
  const quant::Affine negative = quant::affine_of({-2.55f, -1.0f});
  CHECK(negative.zero == 127);
  const quant::Affine nothing = quant::affine_of({0.0f, 0.0f});
  CHECK(nothing.scale == 1.0f);
  CHECK(quant::affine_of({0.0f, 1e-40f}).scale >= 0x1p-126f);  // normal
}

TEST_CASE("a real becomes clamp(rint(x / scale) + zero)") {
  const quant::Affine a{0.5f, 3};
  CHECK(quant::quantise(1.0f, a) == 5);
  CHECK(quant::quantise(1.25f, a) == 5);  // 2.5 rounds to 2, the even one
  CHECK(quant::quantise(1.75f, a) == 7);  // 3.5 rounds to 4
  CHECK(quant::quantise(-1e9f, a) == -128);
  CHECK(quant::quantise(INFINITY, a) == 127);
}

TEST_CASE("weights are symmetric per channel, and the bias takes the zero point's term") {
  const quant::Affine x{0.1f, -128};
  // channel 0: scale 1.27 / 127 = 0.01, weights 127 and -50; channel 1: scale 0.02
  const quant::QuantisedWeights q =
      quant::quantise_weights("l", {1.27f, -0.5f, 2.54f, 0.02f}, {0.3f, -1.0f}, x, 0.5f);
  CHECK(q.weights == std::vector<int8_t>{127, -50, 127, 1});
  // 0.3 / (0.1 * 0.01) = 300, + 128 * (127 - 50) = 9856; -1 / (0.1 * 0.02) = -500, + 128 * 128 =
  // 16384
  CHECK(q.bias == std::vector<int32_t>{300 + 9856, -500 + 16384});
  CHECK(q.scale[0] == Approx(0.1 * 0.01 / 0.5));
  CHECK(q.scale[1] == Approx(0.1 * 0.02 / 0.5));
}

TEST_CASE("a channel without weights keeps its bias exactly enough") {
  const quant::Affine x{0.1f, 5};
  const quant::QuantisedWeights q =
      quant::quantise_weights("l", {0, 0, 0, 0}, {0.7f, 0.0f}, x, 0.01f);
  CHECK(q.weights == std::vector<int8_t>{0, 0, 0, 0});
  CHECK(static_cast<float>(q.bias[0]) * q.scale[0] == Approx(0.7 / 0.01));  // steps of the output
  CHECK(q.bias[1] == 0);
  CHECK(q.scale[1] > 0);
}

TEST_CASE("a bias far above the weights does not overflow") {
  const quant::Affine x{1e-3f, 0};
  const quant::QuantisedWeights q = quant::quantise_weights("l", {1e-12f}, {1000.0f}, x, 10.0f);
  CHECK(static_cast<float>(q.bias[0]) * q.scale[0] == Approx(100.0));
}

TEST_CASE("sums that could leave 32 bits are refused by layer and channel") {
  // 140,000 taps of 127: 127 * 127 * 140,000 = 2.258e9 > 2^31
  const std::vector<float> weights(140000, 1.0f);
  CHECK_THROWS_WITH(quant::quantise_weights("fc9", weights, {0.0f}, {1.0f, 0}, 1.0f),
                    Catch::Contains("layer 'fc9': sums of output channel 0 may leave 32 bits"));
}

TEST_CASE("inputs are stored in NHWC and outputs read back in NCHW") {
  const program::TensorInfo info = tensor_info({1, 1, 2, 2}, 0.5f, 1);  // h 1, w 2, c 2
  const std::vector<float> item = {1, 2, 3, 4};  // channel 0: 1 2, channel 1: 3 4
  const std::vector<int8_t> stored = quant::quantise_input(info, item);
  CHECK(stored == std::vector<int8_t>{3, 7, 5, 9});  // pixel 0: 1 and 3, pixel 1: 2 and 4
  CHECK(quant::dequantise_output(info, stored.data(), 0) == item);
  CHECK_THROWS_WITH(quant::quantise_input(info, {1, 2, 3}),
                    "input 't': the item has 3 values, expected 4");
  CHECK_THROWS_WITH(quant::quantise_input(info, {1, 2, NAN, 4}),
                    "input 't': element 2 is not a number");
  CHECK_THROWS_WITH(quant::dequantise_output(info, stored.data(), 1),
                    "output 't': item 1 is outside a batch of 1");
}

TEST_CASE("calibration ranges are the least and greatest value over all items") {
  OnnxBuilder b;
  b.input("x", {1, 2}).floats("w", {2, 1}, {1, -2});
  b.node("MatMul", {"x", "w"}, "y");
  b.output("y");
  const test::ScratchFolder folder;
  data::Dataset data;
  data.items = {{{1, 0}}, {{0, 2}}, {{-0.55f, 0}}};  // y: 1, -4, -0.55
  pipeline::FrontOptions options;
  options.calibration = &data;
  const graph::QGraph graph = compile_graph(folder.write("net.onnx", b.bytes()), options);
  REQUIRE(graph.tensors.size() == 2);
  CHECK(graph.tensors[0].scale == Approx(2.55 / 255));  // -0.55 to 2
  CHECK(graph.tensors[1].scale == Approx(5.0 / 255));   // -4 to 1
  CHECK(graph.tensors[1].zero_point == 76);             // -128 + 4 * 51
}

TEST_CASE("for timing ranges are made up, and found out where made-up ones do not do") {
  const test::ScratchFolder folder;
  pipeline::FrontOptions options;
  options.timing_only = true;
  const auto scale_of = [&](float weight) {
    OnnxBuilder b;
    b.input("x", {1, 2}).floats("w", {2, 1}, {weight, -weight});
    b.node("MatMul", {"x", "w"}, "y");
    b.output("y");
    return compile_graph(folder.write("net.onnx", b.bytes()), options).tensors[1].scale;
  };
  CHECK(scale_of(3) == Approx(2.0 / 255));  // -1 to 1, though 3 x has more
  // Weights in steps of 1e25 / 127 and results in steps of 2 / 255: a factor beyond 2^64.
  CHECK(scale_of(1e25f) > 1e20f);
}

TEST_CASE("max pools keep their input's scale, average pools fold the number of taps into theirs") {
  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4});
  b.node("MaxPool", {"x"}, "m")
      .set("kernel_shape", values::Dims{2, 2})
      .set("strides", values::Dims{2, 2});
  b.node("AveragePool", {"m"}, "y")
      .set("kernel_shape", values::Dims{2, 2})
      .set("pads", values::Dims{1, 1, 1, 1});
  b.output("y");
  const test::ScratchFolder folder;
  const graph::QGraph graph =
      compile_graph(folder.write("net.onnx", b.bytes()), pipeline::FrontOptions());
  REQUIRE(graph.ops.size() == 2);
  const graph::QTensor &x = graph.tensors[0], &m = graph.tensors[1], &y = graph.tensors[2];
  CHECK(m.scale == x.scale);
  CHECK(m.zero_point == x.zero_point);
  CHECK(graph.ops[0].kind == "max pool 2x2/2");
  CHECK(graph.ops[0].pool().post.scale == std::vector<float>{1, 1});
  CHECK(graph.ops[0].pool().post.bias == std::vector<int32_t>{0, 0});
  CHECK(graph.ops[0].pool().post.out_zero == 0);
  CHECK(graph.ops[1].kind == "average pool 2x2/1");
  CHECK(graph.ops[1].pool().exclude_pad);
  CHECK(graph.ops[1].pool().post.scale[0] == x.scale / (y.scale * 4));
  CHECK(graph.ops[1].pool().post.bias[0] == -4 * x.zero_point);
}

TEST_CASE("only convolutions and products that the network states count as useful work") {
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 3}).floats("scales", {4}, {1, 1, 2, 2});
  b.floats("w", {2, 2, 1, 1}, {1, 0, 0, 1});
  b.node("Resize", {"x", "", "scales"}, "r").set("mode", "linear");
  b.node("Conv", {"r", "w"}, "y");
  b.output("y");
  const test::ScratchFolder folder;
  const graph::QGraph graph = compile_graph(folder.write("net.onnx", b.bytes()), {});
  const program::Program program = lower::compile_back(graph, arch::ArchConfig{}, {});
  int64_t useful = 0, dense = 0, convolutions = 0;
  for (const program::LayerInfo& layer : program.layers) {
    convolutions += layer.mxu_bound > 0;
    useful += layer.useful_macs;
    dense += layer.dense_macs;
  }
  CHECK(convolutions > 1);
  CHECK(useful == 6 * 6 * 2 * 2);
  CHECK(dense == useful);
}

TEST_CASE("a residual block is one convolution with one rounding") {
  std::mt19937 rng(1);
  OnnxBuilder b;
  b.input("x", {1, 4, 5, 5}).random("w", {4, 4, 3, 3}, rng);
  b.node("Conv", {"x", "w"}, "c").set("pads", values::Dims{1, 1, 1, 1});
  b.node("Add", {"x", "c"}, "s");
  b.node("Relu", {"s"}, "y");
  b.output("y");
  const test::ScratchFolder folder;
  pipeline::FrontOptions options;
  options.batch = 3;
  const graph::QGraph graph = compile_graph(folder.write("net.onnx", b.bytes()), options);
  REQUIRE(graph.ops.size() == 1);
  const graph::QOp& op = graph.ops[0];
  CHECK(op.name == "c_node");
  CHECK(op.kind == "conv 3x3/1");
  CHECK(op.dense_macs == 3 * 4 * 5 * 5 * 4 * 9);
  const graph::QTensor &x = graph.tensors[0], &y = graph.tensors[1];
  REQUIRE(op.conv().post.residual);
  CHECK(op.conv().post.residual->tensor == 0);
  CHECK(op.conv().post.residual->scale == x.scale / y.scale);
  CHECK(op.conv().post.residual->zero == x.zero_point);
  CHECK_FALSE(op.conv().post.residual->two_roundings);
  CHECK(op.conv().post.clamp_lo == y.zero_point);  // the stored 0
  CHECK(op.conv().post.clamp_hi == 127);
  CHECK(x.n == 3);
  CHECK(x.onnx_shape == values::Dims{3, 4, 5, 5});
}

TEST_CASE("a batch outside the instructions' range is refused") {
  pipeline::FrontOptions options;
  options.batch = 0;
  CHECK_THROWS_WITH(compile_graph("net.onnx", options), "batch 0 is outside 1..65535");
}

}  // namespace systole
