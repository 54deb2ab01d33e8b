// SPDX-License-Identifier: Apache-2.0
// If: the branch that a constant condition takes stands in its place.
#include "compiler/onnx/branches.h"

#include <catch2/catch.hpp>

#include "compiler/exec/float_executor.h"
#include "compiler/onnx/importer.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

/// A branch that multiplies what lies outside of it, `from`, by a constant of its own.
onnx::GraphProto scaling(const std::string& from, float factor) {
  OnnxBuilder b;
  b.floats("factor", {1}, {factor});
  b.node("Mul", {from, "factor"}, "scaled");
  b.output("scaled");
  b.graph().set_name("branch");
  return b.graph();
}

onnx::GraphProto passing(const std::string& from) {
  OnnxBuilder b;
  b.output(from);
  b.graph().set_name("branch");
  return b.graph();
}

void add_if(onnx::GraphProto& graph, const std::string& condition, const std::string& out,
            const onnx::GraphProto& yes, const onnx::GraphProto& no) {
  onnx::NodeProto* node = graph.add_node();
  node->set_op_type("If");
  node->set_name(out + "_node");
  node->add_input(condition);
  node->add_output(out);
  for (const auto& [name, branch] : {std::pair{"then_branch", &yes}, {"else_branch", &no}}) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::GRAPH);
    *attribute->mutable_g() = *branch;
  }
}

void truth(OnnxBuilder& b, const std::string& name, bool value) {
  onnx::TensorProto* t = b.graph().add_initializer();
  t->set_name(name);
  t->set_data_type(onnx::TensorProto::BOOL);
  t->add_int32_data(value);
}

std::vector<float> run(const OnnxBuilder& b, const std::vector<float>& x) {
  const ScratchFolder folder;
  return exec::FloatExecutor(
             pipeline::load_graph(folder.write("net.onnx", b.bytes()), nullptr, nullptr))
      .run(x)[0];
}

}  // namespace

TEST_CASE("the branch of a constant condition is taken, whatever it names inside") {
  for (const bool first : {false, true}) {
    for (const bool second : {false, true}) {
      OnnxBuilder b(13);
      b.input("x", {1, 3});
      truth(b, "a", first);
      truth(b, "b", second);
      b.node("Relu", {"x"}, "r");
      // Both branches of both use the same names.
      add_if(b.graph(), "a", "m", scaling("r", 2), scaling("r", 3));
      add_if(b.graph(), "b", "y", scaling("m", 5), passing("m"));
      b.output("y");
      const float factor = (first ? 2.0f : 3.0f) * (second ? 5.0f : 1.0f);
      CHECK(run(b, {1, -1, 2}) == std::vector<float>{factor, 0, 2 * factor});
    }
  }
}

TEST_CASE("a condition that follows from shapes is constant, within a branch too") {
  OnnxBuilder b(13);
  b.input("x", {1, 3, 2, 2}).ints("one", {1}, {1}).ints("three", {1}, {3});
  b.node("Relu", {"x"}, "r");
  b.node("Shape", {"r"}, "shape");
  b.node("Gather", {"shape", "one"}, "channels");
  b.node("Equal", {"channels", "three"}, "same");
  OnnxBuilder outer;
  outer.node("Shape", {"r"}, "shape2");
  outer.node("Gather", {"shape2", "one"}, "channels2");
  outer.node("Less", {"channels2", "three"}, "fewer");
  add_if(outer.graph(), "fewer", "inner", scaling("r", 7), scaling("r", 11));
  outer.output("inner");
  add_if(b.graph(), "same", "y", outer.graph(), passing("r"));
  b.output("y");
  const std::vector<float> x(12, 1.0f);
  CHECK(run(b, x) == std::vector<float>(12, 11.0f));
}

TEST_CASE("a condition that depends on data is refused by name") {
  OnnxBuilder b(13);
  b.input("x", {1, 3});
  b.node("Relu", {"x"}, "r");
  add_if(b.graph(), "r", "y", scaling("r", 2), passing("r"));
  b.output("y");
  const ScratchFolder folder;
  CHECK_THROWS_WITH(importer::import_onnx(folder.write("net.onnx", b.bytes())),
                    Catch::Contains("node 'y_node' (If): its condition is not constant"));
}

TEST_CASE("an input that a branch alone reads is an input") {
  for (const bool condition : {true, false}) {
    OnnxBuilder b(13);
    b.input("x", {1, 3}).input("z", {1, 3});
    truth(b, "a", condition);
    add_if(b.graph(), "a", "y", scaling("x", 2), scaling("z", 3));
    b.output("y");
    const float factor = condition ? 2 : 3;
    CHECK(run(b, {1, -1, 2}) == std::vector<float>{factor, -factor, 2 * factor});
    const ScratchFolder folder;
    const auto path = folder.write("net.onnx", b.bytes());
    for (const bool host : {false, true}) {
      const auto inputs = pipeline::network_inputs(path, {}, host);
      REQUIRE(inputs.size() == 1);
      CHECK(inputs[0].name == (condition ? "x" : "z"));
    }
  }
}

TEST_CASE("what a branch reads must exist") {
  OnnxBuilder b(13);
  b.input("x", {1, 3});
  truth(b, "a", true);
  add_if(b.graph(), "a", "y", scaling("nothing", 2), passing("x"));
  b.output("y");
  const ScratchFolder folder;
  CHECK_THROWS_WITH(importer::import_onnx(folder.write("net.onnx", b.bytes())),
                    Catch::Contains("reads 'nothing', which nothing before it defines"));
}

}  // namespace systole::test
