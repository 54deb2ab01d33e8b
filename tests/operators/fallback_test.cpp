// SPDX-License-Identifier: Apache-2.0
// Networks that the accelerator runs in part: how they are cut, and what host and accelerator
// compute together.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/onnx/importer.h"
#include "compiler/pipeline/plan.h"
#include "model/base/error.h"
#include "model/golden/legality.h"
#include "sim/cosim/cosim.h"
#include "tests/compile.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

constexpr int64_t kTokens = 6, kChannels = 16, kHeads = 2;

/// x + attention(norm(x)), then x + mlp(norm(x)): an encoder block of a transformer.
OnnxBuilder encoder(std::mt19937& rng) {
  OnnxBuilder b(17);
  b.input("x", {1, kTokens, kChannels});
  for (const char* name : {"wq", "wk", "wv", "wo"}) b.random(name, {kChannels, kChannels}, rng);
  b.random("w1", {kChannels, 3 * kChannels}, rng).random("w2", {3 * kChannels, kChannels}, rng);
  for (const char* name : {"gain1", "shift1", "gain2", "shift2"}) b.random(name, {kChannels}, rng);
  b.random("bias1", {3 * kChannels}, rng);
  b.ints("heads", {4}, {0, kTokens, kHeads, kChannels / kHeads});
  b.ints("whole", {3}, {0, kTokens, kChannels}).floats("factor", {}, {0.35f});
  b.node("LayerNormalization", {"x", "gain1", "shift1"}, "norm1");
  for (const std::string part : {"q", "k", "v"}) {
    b.node("MatMul", {"norm1", "w" + part}, part);
    b.node("Reshape", {part, "heads"}, part + "_heads");
    b.node("Transpose", {part + "_heads"}, part + "_t")
        .set("perm", part == "k" ? Dims{0, 2, 3, 1} : Dims{0, 2, 1, 3});
  }
  b.node("MatMul", {"q_t", "k_t"}, "scores");
  b.node("Mul", {"scores", "factor"}, "scaled");
  b.node("Softmax", {"scaled"}, "attention");
  b.node("MatMul", {"attention", "v_t"}, "mixed");
  b.node("Transpose", {"mixed"}, "mixed_t").set("perm", Dims{0, 2, 1, 3});
  b.node("Reshape", {"mixed_t", "whole"}, "joined");
  b.node("MatMul", {"joined", "wo"}, "projected");
  b.node("Add", {"x", "projected"}, "middle");
  b.node("LayerNormalization", {"middle", "gain2", "shift2"}, "norm2");
  b.node("MatMul", {"norm2", "w1"}, "up");
  b.node("Add", {"up", "bias1"}, "up_bias");
  b.node("Gelu", {"up_bias"}, "act");
  b.node("MatMul", {"act", "w2"}, "down");
  b.node("Add", {"middle", "down"}, "y");
  b.output("y");
  return b;
}

/// Local response normalisation and a softmax inside a convolutional network.
OnnxBuilder normalised_cnn(std::mt19937& rng) {
  OnnxBuilder b(17);
  b.input("x", {1, 3, 8, 8});
  b.random("w1", {6, 3, 3, 3}, rng).random("w2", {6, 6, 3, 3}, rng).random("w3", {5, 6}, rng);
  b.node("Conv", {"x", "w1"}, "c1").set("pads", Dims{1, 1, 1, 1});
  b.node("Relu", {"c1"}, "r1");
  b.node("LRN", {"r1"}, "l1").set("size", 3).set("alpha", 0.3f);
  b.node("MaxPool", {"l1"}, "p1").set("kernel_shape", Dims{2, 2}).set("strides", Dims{2, 2});
  b.node("Conv", {"p1", "w2"}, "c2").set("pads", Dims{1, 1, 1, 1});
  b.node("Softmax", {"c2"}, "s").set("axis", 1);
  b.node("Mul", {"s", "p1"}, "m");
  b.node("GlobalAveragePool", {"m"}, "g");
  b.node("Flatten", {"g"}, "f");
  b.node("Gemm", {"f", "w3"}, "y").set("transB", 1);
  b.output("y");
  return b;
}

values::Literal tensor(const std::string& name, const OnnxBuilder& b,
                       const std::vector<float>& values) {
  values::Literal literal;
  for (const auto& input : b.model.graph().input()) {
    if (input.name() != name) continue;
    for (const auto& dim : input.type().tensor_type().shape().dim())
      literal.dims.push_back(dim.dim_value());
  }
  literal.floats = values;
  return literal;
}

