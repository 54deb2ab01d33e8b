// SPDX-License-Identifier: Apache-2.0
// Values that are rounded more than once, interpolated, joined, or looked at for their sign alone:
// every byte by ONNX's definition.
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/quant/tensor_io.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/operators/quantised_builder.h"

namespace systole::test {
namespace {

constexpr float kIn = 0.05f;
constexpr int kInZero = 30;

/// Integers, dequantised to `r`; the codes "out" of a result.
OnnxBuilder dequantised_input(const Dims& dims, float out, int out_zero, int64_t opset = 13) {
  OnnxBuilder b(opset);
  integer_input(b, "x", dims, kU8);
  b.node("DequantizeLinear", with("x", scheme(b, "in", kIn, kU8, kInZero)), "r");
  scheme(b, "out", out, kU8, out_zero);
  return b;
}

float real(int8_t stored) { return static_cast<float>(stored + 128 - kInZero) * kIn; }

/// As stored: less 128.
int rounded(double value, float scale, int zero) {
  const float code = std::nearbyint(static_cast<float>(value) / scale) + static_cast<float>(zero);
  return static_cast<int>(std::clamp(code, 0.0f, 255.0f)) - 128;
}

std::vector<int8_t> random_bytes(size_t count, unsigned seed) {
  std::mt19937 rng(seed);
  std::vector<int8_t> bytes;
  for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<int8_t>(rng() >> 24));
  return bytes;
}

/// The weights of inputs first, first + 1, ... of output `o`, with half-pixel coordinates.
std::vector<double> weights(int o, int factor, bool cubic, int& first) {
  const double at = (o + 0.5) / factor - 0.5, low = std::floor(at), t = at - low;
  if (!cubic) {
    first = static_cast<int>(low);
    return {1 - t, t};
  }
  first = static_cast<int>(low) - 1;
  const double a = -0.75;
  const auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

/// Adds `j`, `r` and behind it along the columns its absolute values, which have codes of their
/// own.
void join_codes(OnnxBuilder& b) {
  const auto second = scheme(b, "second", 0.021f, kU8, 0);
  b.node("Abs", {"r"}, "a");
  b.node("QuantizeLinear", with("a", second), "aq");
  b.node("DequantizeLinear", with("aq", second), "ar");
  b.node("Concat", {"r", "ar"}, "j").set("axis", 3);
}

/// The absolute value behind `v`.
float joined(float v) { return 0.021f * std::min(255.0f, std::nearbyint(std::fabs(v) / 0.021f)); }

/// The network that ends with `m` rounded to the output's codes: it needs no range.
graph::QGraph rounded_end(OnnxBuilder& b) {
  b.node("QuantizeLinear", {"m", "out_s", "out_z"}, "y");
  b.output("y");
  graph::QGraph graph = front(b);
  CHECK(graph.own_scales);
  return graph;
}

}  // namespace

TEST_CASE("a value that is rounded to different steps is exact in each of them") {
  const bool also_output = GENERATE(false, true);
  OnnxBuilder b = dequantised_input({1, 1, 16, 16}, 0.03f, 101);
  scheme(b, "other", 0.017f, kU8, 60);
  b.floats("w_s", {}, {0.01f});
  integers(b, "w", kS8, {1, 1, 1, 2}, {90, -37});
  b.node("DequantizeLinear", {"w", "w_s"}, "wr");
  b.node("Conv", {"r", "wr"}, "c");
  b.node("Relu", {"c"}, "m");
  b.node("QuantizeLinear", {"m", "out_s", "out_z"}, "y");
  b.node("QuantizeLinear", {"m", "other_s", "other_z"}, "z");
  b.output("y").output("z");
  if (also_output) b.output("m");
  std::vector<std::string> warnings;
  const graph::QGraph graph = front(b, &warnings);
  CHECK(graph.own_scales == !also_output);
  const auto x = random_bytes(256, 1);
  const auto got = exec::run_qgraph(graph, {x});
  for (size_t h = 0; h < 16; ++h)
    for (size_t w = 0; w < 15; ++w) {
      const int sum =
          90 * (x[h * 16 + w] + 128 - kInZero) - 37 * (x[h * 16 + w + 1] + 128 - kInZero);
      const float v = std::max(0.0f, static_cast<float>(sum) * (kIn * 0.01f));
      CAPTURE(also_output, h, w, sum);
      REQUIRE(int{got[0][h * 15 + w]} == rounded(v, 0.03f, 101));
      REQUIRE(int{got[1][h * 15 + w]} == rounded(v, 0.017f, 60));
    }
}

TEST_CASE(
    "interpolation of rounded maps is exact where the weights are small fractions, else nearly") {
  const auto [factor, cubic] =
      GENERATE(std::pair{2, false}, std::pair{3, false}, std::pair{5, false}, std::pair{8, false},
               std::pair{2, true});
  const float out = GENERATE(0.05f, 0.04f, 0.011f);
  constexpr int kSize = 8;
  OnnxBuilder b = dequantised_input({1, 1, kSize, kSize}, out, 101);
  const auto f = static_cast<float>(factor);
  b.floats("scales", {4}, {1, 1, f, f});
  b.node("Resize", {"r", "", "scales"}, "m").set("mode", std::string(cubic ? "cubic" : "linear"));
  const graph::QGraph graph = rounded_end(b);
  const auto x = random_bytes(kSize * kSize, 3);
  const auto got = exec::run_qgraph(graph, {x}).at(0);
  const int size = kSize * factor;
  REQUIRE(got.size() == static_cast<size_t>(size * size));
  // docs/quantised.md: 4 or 16 weights, each off by the 127th part of a step of the input at most.
  const double bound = (factor <= 5 && !cubic ? 1e-5 : (cubic ? 16 : 4) / 127.0 * kIn) + 1e-6;
  int differ = 0;
  for (int h = 0; h < size; ++h)
    for (int w = 0; w < size; ++w) {
      int top = 0, left = 0;
      const auto rows = weights(h, factor, cubic, top), columns = weights(w, factor, cubic, left);
      double want = 0;
      for (size_t i = 0; i < rows.size(); ++i)
        for (size_t j = 0; j < columns.size(); ++j) {
          const int row = std::clamp(top + static_cast<int>(i), 0, kSize - 1);
          const int column = std::clamp(left + static_cast<int>(j), 0, kSize - 1);
          want += rows[i] * columns[j] * double{real(x[static_cast<size_t>(row * kSize + column)])};
        }
      const int byte = got[static_cast<size_t>(h * size + w)];
      CAPTURE(factor, cubic, out, h, w, want);
      REQUIRE(byte >= rounded(want - bound, out, 101));
      REQUIRE(byte <= rounded(want + bound, out, 101));
      differ += byte != rounded(want, out, 101);
    }
  CHECK(differ <= size * size / 20);
  const QuantisedNetwork network(b.bytes(), {std::vector<float>(kSize * kSize, 77.0f)});
  network.check_program(odd_arch());
}

TEST_CASE("interpolation keeps its weights whatever width the weights of layers are to have") {
  OnnxBuilder b = dequantised_input({1, 1, 2, 2}, 0.05f, kInZero);
  b.floats("scales", {4}, {1, 1, 4, 4});
  b.node("Resize", {"r", "", "scales"}, "m").set("mode", std::string("linear"));
  b.node("QuantizeLinear", {"m", "out_s", "out_z"}, "y");
  b.output("y");
  const ScratchFolder folder;
  pipeline::FrontOptions options;
  options.precision.rules = {{"*", 4, std::nullopt, "test"}};
  const auto network = folder.write("net.onnx", b.bytes());
  const auto x = random_bytes(4, 11);
  CHECK(exec::run_qgraph(compile_graph(network, options), x).at(0) ==
        exec::run_qgraph(front(b), x).at(0));
}

TEST_CASE("a max pool over what is joined of different codes is rounded once") {
  const bool pad = GENERATE(false, true);
  OnnxBuilder b = dequantised_input({1, 1, 8, 8}, 0.03f, 101);
  if (pad) {  // with a number that is no code of the map
    b.ints("pads", {8}, {0, 0, 0, 1, 0, 0, 0, 0}).floats("value", {}, {-3.331f});
    b.node("Pad", {"r", "pads", "value"}, "j");
  } else {
    join_codes(b);
  }
  b.node("MaxPool", {"j"}, "m").set("kernel_shape", Dims{1, 2});
  const graph::QGraph graph = rounded_end(b);
  const auto x = random_bytes(64, 5);
  const auto got = exec::run_qgraph(graph, {x}).at(0);
  const size_t width = pad ? 8 : 15;
  REQUIRE(got.size() == 8 * width);
  for (size_t h = 0; h < 8; ++h) {
    std::vector<float> row;
    if (pad) row.push_back(-3.331f);
    for (size_t w = 0; w < 8; ++w) row.push_back(real(x[h * 8 + w]));
    for (size_t w = 0; w < 8 && !pad; ++w) row.push_back(joined(row[w]));
    for (size_t w = 0; w < width; ++w) {
      CAPTURE(pad, h, w);
      REQUIRE(int{got[h * width + w]} == rounded(std::max(row[w], row[w + 1]), 0.03f, 101));
    }
  }
}

TEST_CASE("what is joined of different codes and padded with zeros is rounded once") {
  const bool channels = GENERATE(false, true);
  OnnxBuilder b = dequantised_input({1, 1, 8, 8}, 0.03f, 101);
  join_codes(b);
  b.ints("pads", {8}, channels ? Dims{0, 1, 0, 0, 0, 0, 0, 0} : Dims{0, 0, 0, 1, 0, 0, 0, 0});
  b.node("Pad", {"j", "pads"}, "m");
  const graph::QGraph graph = rounded_end(b);
  const auto x = random_bytes(64, 6);
  const auto got = exec::run_qgraph(graph, {x}).at(0);
  const size_t width = channels ? 16 : 17, each = channels ? 2 : 1;  // NHWC
  REQUIRE(got.size() == 8 * width * each);
  for (size_t i = 0; i < got.size(); ++i) {
    const size_t h = i / each / width, w = i / each % width;
    const bool zero = channels ? i % 2 == 0 : w == 0;
    const size_t column = channels ? w : w - 1;
    float value = zero ? 0.0f : real(x[h * 8 + column % 8]);
    if (column >= 8 && !zero) value = joined(value);
    CAPTURE(channels, h, w, i);
    REQUIRE(int{got[i]} == rounded(value, 0.03f, 101));
  }
}

TEST_CASE("what is computed, enlarged and then rounded is rounded once, without data") {
  const bool shuffle = GENERATE(false, true);  // by DepthToSpace, or nearest
  OnnxBuilder b = dequantised_input(shuffle ? Dims{1, 4, 4, 4} : Dims{1, 1, 8, 8}, 0.03f, 101);
  b.node("Sigmoid", {"r"}, "f");
  if (shuffle) {
    b.node("DepthToSpace", {"f"}, "m").set("blocksize", int64_t{2});
  } else {
    b.floats("scales", {4}, {1, 1, 2, 2});
    b.node("Resize", {"f", "", "scales"}, "m");
  }
  const graph::QGraph graph = rounded_end(b);
  const auto x = random_bytes(64, 7);
  const auto got = exec::run_qgraph(graph, {x}).at(0);
  const size_t width = shuffle ? 8 : 16;
  REQUIRE(got.size() == width * width);
  for (size_t i = 0; i < got.size(); ++i) {
    const size_t h = i / width, w = i % width;
    const size_t from =
        shuffle ? (h / 2 * 4 + w / 2) * 4 + h % 2 * 2 + w % 2 : h / 2 * 8 + w / 2;  // NHWC
    CAPTURE(shuffle, h, w);
    REQUIRE(int{got[i]} == rounded(1 / (1 + std::exp(-real(x[from]))), 0.03f, 101));
  }
}

TEST_CASE("the sign of a mean, a product or a sum is that of all its bits") {
  const std::string op = GENERATE("GlobalAveragePool", "Mul", "Add", "ConvAdd");
  OnnxBuilder b = dequantised_input({1, 1, 8, 8}, 0.001f, 128);
  b.floats("one", {}, {1.0f});
  const auto fine = scheme(b, "fine", 0.0003f, kU8, 129);
  b.node("QuantizeLinear", with("r", fine), "fq");
  b.node("DequantizeLinear", with("fq", fine), "f");
  if (op == "GlobalAveragePool") {
    b.node(op, {"r"}, "m");
  } else if (op == "ConvAdd") {
    b.floats("w_s", {}, {0.001f});
    integers(b, "w", kS8, {1, 1, 1, 1}, {-1});
    b.node("DequantizeLinear", {"w", "w_s"}, "wr");
    b.node("Conv", {"r", "wr"}, "c");
    b.node("Add", {"c", "f"}, "m");
  } else {
    b.node(op, {"r", "f"}, "m");
  }
  b.node("BipolarQuant", {"m", "one"}, "y").domain("qonnx.custom_op.general");
  b.output("y");
  const graph::QGraph graph = front(b);
  for (unsigned seed = 0; seed < 20; ++seed) {
    auto x = random_bytes(64, seed);
    for (int8_t& byte : x) byte = static_cast<int8_t>(byte / 16 + kInZero - 128);
    const auto got = exec::run_qgraph(graph, {x}).at(0);
    int64_t sum = 0;
    for (const int8_t byte : x) sum += byte + 128 - kInZero;
    for (size_t i = 0; i < got.size(); ++i) {
      const double r = double{kIn} * (x[i] + 128 - kInZero);
      const double fr = 0.0003 * (std::clamp(std::nearbyint(r / 0.0003f) + 129, 0.0, 255.0) - 129);
      const double m = op == "GlobalAveragePool" ? static_cast<double>(sum)
                       : op == "Mul"             ? r * fr
                       : op == "Add"             ? r + fr
                                                 : -0.001 * r + fr;
      CAPTURE(op, seed, i, m);
      REQUIRE(int{got[i]} == (m >= 0 ? 1 : -1));
    }
  }
}

TEST_CASE("integers that are multiplied as they are need no scale") {
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 4, 8}, kU8);
  integers(b, "x_z", kU8, {}, {7});
  std::vector<int> w;
  for (int i = 0; i < 40; ++i) w.push_back(i * 5 - 90);
  integers(b, "w", kS8, {8, 5}, w);
  integers(b, "w_z", kS8, {5}, {1, -2, 0, 3, 9});
  b.node("MatMulInteger", {"x", "w", "x_z", "w_z"}, "s");
  b.node("Cast", {"s"}, "y").set("to", 1);
  b.output("y");
  const graph::QGraph graph = front(b);
  const int zeros[] = {1, -2, 0, 3, 9};
  const auto x = random_bytes(32, 9);
  const program::TensorInfo info =
      graph::tensor_info(graph.tensors[static_cast<size_t>(graph.outputs[0])]);
  const auto bytes = exec::run_qgraph(graph, {x}).at(0);
  const auto got = quant::dequantise_output(info, bytes.data(), 0);
  REQUIRE(got.size() == 20);
  for (size_t r = 0; r < 4; ++r)
    for (size_t c = 0; c < 5; ++c) {
      int sum = 0;
      for (size_t k = 0; k < 8; ++k) sum += (x[r * 8 + k] + 128 - 7) * (w[k * 5 + c] - zeros[c]);
      CAPTURE(r, c);
      REQUIRE(got[r * 5 + c] == static_cast<float>(sum));
    }
}

