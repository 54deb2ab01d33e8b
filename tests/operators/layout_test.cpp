// SPDX-License-Identifier: Apache-2.0
// Orders of dimensions: what moves no byte, what the host reads in another order, what a
// convolution selects; and outputs that are other names of a value. Expected values are those of
// the same elements moved by loops over their indices.
#include <catch2/catch.hpp>
#include <numeric>

#include "compiler/graph/element_order.h"
#include "compiler/graph/refusal.h"
#include "compiler/pipeline/front.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

std::vector<float> counted(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i) - 20;
  return values;
}

/// `in` of sizes `dims` with its dimensions in the order `perm`.
std::vector<float> transposed(const std::vector<float>& in, const Dims& dims, const Dims& perm) {
  std::vector<float> out;
  Dims at(dims.size(), 0);  // in the order of the result
  for (size_t done = 0; done < in.size(); ++done) {
    size_t from = 0;
    for (size_t d = 0; d < dims.size(); ++d) {
      const auto place = static_cast<size_t>(std::find(perm.begin(), perm.end(), d) - perm.begin());
      from = from * static_cast<size_t>(dims[d]) + static_cast<size_t>(at[place]);
    }
    out.push_back(in[from]);
    for (size_t d = perm.size(); d-- > 0;) {
      if (++at[d] < dims[static_cast<size_t>(perm[d])]) break;
      at[d] = 0;
    }
  }
  return out;
}

/// A convolution that adds channel c, times c + 1, to a copy: y = x * (c + 1).
OnnxBuilder& scaled_channels(OnnxBuilder& b, const std::string& in, const std::string& out,
                             int64_t channels) {
  std::vector<float> weights(static_cast<size_t>(channels * channels), 0.0f);
  for (int64_t c = 0; c < channels; ++c)
    weights[static_cast<size_t>(c * channels + c)] = static_cast<float>(c + 1);
  b.floats(out + "_w", {channels, channels, 1, 1}, weights);
  b.node("Conv", {in, out + "_w"}, out);
  return b;
}

std::vector<float> times_channel(std::vector<float> values, size_t area) {
  for (size_t i = 0; i < values.size(); ++i) values[i] *= static_cast<float>(i / area + 1);
  return values;
}

void check_values(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i);
    REQUIRE(got[i] == Approx(expected[i]).margin(1e-4));
  }
}

}  // namespace

TEST_CASE("a patch embedding is an output in the order of its dimensions") {
  OnnxBuilder b;
  b.input("x", {1, 3, 2, 4}).ints("rows", {3}, {1, 3, 8});
  scaled_channels(b, "x", "c", 3);
  b.node("Reshape", {"c", "rows"}, "r");
  b.node("Transpose", {"r"}, "y").set("perm", Dims{0, 2, 1});
  b.output("y");
  const std::vector<float> x = counted(24);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  CHECK(network.quantised().ops.size() == 1);
  check_values(network.outputs()[0], transposed(times_channel(x, 8), {3, 8}, {1, 0}));
}

TEST_CASE("the host reads an output in any order of any number of dimensions") {
  OnnxBuilder b;
  b.input("x", {1, 6, 4, 2}).ints("heads", {5}, {1, 2, 3, 4, 2}).ints("flat", {2}, {1, 48});
  scaled_channels(b, "x", "c", 6);
  b.node("Reshape", {"c", "heads"}, "h");
  b.node("Transpose", {"h"}, "y").set("perm", Dims{0, 3, 1, 4, 2});
  b.node("Transpose", {"c"}, "t").set("perm", Dims{0, 1, 3, 2});
  b.node("Reshape", {"t", "flat"}, "z");
  b.output("y").output("z").output("c");
  const std::vector<float> x = counted(48), c = times_channel(x, 8);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  CHECK(network.quantised().ops.size() == 1);
  check_values(network.outputs()[0], transposed(c, {2, 3, 4, 2}, {2, 0, 3, 1}));
  check_values(network.outputs()[1], transposed(c, {6, 4, 2}, {0, 2, 1}));
  check_values(network.outputs()[2], c);
}

TEST_CASE("outputs that are inputs, another output, or both under integers") {
  OnnxBuilder b;
  b.input("x", {2, 3, 2, 2});
  scaled_channels(b, "x", "y", 3);
  b.node("Identity", {"x"}, "same");
  b.node("Identity", {"y"}, "again");
  b.node("Transpose", {"x"}, "turned").set("perm", Dims{0, 2, 3, 1});
  b.output("y").output("same").output("again").output("turned").output("x");
  const std::vector<float> x = counted(24);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  CHECK(network.quantised().ops.size() == 1);
  check_values(network.outputs()[1], x);
  CHECK(network.outputs()[2] == network.outputs()[0]);
  check_values(network.outputs()[3], transposed(x, {2, 3, 2, 2}, {0, 2, 3, 1}));
  check_values(network.outputs()[4], x);
}

