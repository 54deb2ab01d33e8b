// SPDX-License-Identifier: Apache-2.0
// What the importer says to broken files and to networks it cannot compile.
#include <catch2/catch.hpp>

#include "compiler/onnx/importer.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::OnnxBuilder;
using test::ScratchFolder;

/// The message with which `bytes` are refused, the file's name cut off; checks the exit code.
std::string refusal(const std::string& bytes, ExitCode code) {
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", bytes);
  try {
    importer::import_onnx(path);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    const std::string text = error.what(), prefix = path.string() + ": ";
    REQUIRE(text.substr(0, prefix.size()) == prefix);
    return text.substr(prefix.size());
  }
  return "accepted";
}

/// x [1, 2, 4, 4] -> relu -> y, to be completed by each test.
OnnxBuilder with_input(int64_t opset = 13) {
  OnnxBuilder b(opset);
  b.input("x", {1, 2, 4, 4});
  return b;
}

}  // namespace

TEST_CASE("files that are no network are refused by name") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(importer::import_onnx("/no/such/net.onnx"),
                    "/no/such/net.onnx: cannot open the network");
  CHECK_THROWS_WITH(importer::import_onnx(folder.path()),
                    folder.path().string() + ": is a folder, expected an ONNX file");
  CHECK(refusal("", ExitCode::kBadInput) == "not an ONNX file: it holds no graph");
  CHECK(refusal("this is no network", ExitCode::kBadInput) == "not an ONNX file, or cut short");
}

TEST_CASE("nodes are taken in the order of their data, whatever the file's") {
  OnnxBuilder b = with_input();
  b.node("Neg", {"s"}, "y");
  b.node("Sigmoid", {"r"}, "s");
  b.node("Relu", {"x"}, "r");
  b.output("y");
  const ScratchFolder folder;
  const graph::Graph graph = importer::import_onnx(folder.write("net.onnx", b.bytes()));
  std::vector<std::string> names;
  for (const graph::Node& node : graph.nodes) names.push_back(node.name);
  CHECK(names == std::vector<std::string>{"r_node", "s_node", "y_node"});

  OnnxBuilder circle = with_input();
  circle.node("Add", {"x", "b"}, "a");
  circle.node("Relu", {"a"}, "b");
  circle.output("b");
  CHECK(refusal(circle.bytes(), ExitCode::kBadInput) ==
        "node 'a_node' (Add) reads 'b', which nothing before it defines");
}

