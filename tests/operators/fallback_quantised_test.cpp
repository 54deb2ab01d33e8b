// SPDX-License-Identifier: Apache-2.0
// Networks that arrive quantised, with nodes for the host: their own scales stay, from stage to
// stage.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/plan.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8,
              kS32 = onnx::TensorProto::INT32;

/// A constant of integers.
std::string integers(OnnxBuilder& b, const std::string& name, int type, const Dims& dims,
                     const std::vector<int>& values) {
  onnx::TensorProto* t = b.graph().add_initializer();
  t->set_name(name);
  t->set_data_type(type);
  for (int64_t d : dims) t->add_dims(d);
  for (int v : values) t->add_int32_data(v);
  return name;
}

/// from -> QuantizeLinear -> DequantizeLinear -> to; the integers are called to + "_q".
void round_trip(OnnxBuilder& b, const std::string& from, const std::string& to, float scale,
                int type, int zero) {
  b.floats(to + "_s", {}, {scale});
  integers(b, to + "_z", type, {}, {zero});
  b.node("QuantizeLinear", {from, to + "_s", to + "_z"}, to + "_q");
  b.node("DequantizeLinear", {to + "_q", to + "_s", to + "_z"}, to);
}

/// Weights of `dims` that are integers through DequantizeLinear.
std::string dequantised_weights(OnnxBuilder& b, const std::string& name, const Dims& dims,
                                std::mt19937& rng) {
  int64_t count = 1;
  for (int64_t d : dims) count *= d;
  std::vector<int> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<int>(rng() % 255) - 127);
  integers(b, name + "_i", kS8, dims, values);
  b.floats(name + "_ws", {}, {0x1p-6f});
  b.node("DequantizeLinear", {name + "_i", name + "_ws"}, name);
  return name;
}

/// Convolution, `op` that only the host has, convolution: integers in and out.
OnnxBuilder host_in_the_middle(std::mt19937& rng) {
  OnnxBuilder b(13);
  b.input("x", {1, 3, 6, 6});
  round_trip(b, "x", "xd", 0x1p-6f, kU8, 128);
  dequantised_weights(b, "w1", {4, 3, 3, 3}, rng);
  b.node("Conv", {"xd", "w1"}, "c1");
  round_trip(b, "c1", "d1", 0x1p-3f, kS8, 0);
  b.node("LRN", {"d1"}, "l").set("size", 3);
  round_trip(b, "l", "d2", 0x1p-3f, kS8, -5);
  dequantised_weights(b, "w2", {5, 4, 1, 1}, rng);
  b.node("Conv", {"d2", "w2"}, "c2");
  b.floats("y_s", {}, {0x1p-2f});
  integers(b, "y_z", kU8, {}, {100});
  b.node("QuantizeLinear", {"c2", "y_s", "y_z"}, "y");
  b.output("y");
  b.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(kU8);
  return b;
}

/// The input `x` of float32.
values::Literal given(const OnnxBuilder& b, const std::vector<float>& x) {
  values::Literal literal;
  for (const auto& dim : b.model.graph().input(0).type().tensor_type().shape().dim())
    literal.dims.push_back(dim.dim_value());
  literal.floats = x;
  return literal;
}

/// Every node on the host, one after the other, in the arithmetic that ONNX defines.
values::Literal on_host_alone(const OnnxBuilder& b, const std::vector<float>& x) {
  pipeline::HostValues values = {{"x", given(b, x)}};
  for (const auto& initializer : b.model.graph().initializer())
    values[initializer.name()] = values::read_literal(initializer, {});
  for (const auto& node : b.model.graph().node()) {
    host::HostInputs inputs;
    for (const std::string& name : node.input())
      inputs.push_back(name.empty() ? nullptr : &values.at(name));
    auto results = host::compute_on_host(node, inputs, {13, {}});
    for (int i = 0; i < node.output_size(); ++i)
      values[node.output(i)] = std::move(results[static_cast<size_t>(i)]);
  }
  return values.at(b.model.graph().output(0).name());
}

