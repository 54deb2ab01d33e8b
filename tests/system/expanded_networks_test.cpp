// SPDX-License-Identifier: Apache-2.0
// A trained network whose activations are narrower than its weights: both engines equal, the
// outputs those of the quantised graph, fewer bytes of activations.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/golden/legality.h"
#include "model/isa/counter_ids.h"
#include "sim/cosim/cosim.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";
const std::filesystem::path kResNet = kData / "resnet8_fmnist.onnx";

/// One of those that random programs run on: their RTL is built anyway.
arch::ArchConfig random_arch(const std::string& name) {
  return arch::load_arch(std::string(SYSTOLE_SOURCE_DIR) + "/tests/cosim/archs/" + name + ".yaml");
}

graph::QGraph quantised(quant::LayerWidths widths, const arch::ArchConfig& arch,
                        const std::vector<std::string>& prune = {}) {
  const data::Dataset calibration = data::load_dataset(
      kData / "resnet8_calib.yaml", pipeline::load_float_network(kResNet).input_shape());
  pipeline::FrontOptions options;
  options.calibration = &calibration;
  options.precision.widths = widths;
  if (!prune.empty()) options.prune = {prune::parse_prune(prune), arch.hw};
  return compile_graph(kResNet, options);
}

/// Compiles for `arch`, runs both engines on a test image and compares everything. Returns the run.
platform::RunResult check_network(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const program::Program program = lower::compile_back(graph, arch, {});
  const data::Dataset data = data::load_dataset(
      kData / "resnet8.yaml", pipeline::load_float_network(kResNet).input_shape(), 1);
  const std::vector<int8_t> input =
      quant::quantise_input(program.inputs.at(0), data.items.at(0).at(0));
  platform::DramImage image = platform::make_image(program);
  std::copy(input.begin(), input.end(), image.begin() + program.inputs.at(0).addr);
  CHECK(golden::check_legality(program).violation == "");
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == platform::RunStatus::kFinished);
  const auto expected = exec::run_qgraph(graph, input);
  const auto* stored =
      reinterpret_cast<const int8_t*>(result.rtl.image.data()) + program.outputs.at(0).addr;
  CHECK(std::equal(expected[0].begin(), expected[0].end(), stored));
  return result.rtl.result;
}

/// The widths of what the convolutions but the first and the last multiply.
void check_widths(const graph::QGraph& graph, quant::LayerWidths widths) {
  std::vector<const graph::QConv*> convs;
  for (const graph::QOp& op : graph.ops)
    if (op.is<graph::QConv>()) convs.push_back(&op.conv());
  REQUIRE(convs.size() > 4);
  for (size_t i = 1; i + 1 < convs.size(); ++i) {
    CHECK(convs[i]->weight_type.bits() == widths.weights);
    CHECK(graph.tensors[static_cast<size_t>(convs[i]->in)].type.bits() == widths.activations);
  }
}

}  // namespace

TEST_CASE("ResNet-8 with activations narrower than its weights is equal on both engines") {
  const quant::LayerWidths widths =
      GENERATE(quant::LayerWidths{8, 4}, quant::LayerWidths{8, 2}, quant::LayerWidths{8, 1},
               quant::LayerWidths{4, 2}, quant::LayerWidths{4, 1}, quant::LayerWidths{2, 1});
  INFO("W" << widths.weights << "A" << widths.activations);
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const graph::QGraph graph = quantised(widths, arch);
  check_widths(graph, widths);
  check_network(graph, arch);
}

TEST_CASE("it is equal on a small array with buffers that the maps do not fit") {
  const quant::LayerWidths widths =
      GENERATE(quant::LayerWidths{8, 4}, quant::LayerWidths{8, 2}, quant::LayerWidths{4, 2});
  INFO("W" << widths.weights << "A" << widths.activations);
  const arch::ArchConfig arch = random_arch("4x4");
  check_network(quantised(widths, arch), arch);
}

TEST_CASE("structured tiles, codebooks and masks meet expanded activations") {
  const std::string prune = GENERATE("nm:2:4", "codebook:16", "unstructured:0.8");
  INFO(prune);
  const arch::ArchConfig arch = random_arch("4x4");
  check_network(quantised({8, 4}, arch, {prune}), arch);
}

TEST_CASE("narrower activations take fewer bytes where maps do not fit the chip") {
  const arch::ArchConfig arch = random_arch("4x4");
  const platform::RunResult wide = check_network(quantised({8, 8}, arch), arch);
  const platform::RunResult narrow = check_network(quantised({8, 4}, arch), arch);
  const auto count = [](const platform::RunResult& run, isa::Counter counter) {
    return run.counters[static_cast<size_t>(counter)];
  };
  const auto bytes = [&](const platform::RunResult& run) {
    return count(run, isa::Counter::kReadBytesActivations) + count(run, isa::Counter::kWriteBytes);
  };
  CHECK(bytes(narrow) * 10 < bytes(wide) * 7);
  CHECK(count(narrow, isa::Counter::kReadBytesWeights) <=
        count(wide, isa::Counter::kReadBytesWeights));
}

}  // namespace systole
