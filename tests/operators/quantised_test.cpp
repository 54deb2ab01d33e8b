// SPDX-License-Identifier: Apache-2.0
// Networks that arrive quantised: every byte by ONNX's definition, and what is refused.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/operators/quantised_builder.h"

namespace systole::test {
namespace {

/// x -> Q -> DQ -> `op` -> Q -> DQ -> y over all bytes.
OnnxBuilder between_two_roundings(float in, int in_zero, float out, int out_zero,
                                  const std::string& op) {
  OnnxBuilder b(13);
  b.input("x", {1, 1, 1, 256});
  const auto first = scheme(b, "a", in, kU8, in_zero), second = scheme(b, "c", out, kU8, out_zero);
  b.node("QuantizeLinear", with("x", first), "xq");
  b.node("DequantizeLinear", with("xq", first), "xr");
  b.node(op, {"xr"}, "m");
  b.node("QuantizeLinear", with("m", second), "yq");
  b.node("DequantizeLinear", with("yq", second), "y");
  b.output("y");
  return b;
}

}  // namespace

TEST_CASE("single bytes between two roundings are exact whatever the scales") {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> scale(0.01f, 0.05f);
  std::uniform_int_distribution<int> zero(0, 255);
  std::vector<int8_t> bytes;
  for (int i = -128; i <= 127; ++i) bytes.push_back(static_cast<int8_t>(i));
  int tables = 0;
  for (int i = 0; i < 300; ++i) {
    // Ratios such as 3/2 make ties, where a quotient and a product may differ.
    const float in = i % 3 == 0 ? 0.03f : scale(random), out = i % 3 == 0 ? 0.02f : scale(random);
    const int zx = zero(random), zy = zero(random);
    const graph::QGraph graph = front(between_two_roundings(in, zx, out, zy, "Relu"));
    tables += graph.ops.at(0).eltwise().post.table.has_value();
    const auto got = exec::run_qgraph(graph, bytes).at(0);
    for (int code = 0; code < 256; ++code) {
      const float real = std::max(0.0f, static_cast<float>(code - zx) * in);
      const float want = std::nearbyint(real / out) + static_cast<float>(zy);
      CAPTURE(in, out, zx, zy, code);
      REQUIRE(int{got[static_cast<size_t>(code)]} + 128 ==
              static_cast<int>(std::clamp(want, 0.0f, 255.0f)));
    }
  }
  CHECK(tables > 0);  // some needed one
  CHECK(tables < 300);
}

TEST_CASE("a channel that training let die keeps its bias") {
  // Its weights are 0 with a scale of 1e-10, in whose unit the bias has no room; or a batch
  // normalisation behind it multiplies by next to nothing, which binary32 cannot hold.
  const bool normalised = GENERATE(false, true);
  CAPTURE(normalised);
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 2, 1, 1}, kU8);
  const auto in = scheme(b, "a", 0.5f, kU8, 0), out = scheme(b, "c", 0.25f, kU8, 0);
  b.node("DequantizeLinear", with("x", in), "xr");
  integers(b, "w", kS8, {2, 2, 1, 1},
           normalised ? std::vector<int>{3, -1, 7, 5} : std::vector<int>{3, -1, 0, 0});
  b.floats("ws", {2}, {0.5f, normalised ? 0x1p-100f : 1e-10f});
  integers(b, "wz", kS8, {2}, {0, 0});
  b.node("DequantizeLinear", {"w", "ws", "wz"}, "wr").set("axis", 0);
  b.floats("bias", {2}, {1.0f, 3.0f});
  b.node("Conv", {"xr", "wr", "bias"}, normalised ? "m" : "n");
  if (normalised) {
    b.floats("gamma", {2}, {1.0f, 1e-38f});
    b.floats("beta", {2}, {0.0f, 3.0f});
    b.floats("mean", {2}, {0.0f, 0.0f});
    b.floats("var", {2}, {1.0f, 1.0f});
    b.node("BatchNormalization", {"m", "gamma", "beta", "mean", "var"}, "n").set("epsilon", 0.0f);
  }
  b.node("QuantizeLinear", with("n", out), "y");
  b.output("y");
  // Channel 0: (3 * 10 - 4) * 0.25 + 1 = 7.5, 30 steps; channel 1: 3, 12 steps. Stored less 128.
  const std::vector<int8_t> x = {10 - 128, 4 - 128};
  const std::vector<int8_t> y = exec::run_qgraph(front(b), x).at(0);
  CHECK(int{y.at(0)} == 30 - 128);
  CHECK(int{y.at(1)} == 12 - 128);
}

