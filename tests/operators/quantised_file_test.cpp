// SPDX-License-Identifier: Apache-2.0
// Networks of single operators as `systole quantise` writes them: read back, they are the same
// quantised graph.
#include "compiler/pipeline/quantised_file.h"

#include <onnx/onnx_pb.h>

#include <catch2/catch.hpp>
#include <random>

#include "compiler/onnx/importer.h"
#include "compiler/values/unary_functions.h"
#include "model/base/error.h"
#include "tests/operators/written.h"

namespace systole {
namespace {

using test::convolution;
using test::Dims;
using test::has;
using test::narrow_options;
using test::OnnxBuilder;
using test::written;

}  // namespace

TEST_CASE("every function of one variable is written as ONNX's operator, behind what rounds") {
  for (const std::string& op : values::unary_function_names()) {
    if (op == "Swish") continue;  // of opset 24: below, as its pieces
    CAPTURE(op);
    std::mt19937 rng(1);
    OnnxBuilder net = convolution(rng);
    if (op == "Log" || op == "Sqrt" || op == "Reciprocal") {  // of what is well above 0
      net.node("Abs", {"c"}, "abs");
      net.floats("one", {}, {1.0f});
      net.node("Add", {"abs", "one"}, "above");
      net.node(op, {"above"}, "y");
    } else {
      net.node(op, {"c"}, "y");
    }
    net.output("y");
    const onnx::ModelProto model = written(net);
    CHECK(has(model, op));
  }
}

TEST_CASE("chains of functions and constants are written step by step") {
  std::mt19937 rng(2);
  OnnxBuilder net = convolution(rng);
  net.floats("three", {}, {3.0f}).floats("six", {}, {6.0f}).floats("half", {}, {0.5f});
  net.node("Add", {"c", "three"}, "a");
  net.floats("zero", {}, {0.0f});
  net.node("Clip", {"a", "zero", "six"}, "clipped");
  net.node("Mul", {"c", "clipped"}, "product");
  net.node("Tanh", {"product"}, "t");
  net.node("Sigmoid", {"t"}, "s");
  net.node("Mul", {"t", "s"}, "y");
  net.output("y");
  const onnx::ModelProto model = written(net);
  CHECK(has(model, "Tanh"));
  CHECK(has(model, "Sigmoid"));
}

TEST_CASE("sums, products, joins, cuts, pads and pools are written as they are") {
  std::mt19937 rng(3);
  OnnxBuilder net = convolution(rng);
  net.node("Relu", {"c"}, "r");
  net.random("w2", {8, 8, 1, 1}, rng);
  net.node("Conv", {"r", "w2"}, "c2");
  net.node("Add", {"c2", "r"}, "sum");
  net.node("MaxPool", {"sum"}, "m").set("kernel_shape", Dims{2, 2}).set("strides", Dims{2, 2});
  net.node("AveragePool", {"m"}, "av")
      .set("kernel_shape", Dims{2, 2})
      .set("pads", Dims{1, 1, 1, 1});
  net.node("GlobalAveragePool", {"av"}, "mean");
  net.node("Sigmoid", {"mean"}, "gate");
  net.node("Mul", {"av", "gate"}, "scaled");
  net.node("Concat", {"scaled", "av"}, "joined").set("axis", 1);
  net.ints("from", {1}, {2}).ints("to", {1}, {10}).ints("axes", {1}, {1});
  net.node("Slice", {"joined", "from", "to", "axes"}, "cut");
  net.node("Mean", {"cut", "scaled"}, "middle");
  net.node("Flatten", {"middle"}, "flat");
  net.random("w3", {128, 5}, rng).random("b3", {5}, rng);
  net.node("Gemm", {"flat", "w3", "b3"}, "logits");
  net.node("Softmax", {"logits"}, "y").set("axis", 1);
  net.output("y");
  const onnx::ModelProto model = written(net);
  for (const char* op : {"Add", "MaxPool", "AveragePool", "GlobalAveragePool", "Sigmoid", "Mul",
                         "Concat", "Slice", "Mean", "Gemm", "Softmax"}) {
    CAPTURE(op);
    CHECK(has(model, op));
  }
}

TEST_CASE("features of every pixel, with channels last, come back as matrices") {
  std::mt19937 rng(4);
  OnnxBuilder net;
  net.input("x", {1, 7, 8}).random("w", {8, 12}, rng).random("b", {12}, rng);
  net.node("MatMul", {"x", "w"}, "p");
  net.node("Add", {"p", "b"}, "s");
  net.node("Relu", {"s"}, "r");
  net.random("w2", {12, 4}, rng);
  net.node("MatMul", {"r", "w2"}, "y");
  net.output("y");
  CHECK(has(written(net), "MatMul"));
}

TEST_CASE("integers of 4 bits are INT4 in opset 21 and QONNX's before, narrower ones are QONNX's") {
  std::mt19937 rng(5);
  OnnxBuilder net = convolution(rng);
  net.random("w2", {8, 8, 3, 3}, rng);
  net.node("Conv", {"c", "w2"}, "c2").set("pads", Dims{1, 1, 1, 1});
  net.random("w3", {8, 8, 1, 1}, rng);
  net.node("Conv", {"c2", "w3"}, "y");
  net.output("y");
  pipeline::FrontOptions options = narrow_options();
  for (const int bits : {4, 2}) {
    CAPTURE(bits);
    options.precision.widths = {bits, bits};
    const onnx::ModelProto newest = written(net, options), older = written(net, options, 13);
    CHECK(has(newest, "Quant") == (bits == 2));
    CHECK(has(older, "Quant"));
    CHECK(newest.opset_import(0).version() == (bits == 4 ? 21 : 13));
    CHECK(older.opset_import(0).version() == 13);
  }
  options.precision.widths = {1, 8};
  CHECK(has(written(net, options), "BipolarQuant"));
}

TEST_CASE("widths that integers do not tell, and MACs before pruning, are metadata") {
  OnnxBuilder net;  // weights of 0 in the middle: two bits would hold them
  net.input("x", {1, 4, 4, 4});
  std::vector<float> first(64);
  for (size_t i = 0; i < first.size(); ++i) first[i] = static_cast<float>(i) * 0.01f;
  net.floats("w1", {16, 4, 1, 1}, first).floats("w", {4, 16, 1, 1}, std::vector<float>(64));
  net.floats("w3", {16, 4, 1, 1}, first);
  net.node("Conv", {"x", "w1"}, "a");
  net.node("Conv", {"a", "w"}, "b");
  net.node("Conv", {"b", "w3"}, "y");
  net.output("y");
  pipeline::FrontOptions options = narrow_options();
  const onnx::ModelProto model = written(net, options);
  REQUIRE(model.metadata_props_size() == 1);
  CHECK(model.metadata_props(0).key() == importer::weight_bits_key("b_node"));
  CHECK(model.metadata_props(0).value() == "8");
  options.prune.specs = prune::parse_prune(std::vector<std::string>{"channel:0.5@a_node"});
  const onnx::ModelProto pruned = written(net, options);
  bool found = false;
  for (const auto& entry : pruned.metadata_props())
    found = found || (entry.key() == importer::dense_macs_key("a_node") && entry.value() == "1024");
  CHECK(found);
}

TEST_CASE("metadata of a layer that is no number is refused by its key") {
  std::mt19937 rng(6);
  OnnxBuilder net = convolution(rng);
  net.output("c");
  const test::ScratchFolder folder;
  auto* entry = net.model.add_metadata_props();
  entry->set_key(importer::weight_bits_key("c_node"));
  for (const char* value : {"3", "16", "0", "many", ""}) {
    entry->set_value(value);
    CAPTURE(value);
    CHECK_THROWS_WITH(importer::import_onnx(folder.write("net.onnx", net.bytes())),
                      Catch::Contains("metadata 'systole.weight_bits/c_node' is '") &&
                          Catch::Contains("expected"));
  }
}

TEST_CASE("what ONNX has no form for is refused by name") {
  std::mt19937 rng(7);
  OnnxBuilder net = convolution(rng);
  net.random("w2", {8, 8, 1, 1}, rng).random("w3", {8, 8, 1, 1}, rng);
  net.node("Conv", {"c", "w2"}, "c2");
  net.node("Conv", {"c2", "w3"}, "c3");
  net.node("Mean", {"c", "c2", "c3"}, "y");
  net.output("y");
  const test::ScratchFolder folder;
  const auto file = folder.write("net.onnx", net.bytes());
  std::vector<std::string> warnings;
  pipeline::FrontOptions options = narrow_options();
  options.warnings = &warnings;
  CHECK_THROWS_WITH(
      pipeline::write_quantised(file, options, 21),
      Catch::Contains("(Mean): a sum times") && Catch::EndsWith("has no operator in ONNX"));
}

}  // namespace systole
