// SPDX-License-Identifier: Apache-2.0
// Operators between roundings: the stated scales are all they need.
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/exec/host_steps.h"
#include "compiler/exec/qgraph_executor.h"
#include "tests/operators/harness.h"
#include "tests/operators/quantised_builder.h"

namespace systole::test {
namespace {

constexpr float kIn = 0.05f, kOut = 0.037f;
constexpr int kInZero = 30, kOutZero = 101;

/// All 256 integers, dequantised to `r`.
OnnxBuilder all_bytes(const Dims& dims) {
  OnnxBuilder b(13);
  integer_input(b, "x", dims, kU8);
  b.node("DequantizeLinear", with("x", scheme(b, "in", kIn, kU8, kInZero)), "r");
  scheme(b, "out", kOut, kU8, kOutZero);
  return b;
}

/// `r` enlarged by nearest to 2x3 and rounded to its own codes again: `er`.
OnnxBuilder enlarged_bytes() {
  OnnxBuilder b = all_bytes({1, 256, 1, 1});
  b.floats("scales", {4}, {1, 1, 2, 3});
  b.node("Resize", {"r", "", "scales"}, "e")
      .set("mode", std::string("nearest"))
      .set("coordinate_transformation_mode", std::string("pytorch_half_pixel"))
      .set("nearest_mode", std::string("round_prefer_ceil"));
  b.node("QuantizeLinear", {"e", "in_s", "in_z"}, "eq");
  b.node("DequantizeLinear", {"eq", "in_s", "in_z"}, "er");
  return b;
}

float real(int code) { return static_cast<float>(code - kInZero) * kIn; }

/// As stored: less 128.
int rounded(float value) {
  const float code = std::nearbyint(value / kOut) + static_cast<float>(kOutZero);
  return static_cast<int>(std::clamp(code, 0.0f, 255.0f)) - 128;
}

std::vector<int8_t> bytes() {
  std::vector<int8_t> all;
  for (int i = -128; i <= 127; ++i) all.push_back(static_cast<int8_t>(i));
  return all;
}

bool asks_for_data(const OnnxBuilder& b) {
  std::vector<std::string> warnings;
  front(b, &warnings);
  return warnings.size() == 1 && warnings[0].find("no calibration data") == 0;
}

}  // namespace

TEST_CASE("a difference of rounded values needs no range") {
  OnnxBuilder b = all_bytes({1, 1, 1, 256});
  const auto mid = scheme(b, "mid", 0.11f, kU8, 7);
  b.node("QuantizeLinear", with("r", mid), "mid_q");
  b.node("DequantizeLinear", with("mid_q", mid), "m");
  b.node("Sub", {"r", "m"}, "d");
  b.node("QuantizeLinear", {"d", "out_s", "out_z"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto got = exec::run_qgraph(graph, {bytes()}).at(0);
  for (int code = 0; code < 256; ++code) {
    const float stored = std::clamp(std::nearbyint(real(code) / 0.11f) + 7.0f, 0.0f, 255.0f);
    CAPTURE(code);
    REQUIRE(int{got[static_cast<size_t>(code)]} == rounded(real(code) - (stored - 7.0f) * 0.11f));
  }
}

TEST_CASE("a division by what may be 0 has no range without data") {
  OnnxBuilder b = all_bytes({1, 2, 1, 128});
  b.floats("c", {2, 1, 1}, {1.5f, 0.5f});
  b.node("Div", {"c", "r"}, "d");
  b.node("QuantizeLinear", {"d", "out_s", "out_z"}, "y");
  b.output("y");
  CHECK(asks_for_data(b));
}

TEST_CASE("a division by codes of six bits, clamped or not, of which one is 0, has none either") {
  OnnxBuilder b(13);
  b.input("x", {1, 1, 1, 4}).floats("s", {}, {0.015625f}).floats("z", {}, {28.0f});
  b.floats("bits", {}, {6.0f}).floats("c", {1, 1, 1}, {1.3f});
  b.floats("lo", {}, {-0.1f}).floats("hi", {}, {0.23f});
  b.node("IntQuant", {"x", "s", "z", "bits"}, "q")
      .set("signed", 0)
      .set("narrow", 0)
      .set("rounding_mode", std::string("round"))
      .domain("qonnx.custom_op.general");
  const bool clamped = GENERATE(false, true);
  if (clamped) b.node("Clip", {"q", "lo", "hi"}, "k");
  b.node("Div", {"c", clamped ? "k" : "q"}, "y");
  b.output("y");
  CAPTURE(clamped);
  CHECK(asks_for_data(b));
}

TEST_CASE("padding of what is enlarged between roundings leaves it as it is") {
  constexpr float kValue = 4.92f;  // no code
  OnnxBuilder b = enlarged_bytes();
  b.floats("value", {}, {kValue}).ints("pads", {8}, {0, 0, 1, 2, 0, 0, 1, 1});
  b.node("Pad", {"er", "pads", "value"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(graph.outputs.at(0))];
  const auto got = exec::run_qgraph(graph, {bytes()}).at(0);
  REQUIRE(got.size() == 4 * 6 * 256);
  for (size_t i = 0; i < got.size(); ++i) {  // NHWC
    const size_t column = i / 256 % 6, row = i / (256 * 6);
    const bool inside = row >= 1 && row < 3 && column >= 2 && column < 5;
    const float want = inside ? real(static_cast<int>(i % 256)) : kValue;
    CAPTURE(i);
    REQUIRE(std::abs(out.scale * static_cast<float>(got[i] - out.zero_point) - want) <=
            0.51f * out.scale);
  }
}

TEST_CASE("a function of what is enlarged between roundings is not kept to their codes") {
  OnnxBuilder b = enlarged_bytes();
  const bool relu = GENERATE(false, true);  // stays within them
  b.node(relu ? "Relu" : "Neg", {"er"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(graph.outputs.at(0))];
  const auto got = exec::run_qgraph(graph, {bytes()}).at(0);
  REQUIRE(got.size() == 6 * 256);
  CHECK(out.scale == kIn);
  for (size_t i = 0; i < got.size(); ++i) {
    const int steps = static_cast<int>(i % 256) - kInZero;
    CAPTURE(relu, i);
    REQUIRE(got[i] - out.zero_point == (relu ? std::max(steps, 0) : -steps));
  }
}

TEST_CASE("a bound beyond the codes of what is enlarged between roundings holds") {
  OnnxBuilder b = enlarged_bytes();
  b.floats("bound", {1}, {200 * kIn});
  b.node("Max", {"er", "bound"}, "m");
  const auto third = scheme(b, "third", 3 * kIn, kU8, 0);
  b.node("QuantizeLinear", with("m", third), "mq");
  b.node("DequantizeLinear", with("mq", third), "y");
  b.output("y");
  const auto got = exec::run_qgraph(front(b), {bytes()}).at(0);
  REQUIRE(got.size() == 6 * 256);
  for (size_t i = 0; i < got.size(); ++i) {
    const int steps = std::max(static_cast<int>(i % 256) - kInZero, 200);
    CAPTURE(i);
    REQUIRE(got[i] + 128 == static_cast<int>(std::nearbyint(steps / 3.0)));
  }
}

TEST_CASE("blocks of one element of a list are its elements") {
  const auto with_blocks = [](int64_t block_size) {
    OnnxBuilder b(21);
    integer_input(b, "x", {1, 1, 16, 16}, kU8);
    b.node("DequantizeLinear", with("x", scheme(b, "in", kIn, kU8, kInZero)), "r");
    integers(b, "w", kS8, {2, 1, 1, 1}, {3, -5});
    integers(b, "bias", onnx::TensorProto::INT32, {2}, {40, -90});
    b.floats("ws", {}, {0.1f}).floats("bs", {2}, {0.005f, 0.25f});
    b.node("DequantizeLinear", {"w", "ws"}, "wr");
    b.node("DequantizeLinear", {"bias", "bs"}, "br").set("axis", 0).set("block_size", block_size);
    b.node("Conv", {"r", "wr", "br"}, "c");
    b.node("QuantizeLinear", with("c", scheme(b, "out", kOut, kU8, kOutZero)), "y");
    b.output("y");
    return exec::run_qgraph(front(b), {bytes()}).at(0);
  };
  CHECK(with_blocks(1) == with_blocks(0));
}

TEST_CASE("padding of quantised maps is the code of its value") {
  OnnxBuilder b = all_bytes({1, 1, 16, 16});
  const float value = GENERATE(0.5f, -0.333f, 100.0f);
  const bool relu = GENERATE(false, true);
  b.ints("pads", {8}, {0, 0, 1, 2, 0, 0, 3, 0}).floats("value", {}, {value});
  b.node("Pad", {"r", "pads", "value"}, "p");
  if (relu) b.node("Relu", {"p"}, "q");
  b.node("QuantizeLinear", {relu ? "q" : "p", "out_s", "out_z"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto got = exec::run_qgraph(graph, {bytes()}).at(0);
  for (int h = 0; h < 20; ++h)
    for (int w = 0; w < 18; ++w) {
      const bool inside = h >= 1 && h < 17 && w >= 2;
      const float want = inside ? real((h - 1) * 16 + w - 2) : value;
      CAPTURE(value, relu, h, w);
      REQUIRE(int{got[static_cast<size_t>(h * 18 + w)]} ==
              rounded(relu ? std::max(want, 0.0f) : want));
    }
  const QuantisedNetwork network(b.bytes(), {std::vector<float>(256, 3.0f)});
  network.check_program(square_arch());
}

TEST_CASE("padding of channels with a value rounds what is rounded once") {
  OnnxBuilder b = all_bytes({1, 1, 16, 16});
  b.ints("pads", {8}, {0, 1, 0, 2, 0, 1, 0, 0}).floats("value", {}, {-1.99f});
  b.node("Pad", {"r", "pads", "value"}, "p");
  b.node("QuantizeLinear", {"p", "out_s", "out_z"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto got = exec::run_qgraph(graph, {bytes()}).at(0);
  REQUIRE(got.size() == 16 * 18 * 3);
  for (size_t i = 0; i < got.size(); ++i) {  // NHWC
    const size_t channel = i % 3, column = i / 3 % 18, row = i / 54;
    const bool inside = channel == 1 && column >= 2;
    CAPTURE(i);
    REQUIRE(int{got[i]} ==
            rounded(inside ? real(static_cast<int>(row * 16 + column - 2)) : -1.99f));
  }
}

TEST_CASE("a slope a channel between roundings is one rounding") {
  OnnxBuilder b = all_bytes({1, 2, 1, 128});
  b.floats("slope", {2, 1, 1}, {0.25f, 0.7f});
  b.node("PRelu", {"r", "slope"}, "p");
  b.node("QuantizeLinear", {"p", "out_s", "out_z"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  std::vector<int8_t> in;
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 2; ++c) in.push_back(static_cast<int8_t>(c * 128 + p - 128));
  const auto got = exec::run_qgraph(graph, {in}).at(0);
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 2; ++c) {
      const float x = real(c * 128 + p), y = x < 0 ? x * (c == 0 ? 0.25f : 0.7f) : x;
      CAPTURE(p, c);
      REQUIRE(std::abs(got[static_cast<size_t>(p * 2 + c)] - rounded(y)) <= 1);
    }
}

TEST_CASE("a transposed convolution keeps its integers and the scale of each output channel") {
  const int groups = GENERATE(1, 2);
  OnnxBuilder b = all_bytes({1, 2, 8, 16});
  std::vector<int> w;
  for (int i = 0; i < 2 * 3 * 4; ++i) w.push_back(i * 10 - 120);
  integers(b, "w", kS8, {2, 3, 2, 2}, w);
  b.floats("w_s", {3}, {0.01f, 0.02f, 0.003f});
  integers(b, "w_z", kS8, {3}, {0, 0, 0});
  b.node("DequantizeLinear", {"w", "w_s", "w_z"}, "wr").set("axis", 1);
  b.node("ConvTranspose", {"r", "wr"}, "t").set("strides", Dims{2, 2}).set("group", groups);
  b.node("QuantizeLinear", {"t", "out_s", "out_z"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const float scales[] = {0.01f, 0.02f, 0.003f};
  for (const graph::QOp& op : graph.ops) {
    if (!op.is<graph::QConv>() || op.conv().only_bias) continue;
    for (size_t o = 0; o < op.conv().post.scale.size(); ++o)
      CHECK(op.conv().post.scale[o] == kIn * scales[o % 3] / kOut);
    for (const int8_t code : op.conv().weights)
      CHECK((code == 0 || std::find(w.begin(), w.end(), code) != w.end()));
  }
}

TEST_CASE("a softmax that the network rounds at its end is rounded by the host") {
  const bool reals = GENERATE(true, false);
  OnnxBuilder b(13);
  b.input("x", {1, 3}).floats("w", {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  const auto codes = scheme(b, "out", 1.0f / 256, kU8, 0);
  b.node("MatMul", {"x", "w"}, "m");
  b.node("Softmax", {"m"}, "s");
  b.node("QuantizeLinear", with("s", codes), reals ? "q" : "y");
  if (reals) b.node("DequantizeLinear", with("q", codes), "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  REQUIRE(graph.host_steps.size() == 2);
  CHECK(graph.host_steps[0].op == "softmax");
  CHECK(graph.host_steps[1].tensor == "y");
  std::vector<float> item = {0.0f, 0.0f, 10.0f};
  for (const program::HostStep& step : graph.host_steps) exec::apply_host_step(step, {1, 3}, item);
  // softmax: 4.5e-5, 4.5e-5, 0.99991; 0.99991 * 256 = 255.98 rounds to 256, of which 255 is left
  CHECK(item == (reals ? std::vector<float>{0, 0, 255.0f / 256} : std::vector<float>{0, 0, 255}));
}

TEST_CASE("IntQuant is Quant") {
  for (const char* domain : {"qonnx.custom_op.general", "onnx.brevitas"}) {
    OnnxBuilder b(13);
    b.input("x", {1, 1, 1, 4}).floats("s", {}, {0.5f}).floats("z", {}, {0.0f});
    b.floats("bits", {}, {4.0f});
    b.node("IntQuant", {"x", "s", "z", "bits"}, "y")
        .set("signed", 1)
        .set("narrow", 1)
        .set("rounding_mode", std::string("round"))
        .domain(domain);
    b.output("y");
    const graph::QGraph graph = front(b);
    CHECK(graph.tensors[0].scale == 0.5f);
    CHECK(graph.own_scales);
  }
}

}  // namespace systole::test