TEST_CASE("structure is checked before anything is translated") {
  OnnxBuilder undefined = with_input();
  undefined.node("Relu", {"z"}, "y");
  undefined.output("y");
  CHECK(refusal(undefined.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Relu) reads 'z', which nothing before it defines");

  OnnxBuilder twice = with_input();
  twice.node("Relu", {"x"}, "y");
  twice.node("Relu", {"x"}, "y");
  twice.output("y");
  CHECK(refusal(twice.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Relu) defines 'y' a second time");

  OnnxBuilder attributes = with_input();
  attributes.node("LeakyRelu", {"x"}, "y").set("alpha", 0.1f).set("alpha", 0.2f);
  attributes.output("y");
  CHECK(refusal(attributes.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (LeakyRelu) states attribute 'alpha' twice");

  OnnxBuilder no_output = with_input();
  no_output.node("Relu", {"x"}, "y");
  CHECK(refusal(no_output.bytes(), ExitCode::kBadInput) == "the graph has no output");
  no_output.output("z");
  CHECK(refusal(no_output.bytes(), ExitCode::kBadInput) == "nothing defines the output 'z'");

  OnnxBuilder two_outputs = with_input();
  two_outputs.node("Relu", {"x"}, "y");
  two_outputs.output("y");
  two_outputs.output("y");
  CHECK(refusal(two_outputs.bytes(), ExitCode::kBadInput) == "output 'y' is stated twice");

  OnnxBuilder old = with_input(6);
  old.node("Relu", {"x"}, "y");
  old.output("y");
  CHECK(refusal(old.bytes(), ExitCode::kBadInput) == "opset 6 is too old, expected 7 to 25");
}

TEST_CASE("new opsets, new IR versions and foreign domains that no node uses are accepted") {
  OnnxBuilder b = with_input(27);
  b.model.set_ir_version(13);
  onnx::OperatorSetIdProto* foreign = b.model.add_opset_import();
  foreign->set_domain("com.microsoft");
  foreign->set_version(1);
  b.node("Relu", {"x"}, "y");
  b.output("y");
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  std::vector<std::string> warnings;
  CHECK(importer::import_onnx(path, &warnings).nodes.size() == 1);
  CHECK(warnings == std::vector<std::string>{path.string() + ": opset 27 is read as opset 25"});
}

TEST_CASE("everything that cannot be compiled is reported at once, by node and reason") {
  OnnxBuilder b = with_input();
  std::mt19937 rng(1);
  b.random("w", {2, 1, 3, 3}, rng);
  b.node("Einsum", {"x"}, "a");
  b.node("Conv", {"x", "w"}, "b").set("group", 2).set("pads", test::Dims{-1, 0, 0, 0});
  b.node("Relu", {"b"}, "c");
  b.node("Fancy", {"x"}, "d").domain("ai.acme");
  b.node("MaxPool", {"x"}, "e")
      .set("kernel_shape", test::Dims{2, 2})
      .set("dilations", test::Dims{2, 2});
  b.output("c").output("d").output("e");
  CHECK(refusal(b.bytes(), ExitCode::kCannotCompile) ==
        "4 parts cannot be compiled\n"
        "  node 'a_node' (Einsum): operator is not supported\n"
        "  node 'b_node' (Conv): negative pads (cropping)\n"
        "  node 'd_node' (Fancy): operator of domain 'ai.acme' is not supported\n"
        "  node 'e_node' (MaxPool): dilated pooling");
}

TEST_CASE("outputs that are constant, or that no translator makes, are named") {
  const ScratchFolder folder;
  const auto told = [&](const OnnxBuilder& b) {
    try {
      pipeline::load_graph(folder.write("net.onnx", b.bytes()), nullptr, nullptr);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  OnnxBuilder statistics = with_input(15);
  statistics.floats("one", {2}, {1, 1}).floats("zero", {2}, {0, 0});
  statistics.node("BatchNormalization", {"x", "one", "zero", "zero", "one"}, "y");
  statistics.graph().mutable_node(0)->add_output("mean");
  statistics.output("y").output("mean");
  CHECK_THAT(told(statistics), Catch::Contains("output 'mean'"));
  OnnxBuilder empty = with_input(13);
  empty.ints("zero", {1}, {0}).ints("axis", {1}, {2});
  empty.node("Relu", {"x"}, "r");
  empty.node("Slice", {"r", "zero", "zero", "axis"}, "y");
  empty.output("y");
  CHECK_THAT(told(empty), Catch::Contains("output 'y'"));
}

TEST_CASE("dynamic sizes are named, a dynamic batch is taken") {
  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4});
  b.node("Relu", {"x"}, "y");
  b.output("y");
  auto* shape = b.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("batch");
  const ScratchFolder folder;
  CHECK(importer::import_onnx(folder.write("net.onnx", b.bytes())).stated_batch == 0);
  shape->mutable_dim(2)->set_dim_param("height");
  CHECK(refusal(b.bytes(), ExitCode::kCannotCompile) ==
        "input 'x': dimension 2 ('height') is not fixed; bind it by --shape NAME=N,C,... "
        "(--batch binds the leading one)");
}

TEST_CASE("weights that are not numbers are refused with the element") {
  OnnxBuilder b = with_input();
  std::vector<float> weights(8, 0.5f);
  weights[5] = NAN;
  b.floats("w", {4, 2, 1, 1}, weights);
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  CHECK(refusal(b.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): weights 'w' holds nan at element 5, expected finite numbers");
}

TEST_CASE("tensors whose data does not fit their dimensions are refused") {
  OnnxBuilder b = with_input();
  b.floats("w", {4, 2, 1, 1}, std::vector<float>(7, 0.5f));
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  CHECK(refusal(b.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): tensor 'w': holds 7 elements, expected 8 for [4, 2, 1, 1]");
  b.graph().mutable_initializer(0)->set_dims(0, int64_t{1} << 40);
  CHECK(refusal(b.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): tensor 'w': dimensions [1099511627776, 2, 1, 1] are more than "
        "268435456 elements");
  b.graph().mutable_initializer(0)->set_dims(0, -4);
  CHECK(refusal(b.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): tensor 'w': dimensions [-4, 2, 1, 1] hold a negative one");
}

TEST_CASE("sizes that do not fit each other are refused") {
  std::mt19937 rng(1);
  OnnxBuilder channels = with_input();
  channels.random("w", {4, 3, 1, 1}, rng);
  channels.node("Conv", {"x", "w"}, "y");
  channels.output("y");
  CHECK(refusal(channels.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): weights [4, 3, 1, 1] expect 3 input channels, the input has 2");

  OnnxBuilder kernel = with_input();
  kernel.random("w", {4, 2, 5, 5}, rng);
  kernel.node("Conv", {"x", "w"}, "y");
  kernel.output("y");
  CHECK(refusal(kernel.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): kernel 5x5 is larger than the padded input 4x4");

  OnnxBuilder strides = with_input();
  strides.random("w", {4, 2, 3, 3}, rng);
  strides.node("Conv", {"x", "w"}, "y").set("strides", test::Dims{0, 1});
  strides.output("y");
  CHECK(refusal(strides.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): strides holds 0, expected at least 1");

  OnnxBuilder type = with_input();
  type.random("w", {4, 2, 3, 3}, rng);
  type.node("Conv", {"x", "w"}, "y").set("strides", 2);
  type.output("y");
  CHECK(refusal(type.bytes(), ExitCode::kBadInput) ==
        "node 'y_node' (Conv): attribute 'strides' has the wrong type, expected INTS");
}

TEST_CASE("external data is read from beside the network, and from nowhere else") {
  OnnxBuilder b = with_input();
  b.floats("w", {1, 2, 1, 1}, {});
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  onnx::TensorProto* w = b.graph().mutable_initializer(0);
  w->set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto* location = w->add_external_data();
  location->set_key("location");
  location->set_value("weights.bin");
  onnx::StringStringEntryProto* offset = w->add_external_data();
  offset->set_key("offset");
  offset->set_value("4");

  const ScratchFolder folder;
  const float data[] = {9.0f, 0.5f, -2.0f};
  folder.write("weights.bin", std::string(reinterpret_cast<const char*>(data), sizeof data));
  const graph::Graph graph = importer::import_onnx(folder.write("net.onnx", b.bytes()));
  CHECK(graph.nodes[0].as<graph::Conv>().weights == std::vector<float>{0.5f, -2.0f});

  offset->set_value("8");
  CHECK_THROWS_WITH(importer::import_onnx(folder.write("net.onnx", b.bytes())),
                    Catch::Contains("is too short, expected 8 bytes at 8"));
  location->set_value("../weights.bin");
  CHECK_THROWS_WITH(
      importer::import_onnx(folder.write("net.onnx", b.bytes())),
      Catch::Contains("external file '../weights.bin' is not inside the network's folder"));
}

TEST_CASE("cut and altered files never do more than throw an error") {
  std::mt19937 rng(20240607);
  INFO("seed 20240607");
  OnnxBuilder b = with_input();
  b.random("w", {3, 2, 3, 3}, rng).random("fc", {48, 5}, rng).ints("shape", {2}, {1, -1});
  b.node("Conv", {"x", "w"}, "a").set("pads", test::Dims{1, 1, 1, 1});
  b.node("Clip", {"a"}, "c");
  b.node("Reshape", {"c", "shape"}, "d");
  b.node("MatMul", {"d", "fc"}, "e");
  b.node("Softmax", {"e"}, "y");
  b.output("y");
  const std::string good = b.bytes();
  const ScratchFolder folder;
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = good;
    if (round < 300) bytes.resize(rng() % good.size());
    for (int k = 0; k < 1 + round % 4; ++k) {
      if (!bytes.empty()) bytes[rng() % bytes.size()] = static_cast<char>(rng());
    }
    const auto path = folder.write("net.onnx", bytes);
    try {
      pipeline::FrontOptions options;
      compile_graph(path, options);
    } catch (const Error& error) {
      ++refused;
      CHECK(std::string(error.what()).size() > 0);
    }
  }
  CHECK(refused > 500);
}

}  // namespace systole
