// SPDX-License-Identifier: Apache-2.0
// No attribute is passed over: every one that ONNX's schemas name, and one of another operator, is
// given to each node of ONNX's backend test data with a type that no attribute has. What reads
// it must say so, what does not must refuse it. One that no operator has is named in a warning.
#include <onnx/defs/schema.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "compiler/host/host_operators.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/attribute_names.h"
#include "model/base/error.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data";
const fs::path kTests = fs::path(SYSTOLE_SOURCE_DIR) / "tests/operators";

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> listed(const char* list) {
  std::vector<std::string> names;
  std::ifstream stream(kTests / list);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line[0] != '#') names.push_back(line);
  }
  return names;
}

/// What the attribute has no effect on: results that are refused, and training.
bool may_be_ignored(const std::string& op, const std::string& name) {
  static const std::set<std::pair<std::string, std::string>> names = {
      {"BatchNormalization", "momentum"}, {"Dropout", "ratio"}, {"Dropout", "seed"},
      {"MaxPool", "storage_order"},       {"TopK", "sorted"},
  };
  return names.count({op, name}) != 0;
}

/// Attributes of the operator of `node`, and one that only another operator has.
std::set<std::string> attributes_of(const onnx::NodeProto& node, int64_t opset) {
  std::set<std::string> names = {node.op_type() == "MatMul" ? "kernel_shape" : "transBatchA"};
  const onnx::OpSchema* schema =
      onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), "");
  if (schema == nullptr) return names;
  for (const auto& [name, declared] : schema->attributes()) names.insert(name);
  return names;
}

/// `node` with the attribute `name` of a type that none has.
onnx::NodeProto with_wrong(const onnx::NodeProto& node, const std::string& name) {
  onnx::NodeProto changed = node;
  changed.clear_attribute();
  for (const onnx::AttributeProto& attribute : node.attribute())
    if (attribute.name() != name) *changed.add_attribute() = attribute;
  onnx::AttributeProto* wrong = changed.add_attribute();
  wrong->set_name(name);
  wrong->set_type(onnx::AttributeProto::SPARSE_TENSOR);
  return changed;
}

/// The message of what `run` throws; empty if nothing.
template <typename F>
std::string message(F run) {
  try {
    run();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

onnx::TensorProto tensor(const fs::path& folder, int i) {
  onnx::TensorProto read;
  const fs::path file = folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
  if (!read.ParseFromString(read_file(file))) throw Error("not a tensor");
  return read;
}

/// The case's network, all inputs but the first `activations` constant.
onnx::ModelProto network(const fs::path& folder, int activations) {
  onnx::ModelProto model;
  if (!model.ParseFromString(read_file(folder / "model.onnx"))) throw Error("not a model");
  onnx::GraphProto& graph = *model.mutable_graph();
  for (int i = 0; i < graph.input_size(); ++i) {
    if (i >= activations) {
      onnx::TensorProto constant = tensor(folder, i);
      constant.set_name(graph.input(i).name());
      *graph.add_initializer() = constant;
      continue;
    }
    auto* shape = graph.mutable_input(i)->mutable_type()->mutable_tensor_type()->mutable_shape();
    if (shape->dim_size() != 1) continue;  // one item of features
    const int64_t features = shape->dim(0).dim_value();
    shape->mutable_dim(0)->set_dim_value(1);
    shape->add_dim()->set_dim_value(features);
  }
  return model;
}

}  // namespace

TEST_CASE("the importer passes over no attribute of any operator") {
  std::set<std::string> operators;
  for (const std::string& name : listed("backend_cases.txt")) {
    onnx::ModelProto model = network(kData / name, 1 << 20);
    if (!message([&] { importer::import_model(model, {}); }).empty())
      model = network(kData / name, 1);
    REQUIRE(message([&] { importer::import_model(model, {}); }) == "");
    for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
      const onnx::NodeProto right = node;
      operators.insert(node.op_type());
      for (const std::string& attribute : attributes_of(right, importer::onnx_opset(model))) {
        if (may_be_ignored(node.op_type(), attribute)) continue;
        node = with_wrong(right, attribute);
        CAPTURE(name, node.op_type(), attribute);
        CHECK_THAT(message([&] { importer::import_model(model, {}); }),
                   Catch::Contains("attribute '" + attribute + "'"));
      }
      node = right;
    }
  }
  CHECK(operators.size() > 50);
}

