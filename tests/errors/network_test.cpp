// SPDX-License-Identifier: Apache-2.0
// Broken and unsupported networks: bytes that are no ONNX, operators and weights that cannot be
// compiled.
// GCC 12 sees an overlap that is not there in strings assigned from literals (GCC bug 105651).
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wrestrict"
#endif

#include <onnx/onnx_pb.h>

#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "tests/errors/command.h"

namespace systole {
namespace {

void set_type(onnx::ValueInfoProto& value, const std::string& name,
              const std::vector<int64_t>& dims) {
  value.set_name(name);
  auto* type = value.mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (int64_t d : dims) type->mutable_shape()->add_dim()->set_dim_value(d);
}

// x[1,2,4,4] -> Conv named "conv" with weights [2,2,1,1] -> y.
onnx::ModelProto one_conv() {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  auto* graph = model.mutable_graph();
  set_type(*graph->add_input(), "x", {1, 2, 4, 4});
  set_type(*graph->add_output(), "y", {1, 2, 4, 4});
  auto* weights = graph->add_initializer();
  weights->set_name("w");
  weights->set_data_type(onnx::TensorProto::FLOAT);
  for (int64_t d : {2, 2, 1, 1}) weights->add_dims(d);
  for (int i = 0; i < 4; ++i) weights->add_float_data(0.5f);
  auto* node = graph->add_node();
  node->set_name("conv");
  node->set_op_type("Conv");
  node->add_input("x");
  node->add_input("w");
  node->add_output("y");
  return model;
}

TEST_CASE("bytes that are no network are refused") {
  const Workplace place;
  const std::string lenet = test_data("lenet_fmnist.onnx");
  place.write("empty.onnx", "");
  place.write("cut.onnx", std::string_view(lenet).substr(0, lenet.size() / 2));
  std::string noise(4096, '\0');
  std::mt19937 generator(1);
  for (char& c : noise) c = static_cast<char>(generator());
  place.write("noise.onnx", noise);
  check_refused(place, {"compile", "empty.onnx"}, 2,
                "empty.onnx: not an ONNX file: it holds no graph");
  check_refused(place, {"compile", "cut.onnx"}, 2, "cut.onnx: not an ONNX file, or cut short");
  check_refused(place, {"compile", "noise.onnx"}, 2, "noise.onnx: not an ONNX file, or cut short");
}

TEST_CASE("a network cut anywhere ends in an error, never in a crash") {
  const Workplace place;
  const std::string net = one_conv().SerializeAsString();
  for (size_t size = 0; size < net.size(); ++size) {
    place.write("cut.onnx", std::string_view(net).substr(0, size));
    const CommandResult result = place.run({"compile", "cut.onnx", "-o", "cut.sysb"});
    CAPTURE(size, result.err);
    CHECK((result.exit_code == 2 || result.exit_code == 3));
    CHECK(place.left_behind().empty());
  }
}

TEST_CASE("all operators that cannot be compiled are named at once") {
  const Workplace place;
  onnx::ModelProto model = one_conv();
  auto* graph = model.mutable_graph();
  graph->mutable_node(0)->set_output(0, "a");
  for (const auto& [name, op, in, out] : {std::array<const char*, 4>{"first", "Einsum", "a", "b"},
                                          {"second", "NonMaxSuppression", "b", "y"}}) {
    auto* node = graph->add_node();
    node->set_name(name);
    node->set_op_type(op);
    node->add_input(in);
    node->add_output(out);
  }
  place.write("net.onnx", model.SerializeAsString());
  check_refused(place, {"compile", "net.onnx"}, 3,
                "net.onnx: 2 parts cannot be compiled\n"
                "  node 'first' (Einsum): operator is not supported\n"
                "  node 'second' (NonMaxSuppression): operator is not supported");
}

TEST_CASE("a dynamic shape, groups that do not fit and NaN weights are named") {
  const Workplace place;
  onnx::ModelProto dynamic = one_conv();
  dynamic.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(2)
      ->set_dim_param("height");
  place.write("dynamic.onnx", dynamic.SerializeAsString());
  check_refused(place, {"compile", "dynamic.onnx"}, 3,
                "dynamic.onnx: input 'x': dimension 2 ('height') is not fixed; bind it by --shape "
                "NAME=N,C,... (--batch binds the leading one)");
  check_refused(place, {"compile", "dynamic.onnx", "--shape", "y=1,1,2,2"}, 2,
                "dynamic.onnx: --shape y: not an input of the network, expected 'x'");
  check_refused(place, {"compile", "dynamic.onnx", "--shape", "x=1,1,2"}, 2,
                "dynamic.onnx: --shape x: 3 dimensions, the network states 4");
  check_refused(place, {"compile", "dynamic.onnx", "--shape", "x=1,1,two,2"}, 2,
                "--shape x=1,1,two,2: expected NAME=N,C,... with dimensions in 1..16777216");

  onnx::ModelProto nan = one_conv();
  nan.mutable_graph()->mutable_initializer(0)->set_float_data(
      1, std::numeric_limits<float>::quiet_NaN());
  place.write("nan.onnx", nan.SerializeAsString());
  check_refused(
      place, {"compile", "nan.onnx"}, 2,
      "nan.onnx: node 'conv' (Conv): weights 'w' holds nan at element 1, expected finite numbers");

  onnx::ModelProto grouped = one_conv();
  auto* group = grouped.mutable_graph()->mutable_node(0)->add_attribute();
  group->set_name("group");
  group->set_type(onnx::AttributeProto::INT);
  group->set_i(2);
  place.write("grouped.onnx", grouped.SerializeAsString());
  check_refused(place, {"compile", "grouped.onnx"}, 2,
                "grouped.onnx: node 'conv' (Conv): weights [2, 2, 1, 1] expect 2 input channels a "
                "group, the input has 1");
  grouped.mutable_graph()->mutable_node(0)->mutable_attribute(0)->set_i(3);
  place.write("thirds.onnx", grouped.SerializeAsString());
  check_refused(place, {"compile", "thirds.onnx"}, 2,
                "thirds.onnx: node 'conv' (Conv): group = 3 does not divide 2 input and 2 output "
                "channels");
}

TEST_CASE("a network that does not fit its hardware names layer and buffer") {
  const Workplace place;
  place.write("net.onnx", one_conv().SerializeAsString());
  const CommandResult fits = place.run({"run", "net.onnx", "--set", "ub.kib=1", "--set",
                                        "acc.rows=2", "--set", "pb.rows=2", "--set", "wb.tiles=2",
                                        "--set", "array.rows=1", "--set", "array.cols=1"});
  CHECK(fits.err.find("systole:") == std::string::npos);
  CHECK(fits.exit_code == 0);
}

}  // namespace
}  // namespace systole