TEST_CASE("dimensions of one element move freely") {
  for (const Dims& dims : {Dims{1, 6, 4, 1}, Dims{1, 1, 6, 4}, Dims{1, 6, 1, 4}}) {
    for (const Dims& perm : {Dims{0, 3, 1, 2}, Dims{0, 2, 3, 1}, Dims{0, 1, 3, 2}}) {
      OnnxBuilder b;
      b.input("x", dims);
      b.node("Transpose", {"x"}, "t").set("perm", perm);
      Dims turned;
      for (int64_t p : perm) turned.push_back(dims[static_cast<size_t>(p)]);
      scaled_channels(b, "t", "y", turned[1]);
      b.output("y");
      const std::vector<float> x = counted(24);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 1.5);
      check_values(network.outputs()[0], times_channel(transposed(x, dims, perm),
                                                       static_cast<size_t>(turned[2] * turned[3])));
      CHECK(network.quantised().ops.size() == 1);
    }
  }
}

TEST_CASE("a convolution reads a value of another order after one rearrangement") {
  OnnxBuilder b;
  b.input("x", {1, 4, 3, 2});
  scaled_channels(b, "x", "c", 4);
  b.node("Transpose", {"c"}, "t").set("perm", Dims{0, 3, 1, 2});
  scaled_channels(b, "t", "y", 2);
  b.output("y");
  const std::vector<float> x = counted(24), c = times_channel(x, 6);
  const QuantisedNetwork network = check_network(b.bytes(), {x}, 1.5);
  check_values(network.outputs()[0], times_channel(transposed(c, {4, 3, 2}, {2, 0, 1}), 12));
  network.check_cosim(odd_arch());
}

TEST_CASE("channels are shuffled by a selection, or by the weights beside it") {
  for (const int64_t groups : {2, 3, 4}) {
    for (const bool folded : {false, true}) {
      OnnxBuilder b;
      b.input("x", {1, 12, 2, 3}).ints("split", {5}, {1, groups, 12 / groups, 2, 3});
      b.ints("joined", {4}, {1, 12, 2, 3});
      scaled_channels(b, "x", "c", 12);
      b.node("Reshape", {"c", "split"}, "s");
      b.node("Transpose", {"s"}, "t").set("perm", Dims{0, 2, 1, 3, 4});
      b.node("Reshape", {"t", "joined"}, "j");
      b.floats("w", {12, 1, 1, 1}, std::vector<float>(12, 0.5f));
      b.node("Conv", {"j", "w"}, "y").set("group", 12);
      b.output("y");
      if (!folded) b.output("c");
      const std::vector<float> x = counted(72);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 1.5);
      CHECK(network.quantised().ops.size() == (folded ? 2 : 3));
      std::vector<float> expected =
          transposed(times_channel(x, 6), {groups, 12 / groups, 6}, {1, 0, 2});
      for (float& v : expected) v *= 0.5f;
      check_values(network.outputs()[0], expected);
    }
  }
}