TEST_CASE("the host passes over no attribute of any operator") {
  const std::vector<std::string> own = host::host_operators();
  std::set<std::string> seen;
  for (const std::string& name : listed("host_cases.txt")) {
    const fs::path folder = kData / "node" / name;
    onnx::ModelProto model;
    REQUIRE(model.ParseFromString(read_file(folder / "model.onnx")));
    const onnx::NodeProto& node = model.graph().node(0);
    if (std::find(own.begin(), own.end(), node.op_type()) == own.end()) continue;
    std::map<std::string, values::Literal> values;
    for (int i = 0; i < model.graph().input_size(); ++i)
      values[model.graph().input(i).name()] = values::read_literal(tensor(folder, i), {});
    host::HostInputs inputs;
    for (const std::string& in : node.input())
      inputs.push_back(in.empty() ? nullptr : &values.at(in));
    seen.insert(node.op_type());
    for (const std::string& attribute : attributes_of(node, importer::onnx_opset(model))) {
      if (may_be_ignored(node.op_type(), attribute)) continue;
      const onnx::NodeProto wrong = with_wrong(node, attribute);
      CAPTURE(name, node.op_type(), attribute);
      CHECK_THAT(message([&] {
                   host::compute_on_host(wrong, inputs, {importer::onnx_opset(model), {}});
                 }),
                 Catch::Contains("attribute '" + attribute + "'"));
    }
  }
  CHECK(seen.size() > 60);
}

TEST_CASE(
    "the list of attributes has those of every version of every operator that libonnx knows") {
  std::set<std::string> missing;
  for (const onnx::OpSchema& schema : onnx::OpSchemaRegistry::get_all_schemas_with_history())
    for (const auto& [name, declared] : schema.attributes())
      if (values::attribute_names().count(name) == 0) missing.insert(name);
  CHECK(missing == std::set<std::string>{});
}

TEST_CASE("an attribute that no operator of ONNX has is ignored, and named once") {
  OnnxBuilder b;
  b.input("x", {1, 3}).floats("c", {1}, {4});
  for (const auto& [from, to] : {std::pair{"x", "a"}, {"a", "b"}, {"b", "y"}}) {
    b.node("Div", {from, "c"}, to).set("Delta", 2).set("note", std::string("mine"));
    b.graph().mutable_node(b.graph().node_size() - 1)->set_name(std::string("div_") + to);
  }
  b.node("LRN", {"y"}, "z").set("size", 1).set("Delta", 2);
  b.output("y");
  const ScratchFolder folder;
  std::vector<std::string> warnings;
  const std::string file = folder.write("net.onnx", b.bytes()).string();
  CHECK_THROWS_WITH(importer::import_onnx(file, &warnings),
                    Catch::Contains("(LRN): operator is not supported"));
  const std::vector<std::string> expected = {
      file +
          ": node 'div_a' (Div) (as in 2 others): no operator of ONNX has an attribute 'Delta': "
          "ignored",
      file +
          ": node 'div_a' (Div) (as in 2 others): no operator of ONNX has an attribute 'note': "
          "ignored",
      file + ": node 'z_node' (LRN): no operator of ONNX has an attribute 'Delta': ignored"};
  CHECK(warnings == expected);
}

TEST_CASE("an attribute of another operator is refused by name") {
  OnnxBuilder b;
  b.input("x", {1, 3}).floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  b.node("MatMul", {"x", "w"}, "y").set("transB", 1);
  b.output("y");
  const ScratchFolder folder;
  CHECK_THROWS(importer::import_onnx(folder.write("net.onnx", b.bytes())));
  b.graph().mutable_initializer(0)->set_dims(0, 3);
  b.graph().mutable_initializer(0)->set_dims(1, 2);
  CHECK_THROWS_WITH(
      importer::import_onnx(folder.write("net.onnx", b.bytes())),
      Catch::Contains("node 'y_node' (MatMul): attribute 'transB' = 1 is not supported"));
}

}  // namespace systole::test
