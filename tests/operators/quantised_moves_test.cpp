// SPDX-License-Identifier: Apache-2.0
// Operators that become several parts or select elements, as `systole quantise` writes them.
#include <catch2/catch.hpp>
#include <random>

#include "compiler/onnx/importer.h"
#include "compiler/passes/passes.h"
#include "tests/operators/quantised_builder.h"
#include "tests/operators/written.h"

namespace systole {
namespace {

using test::convolution;
using test::Dims;
using test::has;
using test::narrow_options;
using test::OnnxBuilder;
using test::written;

/// What becomes of an operator behind "c" [1, 8, 6, 6].
OnnxBuilder& ended(OnnxBuilder& net, bool clamped) {
  if (clamped) net.node("Relu", {"u"}, "y");
  net.output(clamped ? "y" : "u");
  return net;
}

}  // namespace

TEST_CASE("a transposed convolution is written as its parts, which take turns") {
  for (const int64_t group : {1, 4}) {
    for (const int64_t stride : {1, 2, 3}) {
      CAPTURE(group, stride);
      std::mt19937 rng(1);
      OnnxBuilder net = convolution(rng);
      net.random("w2", {8, 2, 3, 3}, rng).random("b2", {2 * group}, rng);
      net.node("ConvTranspose", {"c", "w2", "b2"}, "u")
          .set("strides", Dims{stride, stride})
          .set("pads", Dims{1, 0, 0, 1})
          .set("group", group);
      const onnx::ModelProto model = written(ended(net, true));
      CHECK(has(model, "Gather") == (stride > 1));
      CHECK_FALSE(has(model, "ConvTranspose"));
    }
  }
}

TEST_CASE("a transposed convolution whose kernel is smaller than its steps has parts of a bias") {
  std::mt19937 rng(2);
  OnnxBuilder net = convolution(rng);
  net.random("w2", {8, 3, 2, 1}, rng).random("b2", {3}, rng);
  net.node("ConvTranspose", {"c", "w2", "b2"}, "u").set("strides", Dims{3, 2});
  CHECK(has(written(ended(net, true)), "Gather"));
}

TEST_CASE("resizes are written as their parts: copies, or interpolations with integer weights") {
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    for (const float rows : {2.0f, 1.5f, 0.5f}) {
      CAPTURE(mode, rows);
      std::mt19937 rng(3);
      OnnxBuilder net = convolution(rng);
      net.floats("scales", {4}, {1, 1, rows, 3});
      net.node("Resize", {"c", "", "scales"}, "u").set("mode", std::string(mode));
      CHECK(has(written(ended(net, rows == 2.0f)), "Gather"));
    }
  }
}

TEST_CASE("pixels made of channels are written as selections, by weights of ones") {
  for (const bool clamped : {false, true}) {
    CAPTURE(clamped);
    std::mt19937 rng(4);
    OnnxBuilder net = convolution(rng);
    net.node("DepthToSpace", {"c"}, "u").set("blocksize", 2).set("mode", std::string("CRD"));
    CHECK(has(written(ended(net, clamped)), "Gather"));
  }
}

TEST_CASE("a function behind selections is written behind each, and read as part of it") {
  OnnxBuilder net;
  net.input("x", {1, 4, 2, 1});
  net.node("DepthToSpace", {"x"}, "u").set("blocksize", 2);
  net.node("Neg", {"u"}, "y");
  net.output("y");
  CHECK(has(written(net), "Neg"));
}

TEST_CASE("channels that are taken apart are written as selections") {
  std::mt19937 rng(5);
  OnnxBuilder net = convolution(rng);
  net.ints("from", {2}, {1, 0}).ints("to", {2}, {8, 6}).ints("axes", {2}, {1, 2});
  net.ints("steps", {2}, {3, 2});
  net.node("Slice", {"c", "from", "to", "axes", "steps"}, "u");
  const onnx::ModelProto model = written(ended(net, true));
  CHECK_FALSE(has(model, "Gather"));
}

TEST_CASE("pixels that become channels, and back, in the orders that exporters write") {
  std::mt19937 rng(6);
  OnnxBuilder net = convolution(rng);
  net.ints("apart", {6}, {1, 8, 3, 2, 3, 2}).ints("flat", {4}, {1, 32, 3, 3});
  net.node("Reshape", {"c", "apart"}, "a");
  net.node("Transpose", {"a"}, "t").set("perm", Dims{0, 3, 5, 1, 2, 4});
  net.node("Reshape", {"t", "flat"}, "deep");
  net.random("w2", {16, 32, 1, 1}, rng);
  net.node("Conv", {"deep", "w2"}, "c2");
  net.ints("blocks", {6}, {1, 4, 2, 2, 3, 3}).ints("wide", {4}, {1, 4, 6, 6});
  net.node("Reshape", {"c2", "blocks"}, "apart2");
  net.node("Transpose", {"apart2"}, "bt").set("perm", Dims{0, 1, 4, 2, 5, 3});
  net.node("Reshape", {"bt", "wide"}, "map");
  net.random("w3", {5, 4, 3, 3}, rng);
  net.node("Conv", {"map", "w3"}, "u");
  CHECK(has(written(ended(net, true)), "Gather"));
}

