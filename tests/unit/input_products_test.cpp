// SPDX-License-Identifier: Apache-2.0
// Rounding with error feedback: results are nearer to float32 than by the nearest codes, zeros
// stay, and where inputs never meet there is nothing to make up for.
#include "compiler/quant/input_products.h"

#include <catch2/catch.hpp>

#include "compiler/exec/float_executor.h"
#include "compiler/pipeline/front.h"
#include "compiler/values/literal.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

constexpr quant::Affine kInput = {0.01f, -128};

/// Items whose elements are alike, as those of even pictures, bright ones and dark ones.
std::vector<data::Item> smooth_items(size_t items, size_t elements, std::mt19937& rng) {
  std::vector<data::Item> result;
  const std::vector<float> brightness = random_floats(items, rng);
  for (size_t i = 0; i < items; ++i) {
    std::vector<float> item = random_floats(elements, rng);
    for (float& element : item) element = brightness[i] + 0.1f * element;
    result.push_back({item});
  }
  return result;
}

struct Layer {
  explicit Layer(const OnnxBuilder& b)
      : graph(pipeline::load_graph(folder.write("net.onnx", b.bytes()), nullptr, nullptr)) {}

  const graph::Conv& conv() const { return graph.nodes.at(0).as<graph::Conv>(); }
  quant::QuantisedWeights nearest(int bits) const {
    return quant::quantise_weights("y", conv().weights, conv().bias, kInput, 1.0f, bits);
  }
  quant::QuantisedWeights with_feedback(int bits, const std::vector<data::Item>& items) const {
    quant::InputProducts products(graph);
    quant::calibrate(exec::FloatExecutor(graph), items,
                     products.watched(quant::make_min_max_observer));
    return quant::quantise_weights("y", conv().weights, conv().bias, kInput, 1.0f, bits,
                                   products.rounding(graph.nodes[0], bits));
  }
  /// The sum of squares of what the rounded weights change in the results of `items`.
  double error(const quant::QuantisedWeights& rounded, const std::vector<data::Item>& items) const {
    graph::Graph other = graph;
    auto& to = other.nodes[0].as<graph::Conv>();
    for (size_t i = 0; i < to.weights.size(); ++i)
      to.weights[i] = rounded.weight_scale[i / to.taps()] * rounded.weights[i];
    const exec::FloatExecutor exact(graph), given(other);
    double squares = 0;
    for (const data::Item& item : items) {
      const auto right = exact.run(item)[0], wrong = given.run(item)[0];
      for (size_t i = 0; i < right.size(); ++i)
        squares += (double{wrong[i]} - right[i]) * (double{wrong[i]} - right[i]);
    }
    return squares;
  }

  const ScratchFolder folder;
  const graph::Graph graph;
};

}  // namespace

TEST_CASE("error feedback brings results nearer to float32, pads and groups included") {
  std::mt19937 rng(3);
  for (const int64_t group : {1, 2, 6}) {
    OnnxBuilder b;
    add_odd_conv(b, group, rng);
    const Layer layer(b);
    const auto items = smooth_items(40, 6 * 9 * 7, rng), others = smooth_items(40, 6 * 9 * 7, rng);
    for (const int bits : {4, 2}) {
      INFO(group << " groups, " << bits << " bits");
      const auto nearest = layer.nearest(bits), fed_back = layer.with_feedback(bits, items);
      CHECK(fed_back.weight_scale == nearest.weight_scale);
      CHECK(layer.error(fed_back, items) < 0.7 * layer.error(nearest, items));
      CHECK(layer.error(fed_back, others) < 0.8 * layer.error(nearest, others));
    }
  }
}

TEST_CASE("error feedback rounds more taps than it takes at once, and leaves zeros") {
  std::mt19937 rng(8);
  constexpr int64_t kTaps = 1500;
  std::vector<float> weights = random_floats(4 * kTaps, rng);
  for (size_t i = 0; i < weights.size(); i += 3) weights[i] = 0;
  OnnxBuilder b;
  b.input("x", {1, kTaps, 1, 1}).floats("w", {4, kTaps, 1, 1}, weights);
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  const Layer layer(b);
  const auto items = smooth_items(60, kTaps, rng);
  const auto nearest = layer.nearest(4), fed_back = layer.with_feedback(4, items);
  CHECK(layer.error(fed_back, items) < 0.2 * layer.error(nearest, items));
  size_t changed_behind = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) CHECK(fed_back.weights[i] == 0);
    CHECK(std::abs(fed_back.weights[i]) <= 7);
    changed_behind +=
        static_cast<size_t>(i % kTaps >= 1024 && fed_back.weights[i] != nearest.weights[i]);
  }
  CHECK(changed_behind > 50);
}

TEST_CASE("weights whose inputs are never there together get the nearest codes") {
  std::mt19937 rng(2);
  OnnxBuilder b;
  b.input("x", {1, 32, 1, 1}).random("w", {5, 32, 1, 1}, rng);
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  const Layer layer(b);
  std::vector<data::Item> one_each;
  for (size_t i = 0; i < 32; ++i) {
    one_each.push_back({std::vector<float>(32)});
    one_each.back()[0][i] = 1;
  }
  for (const int bits : {8, 4, 2, 1})
    CHECK(layer.with_feedback(bits, one_each).weights == layer.nearest(bits).weights);
}

}  // namespace systole
