// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime's fused operators, and functions of the newest opset, against their formulas.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

const std::string kMicrosoft = "com.microsoft";

void floats_attribute(OnnxBuilder& b, const std::string& name, const std::vector<float>& values) {
  onnx::AttributeProto* a = b.graph().mutable_node(b.graph().node_size() - 1)->add_attribute();
  a->set_name(name);
  a->set_type(onnx::AttributeProto::FLOATS);
  for (float v : values) a->add_floats(v);
}

}  // namespace

TEST_CASE("FusedConv is a convolution, a sum and an activation") {
  struct Activation {
    std::string name;
    std::vector<float> parameters;
    float (*of)(float);
  };
  const std::vector<Activation> activations = {
      {"", {}, [](float v) { return v; }},
      {"Relu", {}, [](float v) { return std::max(v, 0.0f); }},
      {"LeakyRelu", {0.25f}, [](float v) { return v < 0 ? 0.25f * v : v; }},
      {"Clip", {-0.5f, 1.0f}, [](float v) { return std::clamp(v, -0.5f, 1.0f); }},
      {"Tanh", {}, [](float v) { return std::tanh(v); }},
      {"Sigmoid", {}, [](float v) { return 1 / (1 + std::exp(-v)); }},
      {"HardSigmoid", {0.25f, 0.5f}, [](float v) {
         return std::clamp(0.25f * v + 0.5f, 0.0f, 1.0f);
       }}};
  std::mt19937 rng(1);
  for (const bool residual : {false, true}) {
    for (const Activation& activation : activations) {
      CAPTURE(activation.name, residual);
      OnnxBuilder b;
      b.input("x", {1, 2, 3, 3})
          .floats("w", {2, 2, 1, 1}, {1, 0.5f, -1, 2})
          .floats("b", {2}, {0.25f, 0});
      std::vector<std::string> inputs = {"x", "w", "b"};
      if (residual) inputs.push_back("x");
      auto node = b.node("FusedConv", inputs, "y");
      node.domain(kMicrosoft).set("kernel_shape", Dims{1, 1});
      if (!activation.name.empty()) node.set("activation", activation.name);
      if (!activation.parameters.empty())
        floats_attribute(b, "activation_params", activation.parameters);
      b.output("y");
      const auto x = random_floats(18, rng);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 3.0);
      for (size_t i = 0; i < 9; ++i) {
        const float first = x[i] + 0.5f * x[9 + i] + 0.25f + (residual ? x[i] : 0),
                    second = -x[i] + 2 * x[9 + i] + (residual ? x[9 + i] : 0);
        CHECK(network.outputs()[0][i] == Approx(activation.of(first)).margin(1e-5));
        CHECK(network.outputs()[0][9 + i] == Approx(activation.of(second)).margin(1e-5));
      }
    }
  }
}

TEST_CASE("FusedGemm is a Gemm and an activation") {
  OnnxBuilder b;
  b.input("x", {1, 2}).floats("w", {2, 2}, {1, 2, 3, 4}).floats("c", {2}, {1, -1});
  b.node("FusedGemm", {"x", "w", "c"}, "y")
      .domain(kMicrosoft)
      .set("transB", 1)
      .set("alpha", 0.5f)
      .set("beta", 2.0f)
      .set("activation", std::string("LeakyRelu"))
      .set("activation_alpha", 0.1f);
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {{1, -3}}, 2.0);
  CHECK(network.outputs()[0][0] == Approx(0.1f * (0.5f * (1 - 6) + 2)));
  CHECK(network.outputs()[0][1] == Approx(0.1f * (0.5f * (3 - 12) - 2)));
}

TEST_CASE("Swish of opset 24 and ONNX Runtime's Gelu and QuickGelu are tables") {
  std::vector<float> x;
  for (int i = -40; i <= 40; ++i) x.push_back(static_cast<float>(i) / 10);
  const auto outputs = [&](const std::string& op, const std::string& domain, float alpha) {
    OnnxBuilder b(24);
    b.input("x", {1, static_cast<int64_t>(x.size())});
    auto node = b.node(op, {"x"}, "y");
    node.domain(domain);
    if (alpha != 0) node.set("alpha", alpha);
    b.output("y");
    return check_network(b.bytes(), {x}, 1.0).outputs()[0];
  };
  const auto swish = [](float v, float alpha) { return v / (1 + std::exp(-alpha * v)); };
  const auto plain = outputs("Swish", "", 0), steep = outputs("Swish", "", 2.5f),
             quick = outputs("QuickGelu", kMicrosoft, 0), gelu = outputs("Gelu", kMicrosoft, 0);
  for (size_t i = 0; i < x.size(); ++i) {
    CHECK(plain[i] == Approx(swish(x[i], 1)).margin(1e-6));
    CHECK(steep[i] == Approx(swish(x[i], 2.5f)).margin(1e-6));
    CHECK(quick[i] == Approx(swish(x[i], 1.702f)).margin(1e-6));
    CHECK(gelu[i] == Approx(x[i] / 2 * (1 + std::erf(x[i] / std::sqrt(2.0f)))).margin(1e-6));
  }
}

}  // namespace systole::test
