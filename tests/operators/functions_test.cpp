// SPDX-License-Identifier: Apache-2.0
// Elementwise functions: one table each, whatever form the exporter gave them.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

/// `count` values from lo to hi, in an order that is not sorted.
std::vector<float> spread(size_t count, float lo, float hi) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i * 7 % count] = lo + (hi - lo) * static_cast<float>(i) / static_cast<float>(count - 1);
  return values;
}

using Names = std::vector<std::string>;  // of operators, in the order in which they run

Names ops(const graph::Graph& graph) {
  Names result;
  for (const graph::Node& node : graph.nodes) result.emplace_back(name_of(node.op));
  return result;
}

struct Case {
  std::string op;
  double (*expected)(double);
  float lo = -4, hi = 4;
};

}  // namespace

TEST_CASE("functions of one tensor are one table that rounds once") {
  const Case cases[] = {
      {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"Tanh", [](double x) { return std::tanh(x); }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Softplus", [](double x) { return std::log1p(std::exp(x)); }},
      {"Softsign", [](double x) { return x / (1 + std::fabs(x)); }},
      {"HardSwish", [](double x) { return x * std::fmin(std::fmax(x / 6 + 0.5, 0), 1); }},
      {"HardSigmoid", [](double x) { return std::fmin(std::fmax(x * 0.2 + 0.5, 0), 1); }},
      {"LeakyRelu", [](double x) { return x < 0 ? 0.01 * x : x; }},
      {"Elu", [](double x) { return x < 0 ? std::expm1(x) : x; }},
      {"Selu",
       [](double x) {
         return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * std::expm1(x) : x);
       }},
      {"Celu", [](double x) { return x < 0 ? std::expm1(x) : x; }},
      {"ThresholdedRelu", [](double x) { return x > 1 ? x : 0; }},
      {"Shrink", [](double x) { return std::fabs(x) > 0.5 ? x : 0; }},
      {"Mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
      {"Gelu", [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Log", [](double x) { return std::log(x); }, 0.5f, 4},
      {"Sqrt", [](double x) { return std::sqrt(x); }, 0, 4},
      {"Reciprocal", [](double x) { return 1 / x; }, 0.5f, 4},
      {"Abs", [](double x) { return std::fabs(x); }},
      {"Neg", [](double x) { return -x; }},
      {"Sin", [](double x) { return std::sin(x); }},
      {"Cos", [](double x) { return std::cos(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }},
      {"Round", [](double x) { return std::nearbyint(x); }},
      {"Sign", [](double x) { return double(x > 0) - double(x < 0); }},
  };
  for (const Case& c : cases) {
    INFO(c.op);
    OnnxBuilder b;
    b.input("x", {1, 6, 3, 5});
    b.node(c.op, {"x"}, "y");
    b.output("y");
    const std::vector<float> x = spread(90, c.lo, c.hi);
    const QuantisedNetwork network(b.bytes(), {x});
    REQUIRE(network.quantised().ops.size() == 1);
    CHECK(network.quantised().ops[0].eltwise().post.table.has_value());
    for (size_t i = 0; i < x.size(); ++i) {
      // Two steps of a float: of the result, or of the 1 that it is made of.
      const double want = c.expected(x[i]);
      const double step = std::numeric_limits<float>::epsilon() * std::max(1.0, std::abs(want));
      CHECK_THAT(network.outputs()[0][i], Catch::WithinAbs(want, 2 * step));
    }
    CHECK(network.worst_steps() <= 0.501);
    network.check_program(square_arch());
  }
}

TEST_CASE("a Shrink whose lambd is negative takes the lower of its branches where both hold") {
  OnnxBuilder b;
  b.input("x", {1, 1, 1, 5});
  b.node("Shrink", {"x"}, "y").set("lambd", -0.5f).set("bias", 2.0f);
  b.output("y");
  const QuantisedNetwork network(b.bytes(), {{-1, -0.5f, 0, 0.5f, 1}});
  CHECK(network.outputs()[0] == std::vector<float>{1, 1.5f, 2, -1.5f, -1});
}

TEST_CASE("a function goes into the operator before it, whose rounding is the table's input") {
  std::mt19937 rng(1);
  for (const std::string op : {"Sigmoid", "HardSwish", "Tanh", "LeakyRelu"}) {
    INFO(op);
    OnnxBuilder b;
    b.input("x", {2, 3, 5, 4}).random("w", {7, 3, 3, 3}, rng).random("b", {7}, rng);
    b.node("Conv", {"x", "w", "b"}, "c").set("pads", Dims{1, 1, 1, 1});
    b.node(op, {"c"}, "y");
    b.output("y");
    const QuantisedNetwork network = check_network(b.bytes(), {random_floats(120, rng)}, 4.0);
    CHECK(ops(network.graph()) == Names{"conv"});
  }
}

TEST_CASE("exporters' forms of hard swish, swish and gelu are one table behind the convolution") {
  std::mt19937 rng(2);
  for (int form = 0; form < 5; ++form) {
    INFO("form " << form);
    OnnxBuilder b;
    b.input("x", {1, 3, 4, 4}).random("w", {5, 3, 1, 1}, rng);
    b.floats("three", {}, {3}).floats("six", {1}, {6}).floats("zero", {}, {0});
    b.floats("root", {}, {std::sqrt(2.0f)}).floats("one", {}, {1}).floats("half", {}, {0.5f});
    b.node("Conv", {"x", "w"}, "c");
    if (form == 0) {  // x * clip(x + 3, 0, 6) / 6
      b.node("Add", {"c", "three"}, "a");
      b.node("Clip", {"a", "zero", "six"}, "r");
      b.node("Mul", {"c", "r"}, "m");
      b.node("Div", {"m", "six"}, "y");
    } else if (form == 1) {
      b.node("HardSigmoid", {"c"}, "h").set("alpha", 1.0f / 6).set("beta", 0.5f);
      b.node("Mul", {"h", "c"}, "y");
    } else if (form == 2) {
      b.node("Sigmoid", {"c"}, "s");
      b.node("Mul", {"c", "s"}, "y");
    } else if (form == 3) {  // x * 0.5 * (1 + erf(x / sqrt(2)))
      b.node("Div", {"c", "root"}, "d");
      b.node("Erf", {"d"}, "e");
      b.node("Add", {"e", "one"}, "a");
      b.node("Mul", {"c", "a"}, "m");
      b.node("Mul", {"m", "half"}, "y");
    } else {  // softplus by hand: log(1 + exp(x))
      b.node("Exp", {"c"}, "e");
      b.node("Add", {"one", "e"}, "a");
      b.node("Log", {"a"}, "y");
    }
    b.output("y");
    const QuantisedNetwork network = check_network(b.bytes(), {random_floats(48, rng)}, 4.0);
    CHECK(ops(network.graph()) == Names{"conv"});
  }
}

TEST_CASE("a value that is read elsewhere too is the source of the functions behind it") {
  std::mt19937 rng(3);
  OnnxBuilder b;
  b.input("x", {1, 4, 3, 3}).random("w", {4, 4, 1, 1}, rng);
  b.node("Conv", {"x", "w"}, "c");
  b.node("Relu", {"c"}, "r");
  b.node("Tanh", {"r"}, "t");
  b.node("Add", {"x", "r"}, "y");
  b.output("t").output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {random_floats(36, rng)}, 2.5);
  CHECK(ops(network.graph()) == Names{"conv", "unary", "add"});
}

TEST_CASE("arithmetic with constants, one value or one a channel") {
  std::mt19937 rng(4);
  const auto x = spread(60, 0.5f, 3);
  for (const std::string op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"}) {
    for (const bool reversed : {false, true}) {
      for (const bool channels : {false, true}) {
        if (op == "Pow" && channels) continue;
        INFO(op << (reversed ? " reversed" : "") << (channels ? " by channel" : ""));
        OnnxBuilder b;
        b.input("x", {1, 3, 4, 5});
        if (channels)
          b.floats("c", {3, 1, 1}, {1.5f, 2, 0.75f});
        else
          b.floats("c", {}, {1.5f});
        const std::vector<std::string> in =
            reversed ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"};
        b.node(op, in, "y");
        b.output("y");
        const QuantisedNetwork network = check_network(b.bytes(), {x}, channels ? 2.0 : 1.0);
        const float c[3] = {1.5f, channels ? 2 : 1.5f, channels ? 0.75f : 1.5f};
        for (size_t i = 0; i < x.size(); ++i) {
          const float p = reversed ? c[i / 20] : x[i], q = reversed ? x[i] : c[i / 20];
          const float want = op == "Add"   ? p + q
                             : op == "Sub" ? p - q
                             : op == "Mul" ? p * q
                             : op == "Div" ? p / q
                             : op == "Max" ? std::max(p, q)
                             : op == "Min" ? std::min(p, q)
                                           : std::pow(p, q);
          CHECK_THAT(network.outputs()[0][i], Catch::WithinULP(want, 2));
        }
      }
    }
  }
}

TEST_CASE("PRelu with a slope a channel") {
  OnnxBuilder b;
  b.input("x", {1, 3, 2, 5}).floats("slope", {3, 1, 1}, {0.25f, 0.1f, 0.5f});
  b.node("PRelu", {"x", "slope"}, "y");
  b.output("y");
  const auto x = spread(30, -2, 2);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  const float slope[] = {0.25f, 0.1f, 0.5f};
  for (size_t i = 0; i < x.size(); ++i)
    CHECK(network.outputs()[0][i] == (x[i] < 0 ? x[i] * slope[i / 10] : x[i]));
}

TEST_CASE("Clip takes any bounds, the upper one winning") {
  for (const auto& [lo, hi] :
       {std::pair{-1.0f, 0.5f}, {0.5f, 2.0f}, {-3.0f, -1.0f}, {2.0f, 1.0f}}) {
    OnnxBuilder b;
    b.input("x", {1, 2, 3, 3}).floats("lo", {}, {lo}).floats("hi", {}, {hi});
    b.node("Clip", {"x", "lo", "hi"}, "y");
    b.output("y");
    const auto x = spread(18, -3, 3);
    const QuantisedNetwork network = check_network(b.bytes(), {x});
    for (size_t i = 0; i < x.size(); ++i)
      CHECK(network.outputs()[0][i] == std::min(std::max(x[i], lo), hi));
  }
}

TEST_CASE("a clamp that excludes what a pool or a cut gives has a range of its own") {
  for (const auto& [lo, hi] : {std::pair{0.75f, 4.0f}, {-4.0f, -0.75f}}) {
    for (const bool pool : {true, false}) {
      OnnxBuilder b;
      b.input("x", {1, 2, 2, 4}).floats("lo", {}, {lo}).floats("hi", {}, {hi});
      b.ints("starts", {1}, {0})
          .ints("ends", {1}, {4})
          .ints("axes", {1}, {3})
          .ints("steps", {1}, {2});
      if (pool)
        b.node("GlobalMaxPool", {"x"}, "p");
      else
        b.node("Slice", {"x", "starts", "ends", "axes", "steps"}, "p");
      b.node("Clip", {"p", "lo", "hi"}, "y");
      b.output("y");
      const float half = lo > 0 ? 0.5f : -0.5f;  // nearer to 0 than the clamp
      const QuantisedNetwork network =
          check_network(b.bytes(), {std::vector<float>(16, half)}, 1.0);
      for (float y : network.outputs()[0]) CHECK(y == (lo > 0 ? lo : hi));
      CHECK(network.worst_steps() <= 0.51);
    }
  }
}

TEST_CASE("a clamp that leaves little of what a pool gives has steps of its own") {
  // The input's steps are 3/255, coarser than what is left: 0..0.05 wants 0.05/255.
  OnnxBuilder b;
  b.input("x", {1, 2, 1, 2}).floats("hi", {}, {0.05f});
  b.node("MaxPool", {"x"}, "p").set("kernel_shape", Dims{1, 2});
  b.node("Min", {"p", "hi"}, "y");
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {{1.5f, -1.5f, -1.5f, 0.0f}}, 1.0);
  CHECK(network.outputs()[0] == std::vector<float>{0.05f, 0.0f});
  const graph::QGraph& graph = network.quantised();
  const graph::QTensor& y = graph.tensors[static_cast<size_t>(graph.outputs[0])];
  CHECK(y.scale == 0.05f / 255);
  CHECK(network.worst_steps() <= 0.51);
}

TEST_CASE("a function is not flat where it jumps: its table holds both sides") {
  // floor of 1.7478, -0.6781, -1.5044 and 0.1251: flat from 1 on and below -1.
  OnnxBuilder b;
  b.input("x", {1, 1}).floats("w", {1, 4}, {0.0548f, -0.0847f, -0.1936f, 0.0615f});
  b.floats("c", {4}, {1.6648f, -0.5539f, -1.2112f, 0.0317f});
  b.node("Gemm", {"x", "w", "c"}, "g").set("alpha", 1.36f);
  b.node("Floor", {"g"}, "y");
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {{1.1135f}}, 0.51);
  CHECK(network.outputs()[0] == std::vector<float>{1, -1, -2, 0});
}

TEST_CASE("an average's divisor counts stated padding, not what ceil_mode reaches beyond it") {
  // ONNX Runtime's values: (0 + 1 + 2) / 3, (3 + 4 + 5) / 3, 6 / 1.
  OnnxBuilder b;
  b.input("x", {1, 1, 1, 6});
  b.node("AveragePool", {"x"}, "y")
      .set("kernel_shape", Dims{1, 3})
      .set("strides", Dims{1, 3})
      .set("pads", Dims{0, 1, 0, 0})
      .set("ceil_mode", 1)
      .set("count_include_pad", 1);
  b.output("y");
  CHECK(check_network(b.bytes(), {{1, 2, 3, 4, 5, 6}}).outputs()[0] == std::vector<float>{1, 4, 6});
}

TEST_CASE(
    "batch normalisation of five dimensions goes by the first of the two that share channels") {
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 1, 2}).floats("s", {2}, {2, 3}).floats("b", {2}, {1, -1});
  b.floats("m", {2}, {4, 0}).floats("v", {2}, {1, 4});
  b.node("BatchNormalization", {"x", "s", "b", "m", "v"}, "y").set("epsilon", 0.0f);
  b.output("y");
  const auto x = spread(12, -3, 3);
  const std::vector<float> y = check_network(b.bytes(), {x}).outputs()[0];
  for (size_t i = 0; i < 12; ++i)
    CHECK(y[i] == Approx(i < 6 ? (x[i] - 4) * 2 + 1 : x[i] / 2 * 3 - 1).margin(1e-5));
}

}  // namespace systole::test
