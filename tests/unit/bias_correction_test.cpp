// SPDX-License-Identifier: Apache-2.0
// Bias correction: the shift is that of the means, its correction brings results back, and every
// way through the compiler does the same.
#include "compiler/quant/bias_correction.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "compiler/exec/float_executor.h"
#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "compiler/pipeline/plan.h"
#include "compiler/quant/precision.h"
#include "compiler/quant/tensor_io.h"
#include "model/base/error.h"
#include "sim/search/requantiser.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

constexpr int64_t kChannels = 8, kSide = 4;

/// A convolution 1x1 whose weights, but the first of each channel, are 0.4 steps of its scale.
std::string shrinking_network() {
  OnnxBuilder b;
  b.input("x", {1, kChannels, kSide, kSide});
  std::vector<float> weights;
  for (int64_t o = 0; o < 2; ++o) {
    weights.push_back(1.27f);  // the scale is 0.01
    weights.insert(weights.end(), static_cast<size_t>(kChannels - 1), o == 0 ? 0.004f : -0.004f);
  }
  b.floats("w", {2, kChannels, 1, 1}, weights).node("Conv", {"x", "w"}, "y");
  b.output("y");
  return b.bytes();
}

data::Dataset positive_data(size_t items, size_t elements) {
  std::mt19937 rng(5);
  data::Dataset data;
  for (size_t i = 0; i < items; ++i) {
    data.items.push_back({random_floats(elements, rng)});
    for (float& v : data.items.back()[0]) v = std::fabs(v);
  }
  return data;
}

pipeline::FrontOptions corrected(const data::Dataset& data) {
  pipeline::FrontOptions options;
  options.calibration = &data;
  options.precision.bias_correction = true;
  return options;
}

/// The mean over items and positions of what `graph` gives more than the float network, by channel.
std::vector<double> mean_errors(const graph::QGraph& graph, const pipeline::FloatNetwork& network,
                                const data::Dataset& data) {
  const program::TensorInfo in =
      graph::tensor_info(graph.tensors[static_cast<size_t>(graph.inputs[0])]);
  const program::TensorInfo out =
      graph::tensor_info(graph.tensors[static_cast<size_t>(graph.outputs[0])]);
  const auto channels = static_cast<size_t>(out.shape[3]);
  std::vector<double> errors(channels);
  for (const auto& item : data.items) {
    const auto stored = exec::run_qgraph(graph, quant::quantise_input(in, item.at(0)));
    const auto given = quant::dequantise_output(out, stored[0].data(), 0),
               right = network.run(item);
    const size_t area = right.size() / channels;
    for (size_t i = 0; i < right.size(); ++i)
      errors[i / area] += (double{given[i]} - right[i]) / static_cast<double>(area);
  }
  for (double& error : errors) error /= static_cast<double>(data.items.size());
  return errors;
}

}  // namespace

TEST_CASE("the shift is the mean of what the rounded weights give more, pads and groups included") {
  std::mt19937 rng(3);
  for (const int64_t group : {1, 2, 6}) {
    OnnxBuilder b;
    add_odd_conv(b, group, rng);
    const ScratchFolder folder;
    graph::Graph graph =
        pipeline::load_graph(folder.write("net.onnx", b.bytes()), nullptr, nullptr);
    const data::Dataset data = positive_data(3, 6 * 9 * 7);
    const graph::Node node = graph.nodes.at(0);
    const auto& conv = node.as<graph::Conv>();
    const graph::Chw in = graph.shape(node.inputs[0]), out = graph.shape(node.output);

    quant::InputMeans means(graph);
    const exec::FloatExecutor executor(graph);
    quant::calibrate(executor, data.items, means.watched(quant::make_min_max_observer));
    const quant::QuantisedWeights rounded =
        quant::quantise_weights("y", conv.weights, conv.bias, {0.01f, -128}, 1.0f, 2);
    const auto shift = quant::mean_shift(conv, in, out, means.of(node.inputs[0]), rounded);

    for (size_t i = 0; i < conv.weights.size(); ++i)
      graph.nodes[0].as<graph::Conv>().weights[i] =
          rounded.weight_scale[i / (conv.weights.size() / 6)] * rounded.weights[i];
    const exec::FloatExecutor of_rounded(graph);
    std::vector<double> expected(6);
    for (const auto& item : data.items) {
      const auto right = executor.run(item)[0], given = of_rounded.run(item)[0];
      const size_t area = right.size() / 6;
      for (size_t i = 0; i < right.size(); ++i)
        expected[i / area] += (double{given[i]} - right[i]) / static_cast<double>(area * 3);
    }
    REQUIRE(shift.size() == 6);
    for (size_t o = 0; o < 6; ++o) {
      CHECK(shift[o] == Approx(expected[o]).margin(1e-6));
      CHECK(std::fabs(shift[o]) > 1e-3);
    }
  }
}