TEST_CASE(
    "the sign of a sum and a fraction is that of the sum and what the fraction leaves below it") {
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 1, 1, 4}, kU8);
  const auto in = scheme(b, "a", 1.0f, kU8, 0);
  b.node("DequantizeLinear", with("x", in), "xr");
  integers(b, "w", kS8, {1, 1, 1, 1}, {1});
  b.floats("ws", {}, {1.0f}).floats("bias", {1}, {-4.4f}).floats("one", {}, {1.0f});
  b.node("DequantizeLinear", {"w", "ws"}, "wr");
  b.node("Conv", {"xr", "wr", "bias"}, "c");
  b.node("BipolarQuant", {"c", "one"}, "y").domain("qonnx.custom_op.general");
  b.output("y");
  const std::vector<int8_t> x = {3 - 128, 4 - 128, 5 - 128, 6 - 128};
  const auto y = exec::run_qgraph(front(b), x).at(0);  // 4 - 4.4 < 0 <= 5 - 4.4
  CHECK(y.at(0) == y.at(1));
  CHECK(y.at(1) < y.at(2));
  CHECK(y.at(2) == y.at(3));
}

TEST_CASE("a network of another domain's operators alone needs no opset") {
  OnnxBuilder b(13);
  integer_input(b, "x", {1, 4}, kU8);
  const auto in = scheme(b, "a", 0.5f, kU8, 0), out = scheme(b, "c", 1.0f, kU8, 0);
  std::vector<std::string> operands = with("x", in);
  join(operands, with("x", in));
  join(operands, out);
  b.node("QLinearAdd", operands, "y").domain(kMicrosoft);
  b.output("y");
  b.model.mutable_opset_import(0)->set_domain(kMicrosoft);
  b.model.mutable_opset_import(0)->set_version(1);
  const std::vector<int8_t> x = {-128, -127, 0, 127};
  CHECK(exec::run_qgraph(front(b), x).at(0) == x);  // x/2 + x/2
}

TEST_CASE("QLinearAdd rounds after its zero point is added: all pairs of bytes") {
  const auto [scale_a, scale_b] = GENERATE(std::pair{0.5f, 0.5f}, std::pair{0.5f, 1.0f},
                                           std::pair{0.75f, 0.25f}, std::pair{0.0117f, 0.0213f});
  const int zero = GENERATE(0, 3, 128, 131, 254, 255);
  OnnxBuilder b(13);
  integer_input(b, "a", {1, 1, 256, 256}, kU8);
  integer_input(b, "b", {1, 1, 256, 256}, kU8);
  std::vector<std::string> inputs = with("a", scheme(b, "as", scale_a, kU8, 100));
  join(inputs, with("b", scheme(b, "bs", scale_b, kU8, 7)));
  join(inputs, scheme(b, "ys", 1.0f, kU8, zero));
  b.node("QLinearAdd", inputs, "y").domain(kMicrosoft);
  b.output("y");
  const graph::QGraph graph = front(b);
  std::vector<int8_t> first, second;
  for (int i = 0; i < 65536; ++i) {
    first.push_back(static_cast<int8_t>(i / 256 - 128));
    second.push_back(static_cast<int8_t>(i % 256 - 128));
  }
  const auto got = exec::run_qgraph(graph, {first, second}).at(0);
  int wrong = 0;
  for (int i = 0; i < 65536; ++i) {
    const float v =
        static_cast<float>(i / 256 - 100) * scale_a + static_cast<float>(i % 256 - 7) * scale_b;
    const float want = std::clamp(std::nearbyint(v + static_cast<float>(zero)), 0.0f, 255.0f);
    wrong += int{got[static_cast<size_t>(i)]} + 128 != static_cast<int>(want);
  }
  CAPTURE(scale_a, scale_b, zero);
  // The last scales make no exact ties; v + zero has fewer fraction bits than v, which a few see.
  CHECK(wrong <= (scale_a == 0.0117f ? 8 : 0));
}

