// SPDX-License-Identifier: Apache-2.0
// Constants beside a tensor that differ from place to place: one for each row, column or element.
// Expected values are those of loops with NumPy's broadcasting.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

float apply(const std::string& op, float a, float b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div") return a / b;
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  return a > 0 ? a : a * b;  // PRelu
}

/// The element of a constant of `shape` that stands beside element `i` of `dims`.
size_t beside(size_t i, const Dims& dims, const Dims& shape) {
  size_t at = 0, stride = 1;
  for (size_t d = dims.size(), s = shape.size(); d-- > 0;) {
    const auto index = i % static_cast<size_t>(dims[d]);
    i /= static_cast<size_t>(dims[d]);
    if (s == 0) break;
    --s;
    if (shape[s] != 1) at += index * stride;
    stride *= static_cast<size_t>(shape[s]);
  }
  return at;
}

struct Case {
  Dims dims, constant;
};

}  // namespace

TEST_CASE("a constant may differ from row to row, column to column, element to element") {
  std::mt19937 rng(12);
  const Case cases[] = {{{1, 3, 4, 5}, {5}},       {{1, 3, 4, 5}, {4, 1}},
                        {{2, 3, 4, 5}, {4, 5}},    {{1, 3, 4, 5}, {3, 4, 5}},
                        {{1, 3, 4}, {4}},          {{2, 3, 4}, {1, 3, 4}},
                        {{1, 2, 3, 2, 2}, {2, 2}}, {{1, 2, 3, 2, 2}, {2, 3, 1, 2}}};
  for (const auto& [dims, shape] : cases) {
    for (const std::string op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"}) {
      const bool reversed = op != "PRelu" && rng() % 2 == 0;
      int64_t size = 1, count = 1;
      for (int64_t d : dims) size *= d;
      for (int64_t d : shape) count *= d;
      std::vector<float> x = random_floats(static_cast<size_t>(size), rng);
      std::vector<float> c = random_floats(static_cast<size_t>(count), rng);
      if (op == "Div")  // away from 0, what is divided by
        for (float& v : reversed ? x : c) v = v < 0 ? v - 0.5f : v + 0.5f;
      OnnxBuilder b;
      b.input("x", dims).floats("c", shape, c);
      b.node(op, reversed ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"},
             "y");
      b.output("y");
      CAPTURE(op, reversed, dims, shape);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 4.0);
      const std::vector<float> got = network.outputs()[0];
      REQUIRE(got.size() == x.size());
      for (size_t i = 0; i < got.size(); ++i) {
        const float constant =
            c[beside(i % static_cast<size_t>(size / dims[0]), {dims.begin() + 1, dims.end()},
                     shape.size() == dims.size() ? Dims{shape.begin() + 1, shape.end()} : shape)];
        const float want = reversed ? apply(op, constant, x[i]) : apply(op, x[i], constant);
        REQUIRE_THAT(got[i], Catch::WithinULP(want, 2));
      }
    }
  }
}

TEST_CASE("a constant of more dimensions gives its tensor leading dimensions of 1") {
  const Case cases[] = {{{1, 3}, {1, 1, 3}},
                        {{1, 3}, {1, 1, 1, 1, 1}},
                        {{1, 3, 4}, {1, 1, 3, 4}},
                        {{1, 3, 4}, {1, 1, 1, 1}},
                        {{1, 3, 4, 2}, {1, 1, 1, 1, 1}},
                        {{1, 3, 4, 2}, {1, 1, 1, 1, 1, 1}}};
  for (const auto& [dims, shape] : cases) {
    for (const bool reversed : {false, true}) {
      size_t size = 1, count = 1;
      for (int64_t d : dims) size *= static_cast<size_t>(d);
      for (int64_t d : shape) count *= static_cast<size_t>(d);
      std::vector<float> x, c;
      for (size_t i = 0; i < size; ++i) x.push_back(0.25f * static_cast<float>(i) - 1.0f);
      for (size_t i = 0; i < count; ++i) c.push_back(0.5f + static_cast<float>(i));
      OnnxBuilder b;
      b.input("x", dims).floats("c", shape, c);
      b.node("Sub",
             reversed ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"},
             "y");
      b.output("y");
      CAPTURE(reversed, dims, shape);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 4.0);
      const std::vector<float> got = network.outputs()[0];
      REQUIRE(got.size() == size);
      for (size_t i = 0; i < size; ++i) {
        const float want = x[i] - c[count == size ? i : 0];
        REQUIRE(got[i] == (reversed ? -want : want));
      }
    }
  }
}

TEST_CASE("a constant may be part of a concatenation") {
  for (const bool last :
       {false, true}) {  // a class token before the patches; channels beside others
    OnnxBuilder b;
    b.input("x", last ? Dims{1, 3, 2, 2} : Dims{1, 3, 4});
    b.floats("c", last ? Dims{1, 1, 2, 2} : Dims{1, 1, 4}, {7, -5, 3, 0.5f});
    b.node("Concat", last ? std::vector<std::string>{"x", "c"} : std::vector<std::string>{"c", "x"},
           "y")
        .set("axis", 1);
    b.output("y");
    std::vector<float> x(12);
    for (size_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i) - 6;
    std::vector<float> want = x;
    const std::vector<float> c = {7, -5, 3, 0.5f};
    want.insert(last ? want.end() : want.begin(), c.begin(), c.end());
    CHECK(check_network(b.bytes(), {x}, 1.0).outputs()[0] == want);
  }
}

TEST_CASE("a constant that would broadcast the tensor is refused by name") {
  OnnxBuilder b;
  b.input("x", {1, 3, 1, 1}).floats("c", {2, 1}, {1, 2});
  b.node("Add", {"x", "c"}, "y");
  b.output("y");
  CHECK_THROWS_WITH(check_network(b.bytes(), {{1, 2, 3}}),
                    Catch::Contains("node 'y_node' (Add): constant of shape [2, 1] with a tensor "
                                    "[1, 3, 1, 1]: the tensor would be broadcast"));
}

TEST_CASE("many constants that differ from place to place are refused by name") {
  OnnxBuilder b;
  b.input("x", {1, 17, 16, 16}).floats("c", {16, 16}, std::vector<float>(256, 1));
  b.node("Add", {"x", "c"}, "y");
  b.output("y");
  CHECK_THROWS_WITH(
      check_network(b.bytes(), {std::vector<float>(17 * 256)}),
      Catch::Contains("it differs from place to place, expected 4096 elements at most"));
}

}  // namespace systole::test