TEST_CASE("a product of more dimensions is refused for its order, not for what selects its rows") {
  std::mt19937 rng(10);
  OnnxBuilder net;
  net.input("x", {1, 5, 6, 7}).random("w", {1, 6}, rng).ints("axis", {1}, {4});
  net.node("HardSigmoid", {"x"}, "h");
  net.node("Unsqueeze", {"h", "axis"}, "deep");
  net.node("MatMul", {"deep", "w"}, "y");
  net.output("y");
  const test::ScratchFolder folder;
  const auto file = folder.write("net.onnx", net.bytes());
  std::vector<std::string> warnings;
  pipeline::FrontOptions options = narrow_options();
  options.warnings = &warnings;
  CHECK_THROWS_WITH(pipeline::write_quantised(file, options, 21),
                    Catch::Contains("its elements are in an order that is not written"));
}

TEST_CASE("a bound behind what only moves is read as one operator, in any codes") {
  std::mt19937 rng(11);
  OnnxBuilder net = convolution(rng);
  net.node("GlobalMaxPool", {"c"}, "most");
  net.floats("bound", {1}, {0.25f});
  net.node("Max", {"most", "bound"}, "y");
  net.output("y");
  CHECK(has(written(net), "MaxPool"));
}

TEST_CASE("outputs that are inputs are written, in any shape and number") {
  std::mt19937 rng(13);
  OnnxBuilder net = convolution(rng);
  net.node("Relu", {"c"}, "y");
  net.node("Identity", {"x"}, "same");
  net.node("Flatten", {"x"}, "flat");
  net.output("flat").output("y").output("same");
  const onnx::ModelProto model = written(net);
  CHECK(has(model, "Identity"));
  CHECK(has(model, "Reshape"));
}

TEST_CASE("an output that an input is rounded to is the input") {
  OnnxBuilder net;
  net.input("x", {1, 4, 3, 3});
  net.floats("s", {}, {0.5f});
  test::integers(net, "z", test::kS8, {}, {3});
  net.node("QuantizeLinear", {"x", "s", "z"}, "q");
  net.node("DequantizeLinear", {"q", "s", "z"}, "r");
  net.node("Relu", {"r"}, "y");
  net.output("r").output("y");
  const graph::QGraph graph = test::front(net);
  CHECK(graph.ops.size() == 1);
  CHECK(graph.storage(graph.outputs[0]) == graph.inputs[0]);
}

TEST_CASE("layers of one name are refused by name") {
  std::mt19937 rng(12);
  OnnxBuilder net = convolution(rng);
  net.floats("scales", {4}, {1, 1, 2, 2});
  net.random("g", {8}, rng).random("b2", {8}, rng).random("m", {8}, rng);
  net.floats("v", {8}, std::vector<float>(8, 1.0f));
  net.node("Resize", {"c", "", "scales"}, "u").set("mode", std::string("nearest"));
  net.node("BatchNormalization", {"u", "g", "b2", "m", "v"}, "n");
  net.output("n");
  const test::ScratchFolder folder;
  const auto file = folder.write("net.onnx", net.bytes());
  std::vector<std::string> warnings;
  pipeline::FrontOptions options = narrow_options();
  options.warnings = &warnings;
  CHECK_THROWS_WITH(
      pipeline::write_quantised(file, options, 21),
      Catch::Contains("node 'n_node'") && Catch::Contains("another layer has its name"));
}

TEST_CASE("QLinearAdd, whose ties are its own, is written as itself") {
  for (const bool clamped : {false, true}) {
    for (const int zero : {3, 128}) {
      CAPTURE(clamped, zero);
      OnnxBuilder net;
      test::integer_input(net, "a", {1, 4, 5, 5}, test::kU8);
      test::integer_input(net, "b", {1, 4, 5, 5}, test::kU8);
      std::vector<std::string> inputs =
          test::with("a", test::scheme(net, "as", 0.5f, test::kU8, 100));
      test::join(inputs, test::with("b", test::scheme(net, "bs", 0.25f, test::kU8, 7)));
      const std::vector<std::string> result = test::scheme(net, "ys", 1.0f, test::kU8, zero);
      test::join(inputs, result);
      net.node("QLinearAdd", inputs, "u").domain(test::kMicrosoft);
      if (clamped) {
        net.node("DequantizeLinear", test::with("u", result), "real");
        net.node("Relu", {"real"}, "r");
        net.node("QuantizeLinear", test::with("r", result), "y");
      }
      net.output(clamped ? "y" : "u");
      const onnx::ModelProto model = written(net);
      CHECK(has(model, "QLinearAdd"));
      CHECK_FALSE(has(model, "Add"));
    }
  }
}