struct Staged {
  pipeline::NetworkPlan plan;
  std::vector<std::string> warnings;
  values::Literal output;
};

Staged run_staged(const OnnxBuilder& b, const std::vector<float>& x) {
  const ScratchFolder folder;
  Staged staged;
  pipeline::FrontOptions options;
  options.warnings = &staged.warnings;
  staged.plan = compile_staged(folder.write("net.onnx", b.bytes()), options);
  std::vector<pipeline::HostValues> items = {{{"x", given(b, x)}}};
  pipeline::run_plan(staged.plan, items,
                     [&](size_t s, const std::vector<std::vector<int8_t>>& inputs) {
                       return exec::run_qgraph(*staged.plan.stages[s].device, inputs);
                     });
  staged.output = items[0].at(b.model.graph().output(0).name());
  return staged;
}

/// "device | host: LRN"
std::string stages_of(const pipeline::NetworkPlan& plan) {
  std::string text;
  for (const pipeline::PlanStage& stage : plan.stages) {
    text += text.empty() ? "" : " | ";
    text += stage.device ? "device" : "host:";
    if (!stage.host) continue;
    for (const pipeline::HostWork& work : stage.host->work()) text += " " + work.op;
  }
  return text;
}

std::string refusal(const OnnxBuilder& b) {
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  try {
    compile_staged(path, {});
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.string().size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a quantised network without a node for the host is the same with the host's help") {
  const fs::path data = fs::path(SYSTOLE_SOURCE_DIR) / "tests/data";
  std::set<fs::path> networks;
  for (const char* folder : {"quantised", "lowbit"})
    for (const auto& entry : fs::directory_iterator(data / folder))
      if (entry.path().extension() == ".onnx") networks.insert(entry.path());
  REQUIRE(networks.size() == 20);
  for (const fs::path& path : networks) {
    INFO(path);
    std::vector<std::string> warnings, plan_warnings;
    pipeline::FrontOptions options;
    options.warnings = &warnings;
    const graph::QGraph alone = compile_graph(path, options);
    options.warnings = &plan_warnings;
    const pipeline::NetworkPlan plan = compile_staged(path, options);
    REQUIRE(plan.stages.size() == 1);
    REQUIRE(plan.stages[0].device);
    CHECK(graph::to_text(*plan.stages[0].device) == graph::to_text(alone));
    CHECK(plan.stages[0].device->own_scales == alone.own_scales);
    CHECK(plan_warnings == warnings);
  }
}

TEST_CASE("a quantised network keeps its scales through a node of the host: every byte") {
  std::mt19937 rng(11);
  const OnnxBuilder b = host_in_the_middle(rng);
  const std::vector<float> x = random_floats(3 * 6 * 6, rng);
  const Staged staged = run_staged(b, x);
  CHECK(stages_of(staged.plan) == "device | host: LRN QuantizeLinear DequantizeLinear | device");
  CHECK(staged.warnings.empty());
  for (const pipeline::PlanStage& stage : staged.plan.stages)
    if (stage.device) CHECK(stage.device->own_scales);
  const values::Literal want = on_host_alone(b, x);
  CHECK(staged.output.type == kU8);
  CHECK(staged.output.dims == want.dims);
  CHECK(staged.output.ints == want.ints);
}

TEST_CASE("calibration data of a network in stages that states all its scales is not used") {
  std::mt19937 rng(12);
  const ScratchFolder folder;
  data::Dataset data;
  data.items = {{random_floats(3 * 6 * 6, rng)}};
  pipeline::FrontOptions options;
  std::vector<std::string> warnings;
  options.calibration = &data;
  options.warnings = &warnings;
  compile_staged(folder.write("net.onnx", host_in_the_middle(rng).bytes()), options);
  CHECK(warnings == std::vector<std::string>{
                        "the network states all its scales: the calibration data is not used"});
}

TEST_CASE("quantised operators and QONNX's pass their codes to the host and back") {
  std::mt19937 rng(13);
  OnnxBuilder b(13);
  b.input("x", {1, 4, 5, 5});
  b.floats("s", {}, {0x1p-5f}).floats("zero", {}, {0.0f}).floats("bits", {}, {4.0f});
  b.floats("coarse", {}, {0x1p-2f});
  const auto quant = [&](const std::string& from, const std::string& scale, const std::string& to) {
    b.node("Quant", {from, scale, "zero", "bits"}, to)
        .set("signed", 1)
        .set("narrow", 0)
        .set("rounding_mode", std::string("ROUND"))
        .domain("qonnx.custom_op.general");
  };
  quant("x", "coarse", "xq");
  b.random("w", {6, 4, 1, 1}, rng);
  quant("w", "coarse", "wq");
  b.node("Conv", {"xq", "wq"}, "c");
  quant("c", "coarse", "cq");
  b.node("LRN", {"cq"}, "l").set("size", 1);
  quant("l", "coarse", "lq");
  b.random("v", {3, 6, 1, 1}, rng);
  quant("v", "coarse", "vq");
  b.node("Conv", {"lq", "vq"}, "d");
  quant("d", "coarse", "y");
  b.output("y");
  const std::vector<float> x = random_floats(4 * 5 * 5, rng);
  const Staged staged = run_staged(b, x);
  CHECK(stages_of(staged.plan) == "device | host: LRN Quant | device");
  CHECK(staged.warnings.empty());
  CHECK(staged.output.floats == on_host_alone(b, x).floats);
}

TEST_CASE("a dynamic scale that the host reads is computed by the host, as the network says") {
  std::mt19937 rng(14);
  OnnxBuilder b(13);
  b.input("x", {1, 8});
  b.random("w", {8, 8}, rng);
  b.node("MatMul", {"x", "w"}, "m");
  auto* node = b.graph().add_node();
  node->set_op_type("DynamicQuantizeLinear");
  node->set_name("dynamic");
  node->add_input("m");
  for (const char* out : {"q", "qs", "qz"}) node->add_output(out);
  b.node("DequantizeLinear", {"q", "qs", "qz"}, "r");
  b.node("Softmax", {"r"}, "y");
  b.output("y");
  const Staged staged = run_staged(b, random_floats(8, rng));
  CHECK(stages_of(staged.plan) == "device | host: DynamicQuantizeLinear DequantizeLinear Softmax");
}

TEST_CASE("a bias of int32 through DequantizeLinear stays exact in a stage of its own") {
  std::mt19937 rng(15);
  OnnxBuilder b(13);
  b.input("x", {1, 4, 4, 4});
  b.node("LRN", {"x"}, "l").set("size", 3);
  round_trip(b, "l", "d", 0x1p-6f, kS8, 3);
  dequantised_weights(b, "w", {4, 4, 3, 3}, rng);
  integers(b, "b_i", kS32, {4}, {1000, -77, 16777217, -5});
  b.floats("b_s", {}, {0x1p-12f});
  b.node("DequantizeLinear", {"b_i", "b_s"}, "bias");
  b.node("Conv", {"d", "w", "bias"}, "c");
  round_trip(b, "c", "y", 0x1p-1f, kS8, 0);
  b.output("y");
  const std::vector<float> x = random_floats(4 * 4 * 4, rng);
  const Staged staged = run_staged(b, x);
  CHECK(staged.warnings.empty());
  CHECK(staged.output.floats == on_host_alone(b, x).floats);
}

TEST_CASE("a node without outputs is named with or without the host's help") {
  std::mt19937 rng(16);
  OnnxBuilder b(13);
  b.input("x", {1, 4}).random("w", {4, 4}, rng);
  b.node("MatMul", {"x", "w"}, "m");
  auto* node = b.graph().add_node();
  node->set_op_type("Softmax");
  node->set_name("lost");
  node->add_input("m");
  b.node("Softmax", {"m"}, "s");
  b.node("Mul", {"s", "m"}, "y");
  b.output("y");
  CHECK(refusal(b) == "node 'lost' (Softmax): the node has no output");
}

}  // namespace systole::test