TEST_CASE("squares of pixels become channels and back, in every order exporters write") {
  // [n, c, h, r, w, r] and its orders; {sizes of the first reshape, perm, sizes of the second}.
  struct Case {
    Dims in, split, perm, joined;
  };
  const Case cases[] = {
      {{1, 8, 3, 2}, {1, 2, 2, 2, 3, 2}, {0, 1, 4, 2, 5, 3}, {1, 2, 6, 4}},   // pixel shuffle
      {{1, 8, 3, 2}, {1, 2, 2, 2, 3, 2}, {0, 3, 4, 1, 5, 2}, {1, 2, 6, 4}},   // depth to space, DCR
      {{1, 3, 4, 6}, {1, 3, 2, 2, 3, 2}, {0, 1, 3, 5, 2, 4}, {1, 12, 2, 3}},  // pixel unshuffle
      {{1, 3, 4, 6}, {1, 3, 2, 2, 3, 2}, {0, 3, 5, 1, 2, 4}, {1, 12, 2, 3}},  // space to depth
      {{1, 3, 4, 6}, {1, 3, 2, 2, 2, 3}, {0, 2, 4, 3, 5, 1}, {1, 4, 18, 1}},  // patches
      {{1, 2, 4, 6}, {1, 2, 2, 2, 2, 3}, {0, 3, 1, 5, 2, 4}, {1, 2, 6, 4}},   // strides swapped
  };
  for (const Case& c : cases) {
    INFO("perm " << Catch::StringMaker<Dims>::convert(c.perm));
    OnnxBuilder b;
    b.input("x", c.in);
    b.ints("split", {static_cast<int64_t>(c.split.size())}, c.split);
    b.ints("joined", {4}, c.joined);
    scaled_channels(b, "x", "c", c.in[1]);
    b.node("Reshape", {"c", "split"}, "s");
    b.node("Transpose", {"s"}, "t").set("perm", c.perm);
    b.node("Reshape", {"t", "joined"}, "j");
    scaled_channels(b, "j", "y", c.joined[1]);
    b.output("y").output("c");
    const std::vector<float> x = counted(static_cast<size_t>(c.in[1] * c.in[2] * c.in[3]));
    const QuantisedNetwork network = check_network(b.bytes(), {x}, 1.5);
    check_values(network.outputs()[0],
                 times_channel(transposed(times_channel(x, static_cast<size_t>(c.in[2] * c.in[3])),
                                          c.split, c.perm),
                               static_cast<size_t>(c.joined[2] * c.joined[3])));
  }
}

TEST_CASE("features become a map: the rows of the fully connected layer are put in its order") {
  std::mt19937 rng(4);
  OnnxBuilder b;
  b.input("x", {2, 5}).ints("map", {4}, {2, 3, 2, 4});
  b.random("w", {5, 24}, rng);
  b.node("MatMul", {"x", "w"}, "m");
  b.node("Reshape", {"m", "map"}, "r");
  b.node("Relu", {"r"}, "a");
  scaled_channels(b, "a", "y", 3);
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {random_floats(10, rng)}, 3.0);
  CHECK(network.quantised().ops.size() == 2);
}

TEST_CASE("five dimensions are cut and joined along each of them") {
  for (const int64_t axis : {1, 2, 3, 4}) {
    INFO("axis " << axis);
    OnnxBuilder b;
    Dims dims = {1, 2, 3, 4, 2};
    b.input("x", dims).ints("axes", {1}, {axis});
    b.ints("first", {1}, {1}).ints("last", {1}, {1000});
    b.node("Relu", {"x"}, "r");
    b.node("Slice", {"r", "first", "last", "axes"}, "s");
    b.node("Concat", {"s", "r"}, "j").set("axis", axis);
    b.node("Transpose", {"j"}, "y").set("perm", Dims{0, 3, 2, 4, 1});
    b.output("y");
    std::vector<float> x(48);
    std::iota(x.begin(), x.end(), 1.0f);
    // With the axis in front a cut is a range.
    Dims in_front = {axis}, sizes(dims.begin() + 1, dims.end()), back;
    for (int64_t d = 1; d < 5; ++d)
      if (d != axis) in_front.push_back(d);
    for (int64_t& d : in_front) --d;
    const std::vector<float> whole = transposed(x, sizes, in_front);
    const auto row = static_cast<std::ptrdiff_t>(whole.size()) / dims[static_cast<size_t>(axis)];
    std::vector<float> front(whole.begin() + row, whole.end());
    front.insert(front.end(), whole.begin(), whole.end());
    sizes[static_cast<size_t>(axis - 1)] = 2 * dims[static_cast<size_t>(axis)] - 1;
    Dims front_sizes;
    for (int64_t d : in_front) front_sizes.push_back(sizes[static_cast<size_t>(d)]);
    for (int64_t d : {2, 1, 3, 0})
      back.push_back(std::find(in_front.begin(), in_front.end(), d) - in_front.begin());
    const QuantisedNetwork network = check_network(b.bytes(), {x});
    check_values(network.outputs()[0], transposed(front, front_sizes, back));
  }
}

TEST_CASE("rows of five dimensions times a matrix") {
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 2, 4}).floats("w", {4, 1}, {1, 2, 3, 4});
  b.node("MatMul", {"x", "w"}, "y");
  b.output("y");
  const std::vector<float> x = counted(48);
  std::vector<float> expected;
  for (size_t i = 0; i < 48; i += 4)
    expected.push_back(x[i] + 2 * x[i + 1] + 3 * x[i + 2] + 4 * x[i + 3]);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  check_values(network.outputs()[0], expected);
  CHECK(network.graph().values[static_cast<size_t>(network.graph().outputs[0])].onnx_shape ==
        Dims{1, 2, 3, 2, 1});
}