TEST_CASE("QGemm with alpha is a product times alpha, its bias in that unit") {
  const float alpha = GENERATE(0.5f, 2.0f, -1.0f);
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 8}, kU8);
  std::vector<int> w;
  for (int i = 0; i < 24; ++i) w.push_back(i * 7 - 80);
  std::vector<std::string> in = with("x", scheme(b, "a", 0.5f, kU8, 100));
  join(in, with(integers(b, "w", kS8, {8, 3}, w), scheme(b, "b", 0.25f, kS8, 0)));
  join(in, with(integers(b, "c", onnx::TensorProto::INT32, {3}, {900, -1700, 33}),
                scheme(b, "y", 64.0f, kU8, 128)));
  b.node("QGemm", in, "y").domain(kMicrosoft).set("alpha", alpha);
  b.output("y");
  const graph::QGraph graph = front(b);
  const auto x = random_bytes(8, 2);
  const auto got = exec::run_qgraph(graph, {x}).at(0);
  const int bias[] = {900, -1700, 33};
  for (size_t c = 0; c < 3; ++c) {
    int sum = bias[c];
    for (size_t k = 0; k < 8; ++k) sum += (x[k] + 128 - 100) * w[k * 3 + c];
    CAPTURE(alpha, c, sum);
    REQUIRE(int{got[c]} == rounded(static_cast<float>(sum) * (alpha * 0.5f * 0.25f), 64.0f, 128));
  }
}

