// SPDX-License-Identifier: Apache-2.0
// Concatenations of quantised values: every part in the codes of the whole, every value in its own.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "compiler/exec/qgraph_executor.h"
#include "tests/operators/harness.h"
#include "tests/operators/quantised_builder.h"

namespace systole::test {
namespace {

/// The byte of the integer `code` of scale `from` and zero point `zero`, rounded to 0.037 and 101.
int8_t rescaled(int code, float from, int zero) {
  const float real = static_cast<float>(code - zero) * from;
  const float want = std::nearbyint(real / 0.037f) + 101.0f;
  return static_cast<int8_t>(std::clamp(want, 0.0f, 255.0f) - 128.0f);
}

/// An input of all bytes: scale 0.05, zero point 30.
OnnxBuilder all_bytes() {
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 2, 8, 16}, kU8);
  const auto in = scheme(b, "in", 0.05f, kU8, 30);
  b.node("DequantizeLinear", with("x", in), "xr");
  scheme(b, "out", 0.037f, kU8, 101);
  return b;
}

std::vector<int8_t> channels_last_bytes() {
  std::vector<int8_t> bytes;
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 2; ++c) bytes.push_back(static_cast<int8_t>(c * 128 + p - 128));
  return bytes;
}

/// The integer that the network has at element (p, c) of its input.
int input_code(int p, int c) { return c * 128 + p; }

}  // namespace

TEST_CASE("copied parts of a quantised concat are rescaled to its codes") {
  OnnxBuilder b = all_bytes();
  b.ints("from", {1}, {1}).ints("to", {1}, {2}).ints("axes", {1}, {1});
  b.node("Slice", {"xr", "from", "to", "axes"}, "cut");
  const bool qlinear = GENERATE(false, true);
  if (qlinear) {
    b.node("Slice", {"x", "from", "to", "axes"}, "cut_q");
    b.node("QLinearConcat", {"out_s", "out_z", "x", "in_s", "in_z", "cut_q", "in_s", "in_z"}, "y")
        .set("axis", 1)
        .domain(kMicrosoft);
  } else {
    b.node("Concat", {"xr", "cut"}, "joined").set("axis", 1);
    b.node("QuantizeLinear", {"joined", "out_s", "out_z"}, "y");
  }
  b.output("y");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto got = exec::run_qgraph(graph, {channels_last_bytes()}).at(0);
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 3; ++c) {
      CAPTURE(qlinear, p, c);
      REQUIRE(int{got[static_cast<size_t>(p * 3 + c)]} ==
              rescaled(input_code(p, std::min(c, 1)), 0.05f, 30));
    }
}

TEST_CASE("a part that others read keeps its own codes, whatever it is joined to") {
  OnnxBuilder b = all_bytes();
  const auto mid = scheme(b, "mid", 0.11f, kU8, 7);
  b.node("QuantizeLinear", with("xr", mid), "mid_q");
  b.node("DequantizeLinear", with("mid_q", mid), "m");
  b.node("Concat", {"m", "xr"}, "joined").set("axis", 1);
  const bool clipped = GENERATE(false, true);
  if (clipped) {  // what two roundings read
    b.node("Relu", {"joined"}, "relu");
    b.node("QuantizeLinear", with("relu", mid), "z");
    b.output("z");
  }
  b.node("QuantizeLinear", {clipped ? "relu" : "joined", "out_s", "out_z"}, "y");
  b.output("y").output("mid_q");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto outputs = exec::run_qgraph(graph, {channels_last_bytes()});
  const auto& y = outputs.at(clipped ? 1 : 0);
  const auto& part = outputs.back();
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 4; ++c) {
      const int code = input_code(p, c % 2);
      const float real = static_cast<float>(code - 30) * 0.05f;
      const auto stored =
          static_cast<int>(std::clamp(std::nearbyint(real / 0.11f) + 7.0f, 0.0f, 255.0f));
      CAPTURE(clipped, p, c);
      if (c < 2) REQUIRE(int{part[static_cast<size_t>(p * 2 + c)]} == stored - 128);
      int want = c < 2 ? rescaled(stored, 0.11f, 7) : rescaled(code, 0.05f, 30);
      if (clipped) want = std::max(want, 101 - 128);
      REQUIRE(int{y[static_cast<size_t>(p * 4 + c)]} == want);
    }
}

TEST_CASE("a concat of equal codes has them itself, and one inside another keeps its own") {
  OnnxBuilder b = all_bytes();
  b.node("MaxPool", {"xr"}, "p").set("kernel_shape", Dims{1, 1});
  b.node("Concat", {"xr", "p"}, "inner").set("axis", 1);
  b.node("Concat", {"inner", "xr"}, "outer").set("axis", 1);
  b.node("QuantizeLinear", {"outer", "out_s", "out_z"}, "y");
  b.node("QuantizeLinear", {"inner", "in_s", "in_z"}, "z");
  b.output("y").output("z");
  const graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  const auto outputs = exec::run_qgraph(graph, {channels_last_bytes()});
  for (int p = 0; p < 128; ++p)
    for (int c = 0; c < 6; ++c) {
      CAPTURE(p, c);
      const int code = input_code(p, c % 2);
      REQUIRE(int{outputs[0][static_cast<size_t>(p * 6 + c)]} == rescaled(code, 0.05f, 30));
      if (c < 4) REQUIRE(int{outputs[1][static_cast<size_t>(p * 4 + c)]} == code - 128);
    }
}