TEST_CASE("where rounding errors share a sign, correction brings the means of results back") {
  const ScratchFolder folder;
  const auto file = folder.write("net.onnx", shrinking_network());
  const data::Dataset data = positive_data(16, kChannels * kSide * kSide);
  const auto network = pipeline::load_float_network(file);
  pipeline::FrontOptions options = corrected(data);
  const graph::QGraph with = compile_graph(file, options);
  options.precision.bias_correction = false;
  const graph::QGraph without = compile_graph(file, options);
  CHECK(with.ops[0].conv().weights == without.ops[0].conv().weights);
  // Seven inputs of mean 0.5 lose weights of 0.004: 0.014 of each result.
  const auto before = mean_errors(without, network, data), after = mean_errors(with, network, data);
  CHECK(before[0] == Approx(-0.014).margin(0.002));
  CHECK(before[1] == Approx(0.014).margin(0.002));
  for (const double error : after) CHECK(std::fabs(error) < 0.002);
}

TEST_CASE("bias correction is the same by the front, in stages and in the search for widths") {
  std::mt19937 rng(8);
  OnnxBuilder b;
  b.input("x", {1, 3, 6, 6});
  b.random("wa", {4, 3, 3, 3}, rng).random("wb", {4, 4, 3, 3}, rng).random("wc", {5, 64}, rng);
  b.node("Conv", {"x", "wa"}, "a");
  b.node("Relu", {"a"}, "r");
  b.node("Conv", {"r", "wb"}, "c").set("pads", values::Dims{1, 1, 1, 1});
  b.node("Flatten", {"c"}, "f");
  b.node("Gemm", {"f", "wc"}, "y").set("transB", 1);
  b.output("y");
  const ScratchFolder folder;
  const auto file = folder.write("net.onnx", b.bytes());
  const data::Dataset data = positive_data(4, 3 * 36);
  pipeline::FrontOptions options = corrected(data);
  options.precision.widths = {2, 8};
  const graph::QGraph front = compile_graph(file, options);
  const pipeline::NetworkPlan plan = compile_staged(file, options);
  const search::Requantiser network(file, options);
  const graph::Graph& floats = *network.graphs().at(0);
  const auto layers = quant::layer_widths(floats, options.precision);
  const pipeline::NetworkPlan requantised =
      network.quantise({quant::choose_widths(floats, layers, {})}, 1);
  const graph::QGraph& searched = *requantised.stages.at(0).device;
  options.precision.bias_correction = false;
  const graph::QGraph plain = compile_graph(file, options);
  REQUIRE(plan.stages.size() == 1);
  const graph::QGraph& staged = *plan.stages[0].device;
  REQUIRE(front.ops.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(staged.ops[i].conv().post.bias == front.ops[i].conv().post.bias);
    CHECK(searched.ops[i].conv().post.bias == front.ops[i].conv().post.bias);
    CHECK(plain.ops[i].conv().post.bias != front.ops[i].conv().post.bias);
    CHECK(plain.ops[i].conv().weights == front.ops[i].conv().weights);
  }
}

TEST_CASE("a corrected bias that could make a sum leave 32 bits is refused by layer and channel") {
  quant::QuantisedWeights weights;
  weights.weights = {1, 1};
  weights.bias = {0, 0};
  weights.weight_scale = {1.0f, 1.0f};
  CHECK_THROWS_WITH(quant::correct_bias("fc9", {0, -0x1p31}, {1.0f, 0}, weights),
                    Catch::Contains("layer 'fc9': sums of output channel 1 may leave 32 bits"));
  quant::correct_bias("fc9", {-3, 0.4}, {0.5f, 0}, weights);
  CHECK(weights.bias == std::vector<int32_t>{6, -1});  // 3 / 0.5, 0.4 / 0.5
}

TEST_CASE("bias correction without data or without rounded weights is one line") {
  const ScratchFolder folder;
  const auto file = folder.write("net.onnx", shrinking_network());
  pipeline::FrontOptions options;
  options.precision.bias_correction = true;
  const std::string no_data =
      file.string() + ": bias correction: no calibration data to take means from, expected --calib";
  CHECK_THROWS_WITH(compile_graph(file, options), no_data);
  CHECK_THROWS_WITH(compile_staged(file, options), no_data);

  OnnxBuilder b;
  b.input("x", {1, 2, 4, 4});
  b.node("MaxPool", {"x"}, "y").set("kernel_shape", values::Dims{2, 2});
  b.output("y");
  const auto pool = folder.write("pool.onnx", b.bytes());
  const data::Dataset data = positive_data(1, 32);
  const std::string nothing = pool.string() +
                              ": bias correction: no layer has weights that are rounded, there is "
                              "nothing to correct";
  CHECK_THROWS_WITH(compile_graph(pool, corrected(data)), nothing);
  CHECK_THROWS_WITH(compile_staged(pool, corrected(data)), nothing);
  CHECK_THROWS_WITH(search::Requantiser(pool, corrected(data)), nothing);
}

TEST_CASE("a policy asks for bias correction by true or false") {
  const ScratchFolder folder;
  const auto policy = [&](const std::string& text) {
    return quant::load_precision(folder.write("policy.yaml", text));
  };
  CHECK(policy("weights: 4\nbias_correction: true\n").bias_correction);
  CHECK_FALSE(policy("bias_correction: false\n").bias_correction);
  CHECK_FALSE(policy("weights: 4\n").bias_correction);
  CHECK_THROWS_WITH(policy("weights: 4\nbias_correction: 1\n"),
                    Catch::EndsWith("policy.yaml:2: bias_correction: '1', expected true or false"));
}

}  // namespace systole