TEST_CASE("stated types that change nothing are taken, others are refused") {
  const auto network = [](const std::string& node, const std::string& attribute, int value) {
    OnnxBuilder b(23);
    integer_input(b, "x", {1, 1, 2, 2}, kU8);
    const auto codes = scheme(b, "in", kIn, kU8, kInZero);
    auto d = b.node("DequantizeLinear", with("x", codes), "r");
    if (node == "DequantizeLinear") d.set(attribute, value);
    auto q = b.node("QuantizeLinear", with("r", codes), "y");
    if (node == "QuantizeLinear") q.set(attribute, value);
    b.output("y");
    return refusal(b);
  };
  using T = onnx::TensorProto;
  for (const int type : {0, int{T::FLOAT}})
    CHECK(network("QuantizeLinear", "precision", type) == "");
  CHECK(network("QuantizeLinear", "precision", T::FLOAT16)
            .find("node 'y_node' (QuantizeLinear): precision FLOAT16, expected FLOAT") !=
        std::string::npos);
  for (const int type : {0, kU8}) CHECK(network("QuantizeLinear", "output_dtype", type) == "");
  CHECK(network("QuantizeLinear", "output_dtype", kS8)
            .find("output_dtype is INT8, the zero point has the type UINT8") != std::string::npos);
  for (const int type : {0, int{T::FLOAT}, int{T::FLOAT16}, int{T::BFLOAT16}})
    CHECK(network("DequantizeLinear", "output_dtype", type) == "");
  CHECK(network("DequantizeLinear", "output_dtype", T::INT32)
            .find("output_dtype INT32, expected FLOAT") != std::string::npos);
}

