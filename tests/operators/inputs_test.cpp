// SPDX-License-Identifier: Apache-2.0
// Inputs and weights that are not float32: integers that a network casts, and the other real types.
#include <Eigen/Core>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8,
              kHalf = onnx::TensorProto::FLOAT16, kDouble = onnx::TensorProto::DOUBLE,
              kBfloat = onnx::TensorProto::BFLOAT16;

void typed_input(OnnxBuilder& b, const std::string& name, const Dims& dims, int type) {
  b.input(name, dims);
  auto* info = b.graph().mutable_input(b.graph().input_size() - 1);
  info->mutable_type()->mutable_tensor_type()->set_elem_type(type);
}

/// All bytes of `type`, `count` of them in turn.
std::vector<float> bytes_of(int type, size_t count) {
  std::vector<float> x(count);
  for (size_t i = 0; i < count; ++i)
    x[i] = static_cast<float>(i * 37 % 256) - (type == kS8 ? 128 : 0);
  return x;
}

uint16_t half_of(float v) { return Eigen::half_impl::float_to_half_rtne(v).x; }

/// Adds a constant of a real type, as raw bytes or in its typed field.
void real(OnnxBuilder& b, const std::string& name, int type, const Dims& dims,
          const std::vector<float>& values, bool raw) {
  onnx::TensorProto* t = b.graph().add_initializer();
  t->set_name(name);
  t->set_data_type(type);
  for (int64_t d : dims) t->add_dims(d);
  std::string bytes;
  for (float v : values) {
    if (type == kDouble) {
      const double wide = v;
      if (!raw) t->add_double_data(wide);
      bytes.append(reinterpret_cast<const char*>(&wide), sizeof wide);
    } else {
      const uint16_t bits =
          type == kHalf ? half_of(v) : static_cast<uint16_t>(std::bit_cast<uint32_t>(v) >> 16);
      if (!raw) t->add_int32_data(bits);
      bytes.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
  }
  if (raw) t->set_raw_data(bytes);
}

graph::QGraph front(const OnnxBuilder& b, std::vector<std::string>* warnings = nullptr) {
  const ScratchFolder folder;
  pipeline::FrontOptions options;
  options.warnings = warnings;
  return compile_graph(folder.write("net.onnx", b.bytes()), options);
}

TEST_CASE("bytes that a network casts to floats are what they are, all of them") {
  const int type = GENERATE(kU8, kS8);
  const bool by_half = GENERATE(false, true);
  OnnxBuilder b;
  typed_input(b, "x", {1, 1, 16, 16}, type);
  if (by_half) {
    b.node("Cast", {"x"}, "h").set("to", kHalf);
    b.node("Cast", {"h"}, "f").set("to", 1);
  } else {
    b.node("Cast", {"x"}, "f").set("to", 1);
  }
  b.node("Abs", {"f"}, "y");
  b.output("y");
  const auto x = bytes_of(type, 256);
  const QuantisedNetwork network = check_network(b.bytes(), {x}, 0.5);
  const graph::QTensor& in =
      network.quantised().tensors[static_cast<size_t>(network.quantised().inputs[0])];
  CHECK(in.scale == 1);
  CHECK(in.zero_point == (type == kU8 ? -128 : 0));
  for (size_t i = 0; i < x.size(); ++i) CHECK(network.outputs()[0][i] == std::fabs(x[i]));
}

TEST_CASE("integers that nothing gives a scale are padded with an integer") {
  const int type = GENERATE(kU8, kS8);
  OnnxBuilder b;
  typed_input(b, "x", {1, 6}, type);
  b.ints("pads", {4}, {0, 1, 0, 2});
  onnx::TensorProto* value = b.graph().add_initializer();
  value->set_name("v");
  value->set_data_type(type);
  value->add_int32_data(7);
  b.node("Pad", {"x", "pads", "v"}, "y");
  b.output("y");
  const graph::QGraph graph = front(b);
  const int offset = type == kU8 ? -128 : 0;
  const std::vector<int8_t> stored{-128, -3, 0, 7, 99, 127};
  std::vector<int8_t> want = stored;
  want.insert(want.begin(), static_cast<int8_t>(7 + offset));
  want.insert(want.end(), 2, static_cast<int8_t>(7 + offset));
  CHECK(exec::run_qgraph(graph, {stored}).at(0) == want);
}

TEST_CASE("bytes are cast, normalised and convolved, whatever the order of their dimensions") {
  const bool channels_last = GENERATE(false, true);
  const bool transpose_first = GENERATE(false, true);
  const std::string form = GENERATE("none", "sub, div", "mul, sub");
  INFO(form << (channels_last ? ", channels last" : "")
            << (transpose_first ? ", transposed first" : ""));
  std::mt19937 rng(5);
  OnnxBuilder b;
  typed_input(b, "x", channels_last ? Dims{1, 6, 5, 3} : Dims{1, 3, 6, 5}, kU8);
  std::string at = "x";
  const auto step = [&](const std::string& op, std::vector<std::string> in) {
    const std::string out = at + "_" + op;
    in.insert(in.begin(), at);
    at = out;
    return b.node(op, in, out);
  };
  const bool last = channels_last && !transpose_first;
  const Dims per_channel = last ? Dims{3} : Dims{1, 3, 1, 1};
  b.floats("mean", per_channel, {123.675f, 116.28f, 103.53f});
  b.floats("std", per_channel, {58.395f, 57.12f, 57.375f});
  b.floats("k", {}, {1 / 127.5f}).floats("one", {}, {1});
  if (channels_last && transpose_first) step("Transpose", {}).set("perm", Dims{0, 3, 1, 2});
  step("Cast", {}).set("to", 1);
  if (form == "sub, div") {
    step("Sub", {"mean"});
    step("Div", {"std"});
  } else if (form == "mul, sub") {
    step("Mul", {"k"});
    step("Sub", {"one"});
  }
  if (last) step("Transpose", {}).set("perm", Dims{0, 3, 1, 2});
  b.random("w", {4, 3, 3, 3}, rng);
  b.node("Conv", {at, "w"}, "y").set("pads", Dims{1, 1, 1, 1});
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {bytes_of(kU8, 90)}, 1.5);
  const graph::QTensor& in =
      network.quantised().tensors[static_cast<size_t>(network.quantised().inputs[0])];
  CHECK(in.scale == 1);
}

