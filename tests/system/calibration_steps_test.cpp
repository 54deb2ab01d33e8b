// SPDX-License-Identifier: Apache-2.0
// What steps of the calibration give networks whose channels differ much, and that they change
// nothing else.
#include "compiler/quant/calibration_steps.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/float_run.h"
#include "compiler/pipeline/plan_executor.h"
#include "compiler/pipeline/scale_channels.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
const fs::path kData = fs::path(SYSTOLE_SOURCE_DIR) / "tests/data";

using Factors = std::function<float(size_t channel)>;

/// Multiplies what each layer of `graph`, a chain, gives by `factor` of the channel; the next layer
/// divides. The network computes the same.
void unbalance(graph::Graph& graph, const Factors& factor) {
  graph::Conv* before = nullptr;
  int pairs = 0;
  for (graph::Node& node : graph.nodes) {
    auto* const conv = node.if_is<graph::Conv>();
    if (conv == nullptr) continue;
    const auto channels = static_cast<size_t>(graph.shape(node.inputs[0]).c);
    if (before != nullptr && before->channels() == channels) {
      const size_t taps = before->taps();
      for (size_t i = 0; i < before->weights.size(); ++i) before->weights[i] *= factor(i / taps);
      for (size_t c = 0; c < channels; ++c) before->bias[c] *= factor(c);
      const size_t area = conv->taps() / channels;
      for (size_t i = 0; i < conv->weights.size(); ++i)
        conv->weights[i] /= factor(i / area % channels);
      ++pairs;
    }
    before = conv;
  }
  REQUIRE(pairs > 1);
}

/// A trained network in float32, and what is asked of it.
struct Case {
  explicit Case(const std::string& name)
      : file(kData / (name + "_fmnist.onnx")),
        shape(pipeline::load_float_network(file).input_shape()),
        test(data::load_dataset(kData / (name + ".yaml"), shape, 100)),
        calibration(data::load_dataset(kData / (name + "_calib.yaml"), shape, 100)),
        network(pipeline::load_float_plan(file, {}, false)) {}

  void unbalance_by(const Factors& factor) {
    graph::Graph graph = network.stages[0].device->graph();
    unbalance(graph, factor);
    network.stages[0].device = std::make_shared<exec::FloatExecutor>(std::move(graph));
  }

  pipeline::FrontOptions options(const std::string& way) const {
    pipeline::FrontOptions made;
    made.calibration = &calibration;
    made.range_method = way;
    return made;
  }

  std::vector<float> output(const pipeline::FloatPlan& of, size_t item) const {
    auto values = pipeline::host_items(of.inputs, data::Dataset{{test.items[item]}, {}});
    pipeline::run_float(of, values[0]);
    return pipeline::numbers_of(values[0].at(of.outputs.at(0).name));
  }

  /// In decibels, of the network's output.
  double signal_to_noise(const std::string& way, int weight_bits = 8) const {
    pipeline::FrontOptions how = options(way);
    how.precision.widths.weights = weight_bits;
    pipeline::FloatPlan scaled = network;
    pipeline::scale_channels(scaled, how);
    std::vector<graph::QGraph> graphs;
    graphs.push_back(pipeline::quantise_graph(*scaled.stages[0].device, {}, how));
    const auto plan = pipeline::assemble_plan(scaled, "net", 1, std::move(graphs));
    const pipeline::PlanExecutor executor(plan);
    double signal = 0, noise = 0;
    for (size_t i = 0; i < test.items.size(); ++i) {
      const std::vector<float> exact = output(network, i);
      const std::vector<float> given = executor.first_output(test.items[i]);
      for (size_t k = 0; k < exact.size(); ++k) {
        signal += double{exact[k]} * exact[k];
        noise += std::pow(double{given[k]} - exact[k], 2);
      }
    }
    return 10 * std::log10(signal / noise);
  }

  const fs::path file;
  const std::vector<int64_t> shape;
  const data::Dataset test, calibration;
  pipeline::FloatPlan network;
};

/// Powers of two from 1 to 2^-9: channels of which int8 sees some alone.
float uneven(size_t channel) { return std::ldexp(1.0f, -static_cast<int>(channel * 7 % 10)); }

TEST_CASE("steps that scale channels leave what float32 computes") {
  for (const std::string name : {"lenet", "resnet8", "mlp"}) {
    const Case of(name);
    for (const std::string way :
         {"min-max+equalise", "min-max+channel-ranges", "min-max+equalise+channel-ranges"}) {
      pipeline::FloatPlan scaled = of.network;
      pipeline::scale_channels(scaled, of.options(way));
      INFO(name << " " << way);
      const std::vector<float> exact = of.output(of.network, 3), given = of.output(scaled, 3);
      for (size_t k = 0; k < exact.size(); ++k)
        CHECK(given[k] == Approx(exact[k]).epsilon(1e-3).margin(1e-3));
    }
  }
}

TEST_CASE("either step gives channels that differ by hundreds what int8 lost of them") {
  Case of("lenet");
  const double before = of.signal_to_noise("min-max");
  of.unbalance_by(uneven);
  const double uneven_db = of.signal_to_noise("min-max");
  CHECK(uneven_db < before - 10);
  CHECK(of.signal_to_noise("min-max+equalise") > before - 3);
  CHECK(of.signal_to_noise("min-max+channel-ranges") > before - 3);
}

TEST_CASE(
    "weights that differ so much are warned of, with the remedy, and of others nothing is said") {
  Case of("lenet");
  const auto warnings = [&](const std::string& way) {
    std::vector<std::string> told;
    pipeline::FrontOptions how = of.options(way);
    how.warnings = &told;
    pipeline::FloatPlan scaled = of.network;
    pipeline::scale_channels(scaled, how);
    pipeline::quantise_graph(*scaled.stages[0].device, {}, how);
    return told;
  };
  CHECK(warnings("min-max").empty());
  of.unbalance_by([](size_t channel) { return channel % 5 == 0 ? 0x1p-10f : 1.0f; });
  const std::vector<std::string> told = warnings("min-max");
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0],
             Catch::Contains("weights differ so much that int8 makes more than half of them 0"));
  CHECK_THAT(told[0], Catch::Contains("--calib-steps equalise"));
  CHECK(warnings("min-max+equalise").empty());
}

TEST_CASE("error feedback gives two-bit weights back most of what rounding loses") {
  const Case of("lenet");
  CHECK(of.signal_to_noise("mse", 2) < 8);
  CHECK(of.signal_to_noise("mse+gptq", 2) > of.signal_to_noise("mse", 2) + 4);
  CHECK(of.signal_to_noise("mse+gptq", 4) > of.signal_to_noise("mse", 4) + 2);
}

TEST_CASE("a method and its steps have one name, whatever the order they are given in") {
  const quant::CalibrationWay way = quant::parse_way("calib", "mse+bias-correction+equalise");
  CHECK(way.method == "mse");
  CHECK(way.steps == quant::CalibrationSteps{true, false, false, true});
  CHECK(quant::way_text(way) == "mse+equalise+bias-correction");
  CHECK(quant::way_text(quant::parse_way("calib", "entropy")) == "entropy");
  CHECK_THROWS_WITH(quant::parse_way("calib", "mse+"),
                    "calib: : unknown step, expected one of equalise, channel-ranges, "
                    "gptq, bias-correction");
}

}  // namespace
}  // namespace systole