TEST_CASE("a network that only names its input otherwise makes one copy") {
  OnnxBuilder b;
  b.input("x", {1, 2, 3, 2});
  b.node("Transpose", {"x"}, "y").set("perm", Dims{0, 3, 2, 1});
  b.output("y").output("x");
  const std::vector<float> x = counted(12);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  CHECK(network.quantised().ops.size() == 1);
  check_values(network.outputs()[0], transposed(x, {2, 3, 2}, {2, 1, 0}));
  check_values(network.outputs()[1], x);
}

TEST_CASE("a rearrangement that would take too much is refused by node, with the reason") {
  OnnxBuilder b;
  b.input("x", {1, 101, 103, 2});
  scaled_channels(b, "x", "c", 101);
  b.node("Transpose", {"c"}, "t").set("perm", Dims{0, 2, 1, 3});
  scaled_channels(b, "t", "y", 103);
  b.output("y");
  CHECK_THROWS_WITH(check_network(b.bytes(), {counted(101 * 103 * 2)}),
                    Catch::Contains("node 't_node' (Transpose): moving the elements of 101x103x2 "
                                    "to 103x101x2 would take more than"));
}

TEST_CASE("orders of elements are loops, where they are") {
  const graph::ElementOrder order = graph::order_of({{2, 12}, {3, 1}, {4, 3}});
  CHECK(graph::loops_of(order) == std::vector<program::ElementLoop>{{2, 12}, {3, 1}, {4, 3}});
  CHECK(graph::loops_of(graph::order_of({{2, 12}, {3, 4}, {4, 1}})) ==
        std::vector<program::ElementLoop>{{24, 1}});
  CHECK(graph::loops_of({0, 2, 1, 4, 3, 5}) == std::nullopt);
  CHECK(graph::is_identity(graph::composed(order, graph::inverse(order))));
}

TEST_CASE("an output whose elements no nested loops visit is put in order") {
  // 4x3 turned to 3x4, read as 2x6 and turned again: the borders of 4 and of 6 do not nest.
  for (const bool batch : {false, true}) {
    OnnxBuilder b;
    b.input("x", {batch ? 2 : 1, 12}).ints("s4", {3}, {0, 4, 3}).ints("s2", {3}, {0, 2, 6});
    b.node("Reshape", {"x", "s4"}, "a");
    b.node("Transpose", {"a"}, "t").set("perm", Dims{0, 2, 1});
    b.node("Reshape", {"t", "s2"}, "c");
    b.node("Transpose", {"c"}, "y").set("perm", Dims{0, 2, 1});
    b.output("y");
    std::vector<float> want;
    for (int item = 0; item < (batch ? 2 : 1); ++item) {
      std::vector<float> x(12);
      std::iota(x.begin(), x.end(), 12.0f * static_cast<float>(item) - 20);
      const auto part = transposed(transposed(x, {4, 3}, {1, 0}), {2, 6}, {1, 0});
      want.insert(want.end(), part.begin(), part.end());
    }
    const QuantisedNetwork network = check_network(b.bytes(), {counted(want.size())}, 0.5);
    check_values(network.outputs()[0], want);
  }
}

TEST_CASE("an output without a batch has the shape that the network states") {
  const std::vector<std::pair<Dims, Dims>> cases = {
      {{1, 1, 2, 3}, {6}}, {{1, 1, 2, 3}, {3, 2}}, {{1, 1, 1, 1}, {}}, {{1, 4, 1, 1}, {4}}};
  for (const auto& [dims, shape] : cases) {
    OnnxBuilder b;
    b.input("x", dims).ints("shape", {static_cast<int64_t>(shape.size())}, shape);
    scaled_channels(b, "x", "c", dims[1]);
    b.node("Reshape", {"c", "shape"}, "y");
    b.output("y");
    int64_t size = 1;
    for (int64_t d : dims) size *= d;
    const QuantisedNetwork network =
        check_network(b.bytes(), {counted(static_cast<size_t>(size))}, 1.0);
    const graph::QGraph& q = network.quantised();
    CHECK(q.tensors[static_cast<size_t>(q.outputs[0])].onnx_shape == shape);
    const ScratchFolder folder;
    pipeline::FrontOptions options;
    options.batch = 2;
    CHECK_THROWS_WITH(compile_graph(folder.write("net.onnx", b.bytes()), options),
                      Catch::Contains("output 'y' has the shape [") &&
                          Catch::Contains("which has no leading dimension for a batch of 2"));
  }
}

}  // namespace systole::test
