// SPDX-License-Identifier: Apache-2.0
// Networks trained at low bits (QONNX): float32 computes their integers exactly, and so do we.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/exec/float_executor.h"
#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/golden/golden.h"
#include "sim/cosim/cosim.h"
#include "sim/engine/engine.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

struct Network {
  std::string file, data;
  quant::LayerWidths widths;
  int right;  ///< of 1,000 images, as stated where the network comes from
};
Network any_network() {
  return GENERATE(Network{"lenet_fmnist_w4a4.qonnx.onnx", "lenet.yaml", {4, 4}, 910},
                  Network{"lenet_fmnist_w2a2.qonnx.onnx", "lenet.yaml", {2, 2}, 904},
                  Network{"lenet_fmnist_w1a1.qonnx.onnx", "lenet.yaml", {1, 1}, 883},
                  Network{"resnet8_fmnist_w4a4.qonnx.onnx", "resnet8.yaml", {4, 4}, 910},
                  Network{"resnet8_fmnist_w2a2.qonnx.onnx", "resnet8.yaml", {2, 2}, 910},
                  Network{"resnet8_fmnist_w1a2.qonnx.onnx", "resnet8.yaml", {1, 2}, 917});
}

program::TensorInfo info_of(const graph::QGraph& graph, const std::vector<graph::TensorId>& ids) {
  return graph::tensor_info(graph.tensors[static_cast<size_t>(ids.at(0))]);
}

}  // namespace

TEST_CASE("networks trained at low bits give the logits of float32") {
  const Network c = any_network();
  INFO(c.file);
  const auto path = kData / "lowbit" / c.file;
  pipeline::FrontOptions options;
  options.narrowest = GENERATE(quant::LayerWidths{8, 8}, quant::LayerWidths{1, 1});
  const graph::QGraph graph = compile_graph(path, options);
  CHECK(graph.own_scales);
  const exec::FloatExecutor executor(pipeline::load_graph(path, nullptr, nullptr));
  const program::TensorInfo in = info_of(graph, graph.inputs), out = info_of(graph, graph.outputs);
  const data::Dataset data = data::load_dataset(kData / c.data, in.onnx_shape, 30);
  REQUIRE(data.items.size() == 30);
  for (const auto& item : data.items) {
    const auto stored = exec::run_qgraph(graph, quant::quantise_input(in, item.at(0))).at(0);
    CHECK(quant::dequantise_output(out, stored.data(), 0) == executor.run(item).at(0));
  }
}

TEST_CASE("networks trained at low bits reach exactly the accuracy stated for them") {
  const Network c = any_network();
  INFO(c.file);
  pipeline::FrontOptions options;
  options.narrowest = {1, 1};
  const graph::QGraph graph = compile_graph(kData / "lowbit" / c.file, options);
  const program::TensorInfo in = info_of(graph, graph.inputs), out = info_of(graph, graph.outputs);
  const data::Dataset data = data::load_dataset(kData / c.data, in.onnx_shape);
  REQUIRE(data.items.size() == 1000);
  int right = 0;
  for (size_t i = 0; i < data.items.size(); ++i) {
    const auto stored =
        exec::run_qgraph(graph, quant::quantise_input(in, data.items[i].at(0))).at(0);
    const std::vector<float> logits = quant::dequantise_output(out, stored.data(), 0);
    right += std::max_element(logits.begin(), logits.end()) - logits.begin() == data.labels[i];
  }
  CHECK(right == c.right);
}

TEST_CASE("networks trained at low bits run in them on the golden executor") {
  const Network c = any_network();
  INFO(c.file);
  pipeline::FrontOptions options;
  options.narrowest = {1, 1};
  const graph::QGraph graph = compile_graph(kData / "lowbit" / c.file, options);
  int narrow = 0;
  for (const graph::QOp& op : graph.ops) {
    if (!op.is<graph::QConv>() || op.conv().weight_type.bits() == 8) continue;
    CHECK(op.conv().weight_type.bits() == c.widths.weights);
    CHECK(graph.tensors[static_cast<size_t>(op.conv().in)].type.bits() == c.widths.activations);
    ++narrow;
  }
  CHECK(narrow >= 3);  // all but the first and the last
  const program::Program program = lower::compile_back(graph, arch::load_arch("edge-16x16"), {});
  const program::TensorInfo in = program.inputs.at(0), out = program.outputs.at(0);
  const data::Dataset data = data::load_dataset(kData / c.data, in.onnx_shape, 2);
  for (const auto& item : data.items) {
    const std::vector<int8_t> stored = quant::quantise_input(in, item.at(0));
    std::vector<uint8_t> dram(program.dram_bytes);
    for (const program::Segment& segment : program.segments)
      std::copy(segment.bytes.begin(), segment.bytes.end(), dram.begin() + segment.addr);
    std::copy(stored.begin(), stored.end(), dram.begin() + in.addr);
    REQUIRE(golden::run_golden(program, dram, {}).status ==
            golden::GoldenResult::Status::kFinished);
    const auto* first = reinterpret_cast<const int8_t*>(dram.data() + out.addr);
    CHECK(std::vector<int8_t>(first, first + out.bytes()) == exec::run_qgraph(graph, stored).at(0));
  }
}

TEST_CASE("networks trained at low bits run in them on both engines") {
  const Network c = any_network();
  INFO(c.file);
  pipeline::FrontOptions options;
  options.narrowest = {1, 1};
  const graph::QGraph graph = compile_graph(kData / "lowbit" / c.file, options);
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const program::Program program = lower::compile_back(graph, arch, {});
  platform::DramImage image = platform::make_image(program);
  const program::TensorInfo in = program.inputs.at(0), out = program.outputs.at(0);
  std::vector<int8_t> input(static_cast<size_t>(in.bytes()));
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<int8_t>(i * i % 251);
  std::copy(input.begin(), input.end(), image.begin() + in.addr);
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == platform::RunStatus::kFinished);
  const auto* first = reinterpret_cast<const int8_t*>(result.rtl.image.data() + out.addr);
  CHECK(std::vector<int8_t>(first, first + out.bytes()) == exec::run_qgraph(graph, input).at(0));
}

}  // namespace systole