/// Every node on the host, one after the other: no cut, no accelerator.
std::vector<float> on_host_alone(const OnnxBuilder& b, const std::vector<float>& x) {
  pipeline::HostValues values = {{"x", tensor("x", b, x)}};
  for (const auto& initializer : b.model.graph().initializer())
    values[initializer.name()] = values::read_literal(initializer, {});
  for (const auto& node : b.model.graph().node()) {
    host::HostInputs inputs;
    for (const std::string& name : node.input()) inputs.push_back(&values.at(name));
    values[node.output(0)] = host::compute_on_host(node, inputs, {17, {}})[0];
  }
  return values.at("y").floats;
}

double signal_to_noise_db(const std::vector<float>& want, const std::vector<float>& got) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    signal += double{want[i]} * want[i];
    noise += (double{want[i]} - got[i]) * (double{want[i]} - got[i]);
  }
  return 10 * std::log10(signal / noise);
}

std::vector<float> run_float(const std::filesystem::path& path, const OnnxBuilder& b,
                             const std::vector<float>& x) {
  pipeline::HostValues values = {{"x", tensor("x", b, x)}};
  pipeline::run_float(load_staged(path), values);
  CHECK(values.size() == 1);
  return values.at("y").floats;
}

/// Calibrated with `items`; the last of them is then run: bytes on the quantised graph, which RTL,
/// model and golden executor have to give as well. Returns the output.
std::vector<float> run_everywhere(const std::filesystem::path& path, const OnnxBuilder& b,
                                  const std::vector<std::vector<float>>& items, bool rtl) {
  data::Dataset data;
  for (const std::vector<float>& item : items) data.items.push_back({item});
  pipeline::FrontOptions options;
  options.calibration = &data;
  const pipeline::NetworkPlan plan = compile_staged(path, options);
  std::vector<pipeline::HostValues> values = {{{"x", tensor("x", b, items.back())}}};
  pipeline::run_plan(plan, values, [&](size_t s, const std::vector<std::vector<int8_t>>& inputs) {
    const graph::QGraph& graph = *plan.stages[s].device;
    const auto outputs = exec::run_qgraph(graph, inputs);
    if (!rtl) return outputs;
    const program::Program program = lower::compile_back(graph, square_arch(), {});
    CHECK(golden::check_legality(program).legal());
    platform::DramImage image = platform::make_image(program);
    for (size_t k = 0; k < inputs.size(); ++k)
      std::copy(inputs[k].begin(), inputs[k].end(), image.begin() + program.inputs[k].addr);
    const cosim::CosimResult result =
        cosim::cosim_program(program, square_arch(), image, cosim::CosimOptions());
    INFO(result.difference);
    CHECK(result.equal());
    for (size_t o = 0; o < outputs.size(); ++o) {
      const uint8_t* got = result.rtl.image.data() + program.outputs[o].addr;
      CHECK(std::equal(outputs[o].begin(), outputs[o].end(), got,
                       [](int8_t x, uint8_t y) { return x == static_cast<int8_t>(y); }));
    }
    return outputs;
  });
  return values[0].at("y").floats;
}

std::vector<std::vector<float>> random_batch(size_t count, size_t size, std::mt19937& rng) {
  std::vector<std::vector<float>> items;
  for (size_t i = 0; i < count; ++i) items.push_back(random_floats(size, rng));
  return items;
}