TEST_CASE("a function that jumps is one of the float32 that a byte stands for") {
  OnnxBuilder b(13);  // 127 times float32(1 / 127) is 1, rounded to float32, and less before
  integer_input(b, "x", {1, 1, 1, 4}, kS8);
  b.node("DequantizeLinear", with("x", scheme(b, "in", 1.0f / 127, kS8, 0)), "r");
  b.node("Floor", {"r"}, "m");
  b.node("QuantizeLinear", with("m", scheme(b, "out", 0.25f, kS8, 0)), "y");
  b.output("y");
  const std::vector<int8_t> x = {127, 126, -127, -1};
  CHECK(exec::run_qgraph(front(b), x).at(0) == std::vector<int8_t>{4, 0, -4, -4});
}

TEST_CASE("one channel of one that is cut with a step passes as it is") {
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 1, 1, 4}, kS8);
  const auto codes = scheme(b, "in", 1.0f / 256, kS8, -128);
  b.node("DequantizeLinear", with("x", codes), "r");
  b.ints("from", {1}, {-1}).ints("to", {1}, {3}).ints("axis", {1}, {1}).ints("step", {1}, {2});
  b.node("Slice", {"r", "from", "to", "axis", "step"}, "m");
  b.node("QuantizeLinear", with("m", codes), "y");
  b.output("y");
  const std::vector<int8_t> x = {94, -128, 127, 0};
  CHECK(exec::run_qgraph(front(b), x).at(0) == x);
}

TEST_CASE("what stands in for calibration data is not looked at where ranges follow from codes") {
  OnnxBuilder b = dequantised_input({1, 1, 2, 2}, 0.03f, 101);
  b.node("Sigmoid", {"r"}, "s");
  b.node("Add", {"r", "s"}, "y");
  b.output("y");
  const ScratchFolder folder;
  data::Dataset data;
  data.items = {{{30, 30, 30, 31}}};
  std::vector<std::string> warnings;
  pipeline::FrontOptions options;
  options.calibration = &data;
  options.calibration_stand_in = "--input";
  options.warnings = &warnings;
  const graph::QGraph graph = compile_graph(folder.write("net.onnx", b.bytes()), options);
  CHECK(warnings.empty());
  // [-30 * 0.05 + sigmoid, 225 * 0.05 + 1] in 255 steps, not what the data reaches.
  CHECK(graph.tensors[static_cast<size_t>(graph.outputs[0])].scale > 0.04f);
}

}  // namespace systole::test
