// SPDX-License-Identifier: Apache-2.0
// Networks trained at low bits (QONNX): the integers that float32 gives exactly, whatever they are
// stored in.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "compiler/compile.h"
#include "compiler/exec/float_executor.h"
#include "compiler/front.h"
#include "model/golden/golden.h"
#include "sim/cosim/cosim.h"
#include "sim/engine/engine.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

/// The network up to the value `last`, before the layer that leaves its result in float.
std::string cut(const std::string& name, const std::string& last) {
  std::ifstream file(kData / "lowbit" / name, std::ios::binary);
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString({std::istreambuf_iterator<char>(file), {}}));
  onnx::GraphProto& graph = *model.mutable_graph();
  int count = 0;
  while (count < graph.node_size() && graph.node(count).output(0) != last) ++count;
  REQUIRE(count < graph.node_size());
  graph.mutable_node()->DeleteSubrange(count + 1, graph.node_size() - count - 1);
  graph.mutable_output(0)->set_name(last);
  graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  return model.SerializeAsString();
}

}  // namespace

TEST_CASE("networks trained at low bits give their integers") {
  struct Case {
    std::string file, last, data;
  };
  const Case c = GENERATE(Case{"lenet_fmnist_w1a1.qonnx.onnx", "a4_quant_out", "lenet.yaml"},
                          Case{"lenet_fmnist_w2a2.qonnx.onnx", "a4_quant_out", "lenet.yaml"},
                          Case{"resnet8_fmnist_w4a4.qonnx.onnx", "agap_quant_out", "resnet8.yaml"});
  INFO(c.file);
  const test::ScratchFolder folder;
  const auto path = folder.write("net.onnx", cut(c.file, c.last));
  FrontOptions options;
  options.narrowest = GENERATE(LayerWidths{8, 8}, LayerWidths{1, 1});
  const QGraph graph = compile_front(path, options);
  CHECK(graph.own_scales);
  const FloatExecutor executor(load_graph(path, nullptr, nullptr));
  const auto tensor = [&](const std::vector<TensorId>& ids) {
    return tensor_info(graph.tensors[static_cast<size_t>(ids.at(0))]);
  };
  const TensorInfo in = tensor(graph.inputs), out = tensor(graph.outputs);
  const Dataset data = load_dataset(kData / c.data, in.onnx_shape, 50);
  REQUIRE(data.items.size() == 50);
  for (const auto& item : data.items) {
    const auto stored = run_qgraph(graph, quantise_input(in, item)).at(0);
    CHECK(dequantise_output(out, stored.data(), 0) == executor.run(item).at(0));
  }
}

TEST_CASE("networks trained at low bits run in them on the golden executor") {
  struct Case {
    std::string file, data;
    LayerWidths widths;
  };
  const Case c = GENERATE(Case{"lenet_fmnist_w1a1.qonnx.onnx", "lenet.yaml", {1, 1}},
                          Case{"lenet_fmnist_w2a2.qonnx.onnx", "lenet.yaml", {2, 2}},
                          Case{"resnet8_fmnist_w4a4.qonnx.onnx", "resnet8.yaml", {4, 4}});
  INFO(c.file);
  FrontOptions options;
  options.narrowest = {1, 1};
  const QGraph graph = compile_front(kData / "lowbit" / c.file, options);
  int narrow = 0;
  for (const QOp& op : graph.ops) {
    if (op.type != QOp::Type::kConv || op.conv.weight_bits == 8) continue;
    CHECK(op.conv.weight_bits == c.widths.weights);
    CHECK(graph.tensors[static_cast<size_t>(op.conv.in)].bits == c.widths.activations);
    ++narrow;
  }
  CHECK(narrow >= 3);  // all but the first and the last
  const Program program = compile_back(graph, load_arch("edge-16x16"), {});
  const TensorInfo in = program.inputs.at(0), out = program.outputs.at(0);
  const Dataset data = load_dataset(kData / c.data, in.onnx_shape, 2);
  for (const auto& item : data.items) {
    const std::vector<int8_t> stored = quantise_input(in, item);
    std::vector<uint8_t> dram(program.dram_bytes);
    for (const Segment& segment : program.segments)
      std::copy(segment.bytes.begin(), segment.bytes.end(), dram.begin() + segment.addr);
    std::copy(stored.begin(), stored.end(), dram.begin() + in.addr);
    REQUIRE(run_golden(program, dram, {}).status == GoldenResult::Status::kFinished);
    const auto* first = reinterpret_cast<const int8_t*>(dram.data() + out.addr);
    CHECK(std::vector<int8_t>(first, first + out.bytes()) == run_qgraph(graph, stored).at(0));
  }
}

TEST_CASE("networks trained at low bits run in them on both engines") {
  const std::string file =
      GENERATE(as<std::string>{}, "lenet_fmnist_w1a1.qonnx.onnx", "lenet_fmnist_w2a2.qonnx.onnx",
               "resnet8_fmnist_w4a4.qonnx.onnx");
  INFO(file);
  FrontOptions options;
  options.narrowest = {1, 1};
  const QGraph graph = compile_front(kData / "lowbit" / file, options);
  const ArchConfig arch = load_arch("edge-16x16");
  const Program program = compile_back(graph, arch, {});
  DramImage image = make_image(program);
  const TensorInfo in = program.inputs.at(0), out = program.outputs.at(0);
  std::vector<int8_t> input(static_cast<size_t>(in.bytes()));
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<int8_t>(i * i % 251);
  std::copy(input.begin(), input.end(), image.begin() + in.addr);
  const CosimResult result = cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == RunStatus::kFinished);
  const auto* first = reinterpret_cast<const int8_t*>(result.rtl.image.data() + out.addr);
  CHECK(std::vector<int8_t>(first, first + out.bytes()) == run_qgraph(graph, input).at(0));
}

}  // namespace systole