/// "host: LRN | device | host: Softmax": the plan's stages with the operators of the host.
std::string stages_of(const pipeline::FloatPlan& plan) {
  std::string text;
  for (const pipeline::FloatStage& stage : plan.stages) {
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
    load_staged(path);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kCannotCompile);
    return std::string(error.what()).substr(path.string().size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE(
    "an encoder block runs its products with weights on the accelerator, the rest on the host") {
  std::mt19937 rng(4);
  const OnnxBuilder b = encoder(rng);
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  CHECK(stages_of(load_staged(path)) ==
        "host: LayerNormalization | device | host: Reshape Transpose Reshape Transpose Reshape "
        "Transpose MatMul Mul Softmax MatMul Transpose Reshape | device | "
        "host: LayerNormalization | device");
  const auto items = random_batch(8, kTokens * kChannels, rng);
  const std::vector<float> want = on_host_alone(b, items.back());
  const std::vector<float> cut = run_float(path, b, items.back());
  REQUIRE(cut.size() == want.size());
  for (size_t i = 0; i < want.size(); ++i) CHECK(cut[i] == Approx(want[i]).margin(1e-4));
  CHECK(signal_to_noise_db(want, run_everywhere(path, b, items, false)) > 25);
}

TEST_CASE(
    "a convolutional network with LRN and softmax inside: RTL, model and golden agree stage by "
    "stage") {
  std::mt19937 rng(5);
  const OnnxBuilder b = normalised_cnn(rng);
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  CHECK(stages_of(load_staged(path)) == "device | host: LRN | device | host: Softmax | device");
  const auto items = random_batch(8, 3 * 8 * 8, rng);
  const std::vector<float> want = run_float(path, b, items.back());
  CHECK(signal_to_noise_db(want, run_everywhere(path, b, items, true)) > 25);
}

TEST_CASE("elementwise operators between the host's nodes stay on the host, others do not") {
  std::mt19937 rng(6);
  OnnxBuilder b(17);
  b.input("x", {1, 4, 3, 3}).random("w", {4, 4, 1, 1}, rng).floats("two", {}, {2.0f});
  b.node("LRN", {"x"}, "l").set("size", 3);
  b.node("Mul", {"l", "two"}, "between");
  b.node("Softmax", {"between"}, "s").set("axis", 1);
  b.node("Mul", {"s", "two"}, "before");
  b.node("Conv", {"before", "w"}, "y");
  b.output("y");
  const ScratchFolder folder;
  CHECK(stages_of(load_staged(folder.write("net.onnx", b.bytes()))) ==
        "host: LRN Mul Softmax | device");
}

TEST_CASE("a layer norm in single operators is one stage of the host") {
  std::mt19937 rng(6);
  OnnxBuilder b;
  b.input("x", {1, 5, 8}).random("w", {8, 8}, rng).random("v", {8, 4}, rng);
  b.floats("two", {}, {2}).floats("tiny", {}, {1e-5f});
  b.node("MatMul", {"x", "w"}, "p");
  b.node("ReduceMean", {"p"}, "mean").set("axes", Dims{-1});
  b.node("Sub", {"p", "mean"}, "centred");
  b.node("Pow", {"centred", "two"}, "squares");
  b.node("ReduceMean", {"squares"}, "variance").set("axes", Dims{-1});
  b.node("Add", {"variance", "tiny"}, "above");
  b.node("Sqrt", {"above"}, "deviation");
  b.node("Div", {"centred", "deviation"}, "normal");
  b.node("MatMul", {"normal", "v"}, "y");
  b.output("y");
  const ScratchFolder folder;
  CHECK(stages_of(load_staged(folder.write("net.onnx", b.bytes()))) ==
        "device | host: ReduceMean Sub Pow ReduceMean Add Sqrt Div | device");
}

TEST_CASE("a maximum whose places are asked for goes to the host") {
  OnnxBuilder b(13);
  b.input("x", {1, 1, 2, 4});
  b.node("MaxPool", {"x"}, "y").set("kernel_shape", Dims{2, 2}).set("strides", Dims{2, 2});
  b.graph().mutable_node(0)->add_output("places");
  b.output("y");
  b.output("places");
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  CHECK_THROWS_WITH(importer::import_onnx(path),
                    Catch::Contains("(MaxPool): its output 'places' is not computed"));
  pipeline::HostValues values = {{"x", tensor("x", b, {1, 5, 2, 3, 4, 0, 7, 6})}};
  pipeline::run_float(load_staged(path), values);
  CHECK(values.at("y").floats == std::vector<float>{5, 7});
  CHECK(values.at("places").ints == std::vector<int64_t>{1, 6});
}

TEST_CASE("a reshape that a pass refuses goes to the host") {
  std::mt19937 rng(7);
  OnnxBuilder b;
  b.input("x", {1, 101, 103, 2})
      .random("w", {4, 103, 1, 1}, rng)
      .random("v", {101, 101, 1, 1}, rng);
  b.node("Conv", {"x", "v"}, "r");
  b.node("Transpose", {"r"}, "m").set("perm", Dims{0, 2, 1, 3});
  b.node("Conv", {"m", "w"}, "y");
  b.output("y");
  const ScratchFolder folder;
  CHECK(stages_of(load_staged(folder.write("net.onnx", b.bytes()))) ==
        "device | host: Transpose | device");
}

TEST_CASE("what a pass refuses is named together with what the importer refuses behind it") {
  std::mt19937 rng(18);
  OnnxBuilder b(17);
  b.input("x", {1, 4, 3, 3}).random("w", {4, 4, 1, 1}, rng);
  b.node("Conv", {"x", "w"}, "c");
  b.node("Sin", {"c"}, "s");
  b.node("Div", {"s", "x"}, "d");
  b.node("Conv", {"d", "w"}, "e");
  b.node("LRN", {"e"}, "y").set("size", 3);
  b.output("y");
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  std::string text;
  try {
    compile_graph(path, {});
  } catch (const Error& error) {
    text = error.what();
  }
  CHECK(text.find("node 'd_node' (Div): ") != std::string::npos);
  CHECK(text.find("node 'y_node' (LRN): operator is not supported") != std::string::npos);
  CHECK(stages_of(load_staged(path)) == "device | host: Div | device | host: LRN");
}

TEST_CASE("what neither accelerator nor host can run is named, all of it") {
  std::mt19937 rng(8);
  OnnxBuilder b(17);
  b.input("x", {1, 4, 3, 3}).random("w", {4, 4, 1, 1}, rng);
  b.node("LRN", {"x"}, "l").set("size", 3);
  b.node("Conv", {"l", "w"}, "c");
  b.node("NonZero", {"c"}, "n");
  b.node("MaxRoiPool", {"c", "l"}, "m");
  b.output("n").output("m");
  CHECK(
      refusal(b) ==
      "2 parts can be run neither by the accelerator nor by the host\n"
      "  node 'n_node' (NonZero): its shape depends on the data in 'c'\n"
      "  node 'm_node' (MaxRoiPool): operator is not supported, and the host does not compute it");
  OnnxBuilder shapes(17);
  shapes.input("x", {1, 4}).random("w", {4, 4}, rng);
  shapes.node("MatMul", {"x", "w"}, "p");
  shapes.node("Softmax", {"p"}, "s");
  shapes.node("Cast", {"s"}, "i").set("to", int64_t{onnx::TensorProto::INT64});
  shapes.node("Expand", {"s", "i"}, "y");
  shapes.output("y");
  CHECK(refusal(shapes) == "node 'y_node' (Expand): its shape depends on the data in 'i'");
}

TEST_CASE(
    "a network of which nothing is left for the accelerator runs on the host, with a warning") {
  OnnxBuilder b(17);
  b.input("x", {5, 1, 4});
  b.node("Softmax", {"x"}, "s");
  b.node("LRN", {"s"}, "y").set("size", 1);
  b.output("y");
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", b.bytes());
  std::vector<std::string> warnings;
  CHECK(stages_of(load_staged(path, &warnings)) == "host: Softmax LRN");
  CHECK(warnings ==
        std::vector{path.string() + ": nothing of the network runs on the accelerator"});
  pipeline::FrontOptions options;
  options.batch = 2;
  CHECK_THROWS_WITH(compile_staged(path, options),
                    path.string() +
                        ": input 'x' has shape [5, 1, 4]; a batch of 2 with --host-fallback "
                        "expects a leading dimension of 1, or an open one");
}

TEST_CASE("a sequence whose first dimension is time runs through the host's recurrent cell") {
  std::mt19937 rng(10);
  OnnxBuilder b(14);
  b.input("x", {5, 1, 4}).random("w", {1, 24, 4}, rng).random("r", {1, 24, 6}, rng);
  b.random("v", {6, 3}, rng).ints("first", {1}, {0});
  b.graph().add_node()->set_op_type("LSTM");
  auto* lstm = b.graph().mutable_node(0);
  lstm->set_name("lstm");
  for (const char* in : {"x", "w", "r"}) lstm->add_input(in);
  for (const char* out : {"", "h"}) lstm->add_output(out);
  b.node("Squeeze", {"h", "first"}, "last");
  b.node("Gemm", {"last", "v"}, "y");
  b.output("y");
  const ScratchFolder folder;
  CHECK(stages_of(load_staged(folder.write("net.onnx", b.bytes()))) ==
        "host: LSTM Squeeze | device");
}

TEST_CASE("an output that no input changes is given all the same") {
  std::mt19937 rng(17);
  OnnxBuilder b(17);
  b.input("x", {1, 4}).random("w", {4, 4}, rng).floats("c", {2}, {1.0f, 2.0f});
  b.node("MatMul", {"x", "w"}, "y");
  b.node("Neg", {"c"}, "n");
  b.output("y").output("n");
  const ScratchFolder folder;
  pipeline::HostValues values = {{"x", tensor("x", b, {1, 2, 3, 4})}};
  pipeline::run_float(load_staged(folder.write("net.onnx", b.bytes())), values);
  CHECK(values.at("n").floats == std::vector<float>{-1.0f, -2.0f});
}

TEST_CASE("without the fallback every node that needs it is named, those behind others too") {
  std::mt19937 rng(9);
  const ScratchFolder folder;
  const auto path = folder.write("net.onnx", normalised_cnn(rng).bytes());
  CHECK_THROWS_WITH(
      compile_graph(path, {}),
      path.string() +
          ": 2 parts cannot be compiled (--host-fallback would run them on the host)\n"
          "  node 'l1_node' (LRN): operator is not supported\n"
          "  node 's_node' (Softmax): there is no unit for it");
}

}  // namespace systole::test