TEST_CASE("a function behind a QLinearAdd is written behind its rounding") {
  OnnxBuilder net;
  test::integer_input(net, "a", {1, 4, 5, 5}, test::kU8);
  test::integer_input(net, "b", {1, 4, 5, 5}, test::kU8);
  std::vector<std::string> inputs = test::with("a", test::scheme(net, "as", 0.5f, test::kU8, 100));
  test::join(inputs, test::with("b", test::scheme(net, "bs", 0.25f, test::kU8, 7)));
  const std::vector<std::string> sum = test::scheme(net, "us", 1.0f, test::kU8, 3),
                                 result = test::scheme(net, "ys", 0.1f, test::kU8, 5);
  test::join(inputs, sum);
  net.node("QLinearAdd", inputs, "u").domain(test::kMicrosoft);
  net.node("DequantizeLinear", test::with("u", sum), "real");
  net.node("Elu", {"real"}, "e");
  net.node("QuantizeLinear", test::with("e", result), "y");
  net.output("y");
  const onnx::ModelProto model = written(net);
  CHECK(has(model, "QLinearAdd"));
  CHECK(has(model, "Elu"));
}

TEST_CASE("padding that copies rows and columns is written as parts") {
  for (const char* mode : {"reflect", "edge"}) {
    CAPTURE(mode);
    std::mt19937 rng(7);
    OnnxBuilder net = convolution(rng);
    net.ints("pads", {8}, {0, 0, 1, 2, 0, 0, 1, 1});
    net.node("Pad", {"c", "pads"}, "u").set("mode", std::string(mode));
    CHECK(has(written(ended(net, true)), "Gather"));
  }
}

TEST_CASE("what is made of parts is written at narrow widths, too") {
  pipeline::FrontOptions options = narrow_options();
  options.precision.widths = {4, 4};
  for (const char* op : {"ConvTranspose", "Resize", "DepthToSpace"}) {
    CAPTURE(op);
    std::mt19937 rng(8);
    OnnxBuilder net = convolution(rng);
    if (op == std::string("ConvTranspose")) {
      net.random("w2", {8, 4, 2, 2}, rng);
      net.node(op, {"c", "w2"}, "u").set("strides", Dims{2, 2});
    } else if (op == std::string("Resize")) {
      net.floats("scales", {4}, {1, 1, 2, 2});
      net.node(op, {"c", "", "scales"}, "u").set("mode", std::string("linear"));
    } else {
      net.node(op, {"c"}, "u").set("blocksize", 2);
    }
    written(ended(net, true), options);
  }
}

TEST_CASE("a Gather that puts the parts of a Concat in turn is an interleave of them") {
  std::mt19937 rng(9);
  const auto read = [&](const std::vector<int64_t>& order, int64_t axis) {
    OnnxBuilder net = convolution(rng);
    net.node("Relu", {"c"}, "r");
    net.node("Concat", {"c", "r"}, "both").set("axis", axis);
    net.ints("order", {12}, order);
    net.node("Gather", {"both", "order"}, "y").set("axis", axis);
    net.output("y");
    const test::ScratchFolder folder;
    graph::Graph graph = importer::import_onnx(folder.write("net.onnx", net.bytes()));
    passes::remove_dead_nodes(graph);
    return graph.nodes.back();
  };
  const graph::Node rows = read({0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, -1}, 2);
  REQUIRE(rows.is<graph::Interleave>());
  CHECK(rows.inputs.size() == 2);
  const graph::Part second = rows.as<graph::Interleave>().parts[1];
  CHECK(second.h == 1);
  CHECK(second.step_h == 2);
  CHECK(second.step_w == 1);
  const graph::Node columns = read({6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5}, 3);
  REQUIRE(columns.is<graph::Interleave>());
  CHECK(columns.as<graph::Interleave>().parts[0].w == 6);
  for (const std::vector<int64_t>& order :
       {std::vector<int64_t>{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 5},   // one twice
        std::vector<int64_t>{1, 6, 0, 7, 2, 8, 3, 9, 4, 10, 5, 11},  // not evenly spaced
        std::vector<int64_t>{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 12}})
    CHECK_THROWS_WITH(read(order, 2), Catch::Contains("(Gather): operator is not supported"));
}

}  // namespace systole