TEST_CASE("integers that only the host can cast are refused by name") {
  const auto [type, name] = GENERATE(table<int, std::string>({{onnx::TensorProto::INT64, "INT64"},
                                                              {onnx::TensorProto::INT32, "INT32"},
                                                              {onnx::TensorProto::BOOL, "BOOL"}}));
  OnnxBuilder b;
  typed_input(b, "ids", {1, 8}, type);
  b.node("Cast", {"ids"}, "f").set("to", 1);
  b.node("Relu", {"f"}, "y");
  b.output("y");
  CHECK_THROWS_WITH(front(b), Catch::Contains("input 'ids' is " + name +
                                              ", expected FLOAT, FLOAT16, DOUBLE, BFLOAT16, INT8 "
                                              "or UINT8; --host-fallback takes integers that the "
                                              "host reads"));
}

TEST_CASE("a network in another real type is the network in float32, and that is said once") {
  const auto [type, name] = GENERATE(
      table<int, std::string>({{kHalf, "FLOAT16"}, {kDouble, "DOUBLE"}, {kBfloat, "BFLOAT16"}}));
  const bool raw = GENERATE(false, true);
  INFO(name << (raw ? ", raw" : ""));
  std::mt19937 rng(3);
  // Numbers that all of the types hold.
  const auto sixteenths = [&](size_t count) {
    std::vector<float> values(count);
    for (float& v : values) v = (static_cast<float>(rng() % 33) - 16) / 16;
    return values;
  };
  const auto w = sixteenths(4 * 3 * 9), bias = sixteenths(4), x = sixteenths(3 * 36);
  OnnxBuilder typed, plain;
  typed_input(typed, "x", {1, 3, 6, 6}, type);
  real(typed, "w", type, {4, 3, 3, 3}, w, raw);
  real(typed, "b", type, {4}, bias, raw);
  plain.input("x", {1, 3, 6, 6}).floats("w", {4, 3, 3, 3}, w).floats("b", {4}, bias);
  for (OnnxBuilder* b : {&typed, &plain}) {
    b->node("Conv", {"x", "w", "b"}, "c");
    b->node("Cast", {"c"}, "d").set("to", 1);
    b->node("Relu", {"d"}, "r");
    b->node("Cast", {"r"}, "y").set("to", b == &plain ? 1 : type);
    b->output("y");
  }
  typed.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  CHECK(check_network(typed.bytes(), {x}).outputs() == check_network(plain.bytes(), {x}).outputs());

  std::vector<std::string> warnings;
  front(typed, &warnings);
  REQUIRE(warnings.size() == 2);  // and the one about missing data
  CHECK_THAT(warnings[0], Catch::EndsWith(": " + name + " is computed as float32"));
}

}  // namespace
}  // namespace systole::test