TEST_CASE("INT4 and UINT4 weights give the bytes of the same integers in INT8") {
  const auto network = [](int type, const std::vector<int>& values, int zero) {
    OnnxBuilder b(21);
    b.input("x", {1, 3, 6, 5});
    const auto s = scheme(b, "x_", 0.03f, kU8, 120), y = scheme(b, "y_", 0.2f, kU8, 90);
    b.node("QuantizeLinear", with("x", s), "xq");
    b.node("DequantizeLinear", with("xq", s), "xr");
    integers(b, "w", type, {5, 3, 3, 3}, values);
    b.floats("ws", {5}, {0.1f, 0.2f, 0.05f, 0.11f, 0.3f});
    integers(b, "wz", type, {5}, std::vector<int>(5, zero));
    b.node("DequantizeLinear", {"w", "ws", "wz"}, "wr").set("axis", 0);
    b.node("Conv", {"xr", "wr"}, "c").set("pads", Dims{1, 1, 1, 1});
    b.node("QuantizeLinear", with("c", y), "yq");
    b.node("DequantizeLinear", with("yq", y), "y");
    b.output("y");
    return b;
  };
  std::mt19937 random(6);
  std::vector<int> s4, u4, s8;
  for (int i = 0; i < 5 * 27; ++i) {
    s4.push_back(static_cast<int>(random() % 16) - 8);
    s8.push_back(s4.back());
    u4.push_back(s4.back() + 8);
  }
  std::vector<int8_t> x(90);
  for (int8_t& v : x) v = static_cast<int8_t>(random());
  const auto want = exec::run_qgraph(front(network(kS8, s8, 0)), x);
  CHECK(exec::run_qgraph(front(network(kInt4, s4, 0)), x) == want);
  CHECK(exec::run_qgraph(front(network(kUint4, u4, 8)), x) == want);
}

TEST_CASE("dynamic quantisation is calibrated to a static scale, and says so") {
  OnnxBuilder b(13);
  b.input("x", {2, 12});
  b.node("DynamicQuantizeLinear", {"x"}, "q");
  b.graph().mutable_node(0)->add_output("q_scale");
  b.graph().mutable_node(0)->add_output("q_zero");
  std::mt19937 random(7);
  std::vector<int> w(12 * 7);
  for (int& v : w) v = static_cast<int>(random() % 255) - 127;
  integers(b, "w", kS8, {12, 7}, w);
  integers(b, "wz", kS8, {}, {0});
  b.floats("ws", {7}, {0.01f, 0.02f, 0.03f, 0.004f, 0.05f, 0.06f, 0.07f});
  b.node("MatMulInteger", {"q", "w", "q_zero", "wz"}, "m");
  b.node("Cast", {"m"}, "f").set("to", 1);
  b.node("Mul", {"q_scale", "ws"}, "scale");
  b.node("Mul", {"f", "scale"}, "y");
  b.output("y");
  std::vector<float> x(24);
  for (float& v : x) v = std::uniform_real_distribution<float>(-1, 1)(random);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  for (int n = 0; n < 2; ++n) {
    for (int o = 0; o < 7; ++o) {
      double sum = 0;
      for (int i = 0; i < 12; ++i)
        sum += x[static_cast<size_t>(n * 12 + i)] * w[static_cast<size_t>(i * 7 + o)];
      const double scale[] = {0.01, 0.02, 0.03, 0.004, 0.05, 0.06, 0.07};
      CHECK(network.outputs()[0][static_cast<size_t>(n * 7 + o)] ==
            Approx(sum * scale[o]).margin(1e-4));
    }
  }
  std::vector<std::string> warnings;
  const graph::QGraph graph = front(b, &warnings);
  REQUIRE(!warnings.empty());
  CHECK_THAT(warnings[0], Catch::Contains("node 'q_node' (DynamicQuantizeLinear): gets a static "
                                          "scale by calibration"));
  // The weights are the network's own integers.
  for (int o = 0; o < 7; ++o)
    for (int i = 0; i < 12; ++i)
      CHECK(int{graph.ops[0].conv().weights[static_cast<size_t>(o * 12 + i)]} ==
            w[static_cast<size_t>(i * 7 + o)]);
}