TEST_CASE("a concat of steps that one step divides is exact") {
  OnnxBuilder b(13);
  b.input("x", {1, 1, 1, 16}).input("y", {1, 1, 1, 16});
  b.floats("x_s", {}, {0.0625f}).floats("y_s", {}, {0.25f}).floats("z", {}, {0.0f});
  b.floats("bits", {}, {4.0f});
  const auto round = [&](const std::string& of, int is_signed) {
    b.node("IntQuant", {of, of + "_s", "z", "bits"}, of + "_q")
        .set("signed", is_signed)
        .set("narrow", 0)
        .set("rounding_mode", std::string("ROUND"))
        .domain("qonnx.custom_op.general");
  };
  round("x", 0);
  round("y", 1);
  b.node("Concat", {"x_q", "y_q"}, "c").set("axis", 1);
  b.output("c");
  std::vector<std::string> warnings;
  const graph::QGraph graph = front(b, &warnings);
  CHECK(warnings.empty());
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(graph.outputs.at(0))];
  CHECK(out.scale == 0.0625f);
  std::vector<int8_t> x, y;
  for (int i = 0; i < 16; ++i) {
    x.push_back(
        static_cast<int8_t>(graph.tensors[static_cast<size_t>(graph.inputs.at(0))].zero_point + i));
    y.push_back(static_cast<int8_t>(
        graph.tensors[static_cast<size_t>(graph.inputs.at(1))].zero_point + i - 8));
  }
  const auto got = exec::run_qgraph(graph, {x, y}).at(0);
  REQUIRE(got.size() == 32);
  for (int i = 0; i < 16; ++i) {  // NHWC
    CHECK(got[static_cast<size_t>(2 * i)] - out.zero_point == i);
    CHECK(got[static_cast<size_t>(2 * i + 1)] - out.zero_point == 4 * (i - 8));
  }
}

TEST_CASE("a concat of channels that no codes hold is interpolated part by part") {
  constexpr int kWidth = 16, kZero[] = {84, 71};
  OnnxBuilder b(13);
  for (int part = 0; part < 2; ++part) {
    const std::string name = part == 0 ? "a" : "b";
    integer_input(b, name, {1, 1, 1, kWidth}, kU8);
    const auto codes = scheme(b, name + "c", 0.03125f, kU8, kZero[part]);
    b.node("DequantizeLinear", with(name, codes), name + "r");
  }
  b.node("Concat", {"ar", "br"}, "c").set("axis", 1);
  b.floats("scales", {4}, {1, 1, 1, 2});
  b.node("Resize", {"c", "", "scales"}, "e")
      .set("mode", std::string("linear"))
      .set("coordinate_transformation_mode", std::string("asymmetric"));
  b.node("QuantizeLinear", with("e", scheme(b, "out", 0.015625f, kU8, 0)), "y");
  b.output("y");
  std::vector<std::vector<int8_t>> inputs(2);
  const auto steps = [](int part, int w) { return (w * 7 + part * 5) % 60; };
  for (int part = 0; part < 2; ++part)
    for (int w = 0; w < kWidth; ++w)
      inputs[static_cast<size_t>(part)].push_back(
          static_cast<int8_t>(kZero[part] + steps(part, w) - 128));
  const auto got = exec::run_qgraph(front(b), inputs).at(0);
  REQUIRE(got.size() == 2 * 2 * kWidth);
  for (int w = 0; w < 2 * kWidth; ++w)
    for (int part = 0; part < 2; ++part) {
      const int left = steps(part, w / 2), right = steps(part, std::min(w / 2 + w % 2, kWidth - 1));
      CAPTURE(w, part);
      REQUIRE(got[static_cast<size_t>(2 * w + part)] + 128 == left + right);
    }
}

TEST_CASE("a concat inside another is read before the outer one is complete") {
  std::mt19937 rng(7);
  for (int axis = 1; axis <= 3; ++axis) {
    INFO("axis " << axis);
    OnnxBuilder b;
    b.input("x", {1, 4, 6, 5}).random("w1", {4, 4, 1, 1}, rng).random("w2", {4, 4, 1, 1}, rng);
    b.random("w3", {4, axis == 1 ? 8 : 4, 1, 1}, rng);
    b.random("w4", {3, axis == 1 ? 12 : 4, 1, 1}, rng);
    b.node("Conv", {"x", "w1"}, "a");
    b.node("Conv", {"x", "w2"}, "c");
    b.node("Concat", {"a", "c"}, "inner").set("axis", axis);
    b.node("Conv", {"inner", "w3"}, "d");
    b.ints("zero", {1}, {0}).ints("size", {1}, {axis == 2 ? 6 : axis == 3 ? 5 : 4});
    b.ints("axes", {1}, {axis});
    b.node("Slice", {"d", "zero", "size", "axes"}, "e");
    b.node("Concat", {"inner", "e"}, "outer").set("axis", axis);
    b.node("Conv", {"outer", "w4"}, "y");
    b.output("y");
    const QuantisedNetwork network = check_network(b.bytes(), {random_floats(120, rng)}, 6.0);
    CHECK(network.quantised().ops.size() == (axis == 1 ? 4 : 5));  // no copy but of the slice
  }
}

}  // namespace systole::test
