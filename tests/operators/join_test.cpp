// SPDX-License-Identifier: Apache-2.0
// Concatenations, cuts, reshapes and transpositions: places in other tensors, not work.
#include <catch2/catch.hpp>
#include <numeric>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

std::vector<float> counted(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i) - 3;
  return values;
}

}  // namespace

TEST_CASE("a concat of convolutions costs nothing: they write where it lies") {
  std::mt19937 rng(1);
  for (int axis = 1; axis <= 3; ++axis) {
    INFO("axis " << axis);
    OnnxBuilder b;
    b.input("x", {2, 3, 4, 5});
    b.random("w1", {5, 3, 1, 1}, rng).random("w2", {5, 3, 3, 3}, rng);
    b.random("w3", {6, axis == 1 ? 10 : 5, 3, 3}, rng);
    b.node("Conv", {"x", "w1"}, "a");
    b.node("Conv", {"x", "w2"}, "c").set("pads", Dims{1, 1, 1, 1});
    b.node("Concat", {"a", "c"}, "j").set("axis", axis);
    b.node("Relu", {"j"}, "r");
    b.node("Conv", {"r", "w3"}, "y");
    b.output("y");
    const QuantisedNetwork network = check_network(b.bytes(), {random_floats(120, rng)}, 3.0);
    CHECK(network.quantised().ops.size() == 4);
  }
}

TEST_CASE("a concat of an input, of a value twice, of a pool and of another concat") {
  std::mt19937 rng(2);
  OnnxBuilder b;
  b.input("x", {1, 3, 4, 4}).random("w", {4, 3, 1, 1}, rng).random("w2", {2, 15, 2, 2}, rng);
  b.node("Conv", {"x", "w"}, "c");
  b.node("MaxPool", {"c"}, "p").set("kernel_shape", Dims{3, 3}).set("pads", Dims{1, 1, 1, 1});
  b.node("Concat", {"c", "c", "p"}, "inner").set("axis", 1);
  b.node("Concat", {"inner", "x"}, "outer").set("axis", -3);
  b.node("Conv", {"outer", "w2"}, "y");
  b.node("Concat", {"x", "x"}, "twice").set("axis", 1);
  b.node("Concat", {"x", "inner"}, "again").set("axis", 1);
  b.output("y").output("twice").output("again");
  check_network(b.bytes(), {random_floats(48, rng)}, 4.0);
}

TEST_CASE("tensors without channels vanish from a concat") {
  OnnxBuilder b;
  b.input("x", {1, 4, 2, 2}).ints("sizes", {3}, {0, 3, 1});
  onnx::NodeProto* split = b.graph().add_node();
  split->set_op_type("Split");
  for (const char* in : {"x", "sizes"}) split->add_input(in);
  for (const char* out : {"none", "three", "one"}) split->add_output(out);
  onnx::AttributeProto* axis = split->add_attribute();
  axis->set_name("axis");
  axis->set_type(onnx::AttributeProto::INT);
  axis->set_i(1);
  b.node("Concat", {"one", "none", "three"}, "y").set("axis", 1);
  b.output("y");
  const auto x = counted(16);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  std::vector<float> want(x.begin() + 12, x.end());
  want.insert(want.end(), x.begin(), x.begin() + 12);
  CHECK(network.outputs()[0] == want);
}

TEST_CASE("slices of every dimension, with steps, read where they are") {
  std::mt19937 rng(3);
  struct Cut {
    Dims starts, ends, axes, steps;
  };
  for (const Cut& c : {Cut{{1}, {4}, {1}, {1}}, Cut{{1}, {-1}, {2}, {1}},
                       Cut{{-3}, {100}, {3}, {1}}, Cut{{1, 0, 2}, {5, 3, 5}, {1, 2, 3}, {1, 1, 1}},
                       Cut{{0, 1}, {6, 5}, {1, 3}, {2, 3}}, Cut{{1}, {4}, {2}, {2}}}) {
    OnnxBuilder b;
    b.input("x", {2, 6, 4, 5});
    b.ints("starts", {static_cast<int64_t>(c.starts.size())}, c.starts)
        .ints("ends", {static_cast<int64_t>(c.ends.size())}, c.ends)
        .ints("axes", {static_cast<int64_t>(c.axes.size())}, c.axes)
        .ints("steps", {static_cast<int64_t>(c.steps.size())}, c.steps);
    b.floats("lo", {}, {-0.5f});
    b.node("Slice", {"x", "starts", "ends", "axes", "steps"}, "s");
    b.node("Clip", {"s", "lo"}, "y");
    b.output("y").output("s");
    const auto x = random_floats(240, rng);
    const QuantisedNetwork network = check_network(b.bytes(), {x});
    // The elements the definition names.
    int64_t first[4] = {0, 0, 0, 0}, last[4] = {2, 6, 4, 5}, step[4] = {1, 1, 1, 1};
    const int64_t size[4] = {2, 6, 4, 5};
    for (size_t i = 0; i < c.axes.size(); ++i) {
      const auto a = static_cast<size_t>(c.axes[i]);
      first[a] = c.starts[i] < 0 ? c.starts[i] + size[a] : c.starts[i];
      last[a] = std::min(c.ends[i] < 0 ? c.ends[i] + size[a] : c.ends[i], size[a]);
      step[a] = c.steps[i];
    }
    std::vector<float> want;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t i = first[1]; i < last[1]; i += step[1])
        for (int64_t h = first[2]; h < last[2]; h += step[2])
          for (int64_t w = first[3]; w < last[3]; w += step[3])
            want.push_back(x[static_cast<size_t>(((n * 6 + i) * 4 + h) * 5 + w)]);
    CHECK(network.outputs()[1] == want);
  }
}

