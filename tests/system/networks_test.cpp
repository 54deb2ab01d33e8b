// SPDX-License-Identifier: Apache-2.0
// Whole trained networks on real images: both engines equal, the outputs those of the quantised
// graph, the accuracy that of the float32 network.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/golden/legality.h"
#include "sim/cosim/cosim.h"
#include "sim/report/report.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

graph::QGraph quantised(const std::string& name, int64_t batch = 1, int weight_bits = 8) {
  const auto net = kData / (name + "_fmnist.onnx");
  const data::Dataset calibration = data::load_dataset(
      kData / (name + "_calib.yaml"), pipeline::load_float_network(net).input_shape());
  pipeline::FrontOptions options;
  options.batch = batch;
  options.precision.widths.weights = weight_bits;
  options.calibration = &calibration;
  return compile_graph(net, options);
}

arch::ArchConfig array(int rows, int cols) {
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  arch.hw.rows = rows;
  arch.hw.cols = cols;
  return arch;
}

/// The first `batch` test images as the stored bytes of the network's input.
std::vector<int8_t> images(const std::string& name, const program::Program& program,
                           int64_t batch) {
  const auto shape = pipeline::load_float_network(kData / (name + "_fmnist.onnx")).input_shape();
  const data::Dataset data =
      data::load_dataset(kData / (name + ".yaml"), shape, static_cast<size_t>(batch));
  std::vector<int8_t> stored;
  for (const auto& item : data.items) {
    const auto bytes = quant::quantise_input(program.inputs.at(0), item.at(0));
    stored.insert(stored.end(), bytes.begin(), bytes.end());
  }
  return stored;
}

/// Every cycle of every unit has one cause, in each layer and in the whole run, and what the log of
/// causes says is what the counters count.
void check_causes(const program::Program& program, const arch::ArchConfig& arch,
                  const cosim::Outcome& outcome) {
  const report::Report report =
      report::make_report(program, arch, outcome.result, outcome.engine, true);
  REQUIRE(report.layers.size() == program.layers.size());
  report::UnitCycles sums{};
  for (const report::LayerReport& layer : report.layers) {
    INFO(outcome.engine << ", " << layer.name);
    for (size_t unit = 0; unit < sums.size(); ++unit) {
      CHECK(report::total(layer.units[unit]) == layer.cycles);
      for (size_t c = 0; c < sums[unit].size(); ++c) sums[unit][c] += layer.units[unit][c];
    }
    CHECK(layer.mac_utilisation <= 1);
    int64_t distance = 0;
    for (const auto& term : layer.distance.terms()) distance += term.cycles;
    CHECK(distance ==
          static_cast<int64_t>(layer.cycles) - static_cast<int64_t>(layer.bounds.largest()));
  }
  CHECK(sums == report.units);
  for (const report::CauseCycles& unit : report.units) CHECK(report::total(unit) == report.cycles);
}

/// Compiles for `arch`, runs both engines on test images and compares everything.
void check_network(const std::string& name, const arch::ArchConfig& arch, int64_t batch = 1,
                   int weight_bits = 8) {
  const graph::QGraph graph = quantised(name, batch, weight_bits);
  const program::Program program = lower::compile_back(graph, arch, {});
  const auto input = images(name, program, batch);
  platform::DramImage image = platform::make_image(program);
  std::copy(input.begin(), input.end(), image.begin() + program.inputs.at(0).addr);

  CHECK(golden::check_legality(program).violation == "");
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  const platform::RunResult& run = result.rtl.result;
  REQUIRE(run.status == platform::RunStatus::kFinished);

  check_causes(program, arch, result.rtl);
  check_causes(program, arch, result.model);

  // Every instruction retired once.
  std::set<uint32_t> retired;
  for (const core::RetireEvent& event : run.retired) retired.insert(event.pc);
  CHECK(retired.size() == program.code.size());
  CHECK(run.retired.size() == program.code.size());

  const auto expected = exec::run_qgraph(graph, input);
  REQUIRE(expected.size() == program.outputs.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto* stored =
        reinterpret_cast<const int8_t*>(result.rtl.image.data()) + program.outputs[i].addr;
    CHECK(std::equal(expected[i].begin(), expected[i].end(), stored));
  }
}

TEST_CASE("LeNet is equal on both engines at 4x4") { check_network("lenet", array(4, 4)); }
TEST_CASE("LeNet is equal on both engines at 16x16") { check_network("lenet", array(16, 16)); }
TEST_CASE("LeNet is equal on both engines at 5x3") { check_network("lenet", array(5, 3)); }
TEST_CASE("LeNet in a batch of 3 is equal on both engines at 16x16") {
  check_network("lenet", array(16, 16), 3);
}
TEST_CASE("the MLP is equal on both engines at 4x4") { check_network("mlp", array(4, 4)); }
TEST_CASE("the MLP is equal on both engines at 16x16") { check_network("mlp", array(16, 16)); }
TEST_CASE("the MLP is equal on both engines at 5x3") { check_network("mlp", array(5, 3)); }
TEST_CASE("ResNet-8 is equal on both engines at 4x4") { check_network("resnet8", array(4, 4)); }
TEST_CASE("ResNet-8 is equal on both engines at 16x16") { check_network("resnet8", array(16, 16)); }
TEST_CASE("ResNet-8 is equal on both engines at 5x3") { check_network("resnet8", array(5, 3)); }

TEST_CASE("narrow weights are equal on both engines") {
  const int bits = GENERATE(4, 2, 1);
  INFO(bits << " bits");
  check_network("lenet", array(16, 16), 1, bits);
  check_network("resnet8", array(16, 16), 1, bits);
}

TEST_CASE("int8 is within a point of float32 on the test images") {
  const std::string name = GENERATE(as<std::string>{}, "lenet", "resnet8", "mlp");
  const auto network = pipeline::load_float_network(kData / (name + "_fmnist.onnx"));
  const data::Dataset data = data::load_dataset(kData / (name + ".yaml"), network.input_shape());
  const graph::QGraph graph = quantised(name);
  const program::Program program = lower::compile_back(graph, array(16, 16), {});
  REQUIRE(data.items.size() == 1000);
  int float32 = 0, int8 = 0;
  for (size_t i = 0; i < data.items.size(); ++i) {
    const auto best = [](const auto& values) {
      return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
    };
    float32 += best(network.run(data.items[i])) == data.labels[i];
    int8 += best(exec::run_qgraph(
                graph, quant::quantise_input(program.inputs.at(0), data.items[i].at(0)))[0]) ==
            data.labels[i];
  }
  INFO(name << ": " << float32 << " and " << int8 << " of 1,000");
  CHECK(float32 > 880);
  CHECK(int8 >= float32 - 10);
}

}  // namespace
}  // namespace systole
