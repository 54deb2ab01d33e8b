// SPDX-License-Identifier: Apache-2.0
// Which layer loses the accuracy: a spoilt one is found, and what is told of it holds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "compiler/fidelity/layers.h"
#include "compiler/fidelity/tensor_values.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/plan_executor.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/tensor_io.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
const fs::path kData = fs::path(SYSTOLE_SOURCE_DIR) / "tests/data";

/// A trained network, its images, and its ranges.
struct Trained {
  explicit Trained(const std::string& name)
      : file(kData / (name + "_fmnist.onnx")),
        network(pipeline::load_float_plan(file, {}, false)),
        shape(pipeline::load_float_network(file).input_shape()),
        test(data::load_dataset(kData / (name + ".yaml"), shape, 60)),
        calibration(data::load_dataset(kData / (name + "_calib.yaml"), shape, 60)),
        ranges(quant::calibrate(*network.stages[0].device, calibration.items)) {}

  const graph::Graph& graph() const { return network.stages[0].device->graph(); }

  /// Quantised at 8 bits, the range of `value` times `factor`.
  pipeline::NetworkPlan quantised(graph::ValueId value = 0, float factor = 1) const {
    std::vector<quant::ValueRange> spoilt = ranges;
    quant::ValueRange& range = spoilt.at(static_cast<size_t>(value));
    range = {range.lo * factor, range.hi * factor};
    std::vector<graph::QGraph> graphs;
    graphs.push_back(quant::build_qgraph(graph(), spoilt, 1));
    return pipeline::assemble_plan(network, "net", 1, std::move(graphs));
  }

  const fs::path file;
  const pipeline::FloatPlan network;
  const std::vector<int64_t> shape;
  const data::Dataset test, calibration;
  const std::vector<quant::ValueRange> ranges;
};

const fidelity::LayerFidelity& layer_of(const fidelity::NetworkFidelity& network,
                                        const std::string& tensor) {
  const auto found = std::find_if(network.layers.begin(), network.layers.end(),
                                  [&](const auto& layer) { return layer.tensor == tensor; });
  REQUIRE(found != network.layers.end());
  return *found;
}

TEST_CASE("a layer whose range is spoilt on purpose stands first, whichever it is") {
  for (const std::string name : {"lenet", "resnet8"}) {
    const Trained trained(name);
    const fidelity::NetworkFidelity whole =
        fidelity::compare_layers(trained.network, trained.quantised(), trained.test);
    int spoilt = 0;
    for (const graph::Node& node : trained.graph().nodes) {
      if (!node.is<graph::Conv>() || trained.graph().is_output(node.output)) continue;
      const std::string& tensor = trained.graph().values[static_cast<size_t>(node.output)].name;
      // What the global average pooling reads: the mean of 64 errors is next to nothing.
      if (tensor == "/b3/conv2/Conv_output_0" || tensor == "/b3/Add_output_0") continue;
      INFO(name << ": " << tensor);
      const fidelity::NetworkFidelity wide = fidelity::compare_layers(
          trained.network, trained.quantised(node.output, 8), trained.test);
      CHECK(wide.layers[0].tensor == tensor);
      CHECK(wide.layers[0].saturated == 0);
      CHECK(wide.layers[0].range_used == Approx(0.125).margin(0.06));
      const auto& before = layer_of(whole, tensor);
      CHECK(*wide.layers[0].alone.decibels() < *before.alone.decibels() - 6);
      CHECK(*wide.output.decibels() < *whole.output.decibels());
      ++spoilt;
    }
    CHECK(spoilt >= 4);
  }
}

TEST_CASE("a range that is cut shows as saturation") {
  const Trained trained("lenet");
  const graph::Node& first = trained.graph().nodes.at(0);
  const std::string& tensor = trained.graph().values[static_cast<size_t>(first.output)].name;
  const auto cut = fidelity::compare_layers(trained.network, trained.quantised(first.output, 0.25f),
                                            trained.test);
  CHECK(cut.layers[0].tensor == tensor);
  CHECK(cut.layers[0].saturated > 0.001);
  CHECK(cut.layers[0].range_used == 1.0);
}

TEST_CASE("layers alone leave the others as they are, and in all they give what the network does") {
  const Trained trained("lenet");
  const pipeline::NetworkPlan plan = trained.quantised();
  const fidelity::NetworkFidelity told =
      fidelity::compare_layers(trained.network, plan, trained.test);
  CHECK(told.items == 60);
  CHECK(told.has_labels);
  // The output is the last layer's result: alone and in all it is noisy by just that.
  const std::string& output = plan.outputs.at(0).name;
  const auto& last = layer_of(told, output);
  CHECK(last.alone.decibels() == last.output_alone.decibels());
  CHECK(last.cumulative.decibels() == told.output.decibels());
  double noise = 0;  // of errors that have nothing to do with each other
  std::set<std::string> tensors;
  for (const auto& layer : told.layers) {
    tensors.insert(layer.tensor);
    const auto decibels = layer.output_alone.decibels();
    if (decibels) noise += std::pow(10, -*decibels / 10);
    CHECK(layer.cumulative.decibels().value_or(1e3) <= layer.alone.decibels().value_or(1e3) + 1);
  }
  CHECK(tensors.size() == told.layers.size());
  CHECK(-10 * std::log10(noise) == Approx(*told.output.decibels()).margin(3));
  // The first output of the executor is what was compared.
  const pipeline::FloatNetwork real = pipeline::load_float_network(trained.file);
  const pipeline::PlanExecutor executor(plan);
  fidelity::Likeness likeness;
  for (const data::Item& item : trained.test.items)
    likeness.add(real.run(item), executor.first_output(item));
  CHECK(likeness.decibels() == told.output.decibels());
}

TEST_CASE("an observer sees every tensor once, and what it puts in place is what others read") {
  const Trained trained("lenet");
  const graph::QGraph graph = *trained.quantised().stages[0].device;
  const exec::QGraphExecutor executor(graph);
  const auto in = graph::tensor_info(graph.tensors[static_cast<size_t>(graph.inputs[0])]);
  const auto input = [&](size_t item) {
    return std::vector<std::vector<int8_t>>{
        quant::quantise_input(in, trained.test.items[item].at(0))};
  };
  std::vector<int> seen(graph.tensors.size(), 0);
  std::vector<std::vector<int8_t>> kept(graph.tensors.size());
  const auto first = executor.run(input(0), [&](graph::TensorId t, std::vector<int8_t>& stored) {
    ++seen[static_cast<size_t>(t)];
    kept[static_cast<size_t>(t)] = stored;
  });
  CHECK(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  CHECK(first == exec::run_qgraph(graph, input(0)));
  CHECK(first != executor.run(input(1)));
  const graph::TensorId early = graph.ops[0].out();
  const auto mended = executor.run(input(1), [&](graph::TensorId t, std::vector<int8_t>& stored) {
    if (t == early) stored = kept[static_cast<size_t>(t)];
  });
  CHECK(mended == first);
}

TEST_CASE("decibels and cosines of signals that are known") {
  fidelity::Likeness likeness;
  CHECK(likeness.cosine() == 1);
  CHECK(!likeness.decibels());
  likeness.add(std::vector<float>{3, 4}, std::vector<float>{3, 4.5f});
  CHECK(*likeness.decibels() == Approx(20));  // 25 to 0.25
  CHECK(likeness.cosine() == Approx(27 / std::sqrt(25 * 29.25)));
}

}  // namespace
}  // namespace systole