TEST_CASE("networks of several inputs and outputs") {
  std::mt19937 rng(4);
  OnnxBuilder b;
  b.input("a", {3, 4, 2, 2}).input("b", {3, 4, 2, 2}).random("w", {3, 4, 1, 1}, rng);
  b.node("Add", {"a", "b"}, "sum");
  b.node("Conv", {"b", "w"}, "y");
  b.node("Sub", {"a", "b"}, "difference");
  b.output("sum").output("y").output("difference");
  check_network(b.bytes(), {random_floats(48, rng), random_floats(48, rng)}, 1.5);
}

TEST_CASE("transpositions at the edges of an NHWC network are only names") {
  std::mt19937 rng(5);
  OnnxBuilder b;
  b.input("x", {1, 4, 5, 3}).random("w", {6, 3, 3, 3}, rng).floats("scale", {3}, {0.5f, 2, 1});
  b.node("Mul", {"x", "scale"}, "m");  // along the last dimension
  b.node("Transpose", {"m"}, "t").set("perm", Dims{0, 3, 1, 2});
  b.node("Conv", {"t", "w"}, "c").set("pads", Dims{1, 1, 1, 1});
  b.node("Transpose", {"c"}, "u").set("perm", Dims{0, 2, 3, 1});
  b.node("Relu", {"u"}, "y");
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {random_floats(60, rng)}, 2.0);
  CHECK(network.quantised().ops.size() == 1);
  CHECK(
      network.quantised().tensors[static_cast<size_t>(network.quantised().outputs[0])].onnx_shape ==
      Dims{1, 4, 5, 6});
}

TEST_CASE("a fully connected layer behind a flattened NHWC map") {
  std::mt19937 rng(6);
  OnnxBuilder b;
  b.input("x", {1, 3, 2, 4}).random("w", {24, 5}, rng).ints("shape", {2}, {1, -1});
  b.node("Relu", {"x"}, "r");
  b.node("Transpose", {"r"}, "t").set("perm", Dims{0, 2, 3, 1});
  b.node("Reshape", {"t", "shape"}, "f");
  b.node("MatMul", {"f", "w"}, "y");
  b.output("y");
  const auto x = random_floats(24, rng);
  const QuantisedNetwork network = check_network(b.bytes(), {x}, 3.0);
  const auto& w = b.graph().initializer(0).float_data();
  for (int o = 0; o < 5; ++o) {
    float want = 0;
    for (int h = 0, f = 0; h < 2; ++h)
      for (int v = 0; v < 4; ++v)
        for (int c = 0; c < 3; ++c, ++f)
          want += std::max(0.0f, x[static_cast<size_t>((c * 2 + h) * 4 + v)]) * w[f * 5 + o];
    CHECK(network.outputs()[0][static_cast<size_t>(o)] == Approx(want).margin(1e-4));
  }
}

TEST_CASE("reshapes of rows and columns alone stay where they are") {
  std::mt19937 rng(7);
  OnnxBuilder b;
  b.input("x", {1, 6, 4, 3}).random("w", {6, 6, 1, 1}, rng).random("w1", {4, 6, 3}, rng);
  b.ints("rows", {3}, {1, 6, 12}).ints("map", {4}, {1, 6, 2, 6});
  b.node("Conv", {"x", "w"}, "c");
  b.node("Reshape", {"c", "rows"}, "r");
  b.node("Conv", {"r", "w1"}, "d").set("pads", Dims{1, 1});
  b.node("Reshape", {"c", "map"}, "m");
  b.node("MaxPool", {"m"}, "y").set("kernel_shape", Dims{2, 2});
  b.output("d").output("y");
  check_network(b.bytes(), {random_floats(72, rng)}, 3.0);
}

}  // namespace systole::test
