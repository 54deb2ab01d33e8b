// SPDX-License-Identifier: Apache-2.0
// Products and sums of two tensors, one of which may be a pixel an item: squeeze and excite.
#include <catch2/catch.hpp>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {

TEST_CASE("the product of two tensors rounds once") {
  std::mt19937 rng(1);
  OnnxBuilder b;
  b.input("a", {2, 5, 3, 4}).input("b", {2, 5, 3, 4});
  b.node("Mul", {"a", "b"}, "m");
  b.node("Tanh", {"m"}, "y");
  b.output("y");
  check_network(b.bytes(), {random_floats(120, rng), random_floats(120, rng)}, 2.0);
  OnnxBuilder plain;
  plain.input("a", {2, 5, 3, 4}).input("b", {2, 5, 3, 4});
  plain.node("Mul", {"a", "b"}, "y");
  plain.output("y");
  const auto a = random_floats(120, rng), c = random_floats(120, rng);
  const QuantisedNetwork network = check_network(plain.bytes(), {a, c}, 0.51);
  for (size_t i = 0; i < a.size(); ++i)
    CHECK(network.outputs()[0][i] == Approx(a[i] * c[i]).margin(1e-6));
}

TEST_CASE("squeeze and excite: a product with one pixel an item") {
  std::mt19937 rng(2);
  for (const bool reversed : {false, true}) {
    OnnxBuilder b;
    b.input("x", {3, 6, 4, 5}).random("w", {9, 6, 3, 3}, rng);
    b.random("w1", {2, 9, 1, 1}, rng).random("w2", {9, 2, 1, 1}, rng);
    b.node("Conv", {"x", "w"}, "c").set("pads", Dims{1, 1, 1, 1});
    b.node("GlobalAveragePool", {"c"}, "g");
    b.node("Conv", {"g", "w1"}, "s");
    b.node("Relu", {"s"}, "r");
    b.node("Conv", {"r", "w2"}, "e");
    b.node("HardSigmoid", {"e"}, "h");
    const std::vector<std::string> in =
        reversed ? std::vector<std::string>{"h", "c"} : std::vector<std::string>{"c", "h"};
    b.node("Mul", in, "m");
    b.node("Add", {"m", "g"}, "y");
    b.output("y");
    const QuantisedNetwork network = check_network(b.bytes(), {random_floats(360, rng)}, 6.0);
    if (reversed) network.check_cosim(square_arch());
  }
}

}  // namespace systole::test
