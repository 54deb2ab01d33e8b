// SPDX-License-Identifier: Apache-2.0
// Shared weights: the best values, and the codes that quantisation makes of them.
#include <set>

#include "compiler/prune/codebook.h"
#include "compiler/quant/quantise.h"
#include "tests/unit/prune_graphs.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

/// A histogram over -128..127 of these codes.
std::vector<double> histogram(const std::vector<int>& codes) {
  std::vector<double> weight(256);
  for (const int code : codes) weight[static_cast<size_t>(code + 128)] += 1;
  return weight;
}

double error_of(const std::vector<double>& weight, const std::vector<int>& book) {
  double sum = 0;
  for (int code = -128; code < 128; ++code) {
    int nearest = 1000;
    for (const int value : book) nearest = std::min(nearest, std::abs(value - code));
    sum += weight[static_cast<size_t>(code + 128)] * nearest * nearest;
  }
  return sum;
}

}  // namespace

TEST_CASE("a codebook is the best there is") {
  CHECK(prune::best_codebook(histogram({-100, -100, 0, 1, 2, 90, 92}), 3, {}) ==
        std::vector<int>{-100, 1, 91});
  // A fixed value takes part whatever it costs.
  CHECK(prune::best_codebook(histogram({-100, -100, 90, 92}), 2, {90}) ==
        std::vector<int>{-100, 90});
  // Random small cases against every pair.
  std::mt19937 rng(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> codes;
    for (int i = 0; i < 12; ++i) codes.push_back(static_cast<int>(rng() % 256) - 128);
    const std::vector<double> weight = histogram(codes);
    double least = INFINITY;
    for (int a = -128; a < 128; ++a)
      for (int b = a + 1; b < 128; ++b) least = std::min(least, error_of(weight, {a, b}));
    INFO("round " << round);
    CHECK(error_of(weight, prune::best_codebook(weight, 2, {})) == least);
  }
}

TEST_CASE("a layer's 8-bit codes take as many values as asked, and zeros stay") {
  std::mt19937 rng(11);
  std::vector<float> weights = random_floats(8 * 16 * 9, rng);
  for (size_t i = 0; i < weights.size(); i += 3) weights[i] = 0.0f;
  // Channels of very different scales share codes, not weights.
  for (size_t i = 0; i < weights.size(); ++i) weights[i] *= static_cast<float>(1 + i / (16 * 9));
  graph::Graph graph = one_layer({8, 16, 3, 3}, weights);
  prune::prune(graph, options_of({"codebook:16@*"}));
  const auto& conv = graph.nodes[0].as<graph::Conv>();
  for (size_t i = 0; i < weights.size(); i += 3) CHECK(conv.weights[i] == 0.0f);
  const quant::QuantisedWeights q =
      quant::quantise_weights("y", conv.weights, conv.bias, quant::Affine{1.0f, 0}, 1.0f, 8);
  const std::set<int8_t> codes(q.weights.begin(), q.weights.end());
  CHECK(codes.size() == 16);
  // Each channel's largest weight is where it was.
  for (size_t o = 0; o < 8; ++o) {
    const auto of = [&](const std::vector<float>& w) {
      float largest = 0;
      for (size_t i = 0; i < 16 * 9; ++i) largest = std::max(largest, std::abs(w[o * 16 * 9 + i]));
      return largest;
    };
    CHECK(of(conv.weights) == Approx(of(weights)));
  }
}

}  // namespace systole