TEST_CASE("calibration data for a network that states all its scales is not used, with a word") {
  const ScratchFolder folder;
  data::Dataset data;
  data.items = {{std::vector<float>(256, 1.0f)}};
  pipeline::FrontOptions options;
  options.calibration = &data;
  const auto path =
      folder.write("net.onnx", between_two_roundings(0.1f, 0, 0.2f, 0, "Relu").bytes());
  std::vector<std::string> warnings;
  options.warnings = &warnings;
  const graph::QGraph graph = compile_graph(path, options);
  CHECK(graph.own_scales);
  CHECK(graph.tensors[0].scale == 0.1f);
  CHECK(warnings == std::vector<std::string>{
                        "the network states all its scales: the calibration data is not used"});
}

TEST_CASE("quantisation that the hardware does not have is refused by node") {
  SECTION("a scale for each channel of an activation") {
    OnnxBuilder b(13);
    b.input("x", {1, 2, 3, 3});
    b.floats("s", {2}, {0.1f, 0.2f});
    integers(b, "z", kU8, {2}, {0, 0});
    b.node("QuantizeLinear", {"x", "s", "z"}, "y").set("axis", 1);
    b.output("y");
    CHECK_THAT(refusal(b), Catch::Contains("node 'y_node' (QuantizeLinear): 2 scales of an "
                                           "activation, expected one for the whole tensor"));
  }
  SECTION("blocked scales") {
    OnnxBuilder b(21);
    b.input("x", {1, 4});
    integers(b, "w", kInt4, {4, 2}, {1, 2, 3, 4, 5, 6, 7, -8});
    b.floats("s", {2, 2}, {0.1f, 0.2f, 0.3f, 0.4f});
    b.node("DequantizeLinear", {"w", "s"}, "wr").set("axis", 0).set("block_size", 2);
    b.node("MatMul", {"x", "wr"}, "y");
    b.output("y");
    CHECK_THAT(refusal(b), Catch::Contains("node 'wr_node' (DequantizeLinear): blocked scales "
                                           "(block_size = 2)"));
  }
  SECTION("arithmetic on integers") {
    OnnxBuilder b(13);
    b.input("x", {1, 4});
    b.node("QuantizeLinear", with("x", scheme(b, "s", 0.1f, kU8, 3)), "q");
    b.node("Add", {"q", "q"}, "y");
    b.output("y");
    CHECK_THAT(refusal(b), Catch::Contains("node 'y_node' (Add): computes with the integers 'q', "
                                           "expected it dequantised"));
  }
  SECTION("16 bits") {
    OnnxBuilder b(21);
    b.input("x", {1, 4});
    b.node("QuantizeLinear", with("x", scheme(b, "s", 0.1f, onnx::TensorProto::UINT16, 3)), "y");
    b.output("y");
    CHECK_THAT(refusal(b), Catch::Contains("to data type 4, expected integers of 8 or 4 bits"));
  }
  SECTION("a rounding mode of QONNX") {
    OnnxBuilder b(13);
    b.input("x", {1, 4});
    b.floats("s", {}, {0.5f});
    b.floats("z", {}, {0.0f});
    b.floats("n", {}, {4.0f});
    b.node("Quant", {"x", "s", "z", "n"}, "y")
        .domain("qonnx.custom_op.general")
        .set("rounding_mode", std::string("FLOOR"));
    b.output("y");
    CHECK_THAT(refusal(b),
               Catch::Contains("node 'y_node' (Quant): rounding_mode FLOOR, expected ROUND"));
  }
}

}  // namespace systole::test
