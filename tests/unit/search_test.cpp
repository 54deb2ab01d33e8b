// SPDX-License-Identifier: Apache-2.0
// The search for widths: what can be chosen, what is found, and the file that says it.
#include "sim/search/search.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "model/base/error.h"
#include "sim/search/credit.h"
#include "sim/search/front.h"
#include "sim/search/policy_file.h"
#include "sim/search/predictor.h"
#include "tests/unit/search_fixture.h"

namespace systole {
namespace {

TEST_CASE("a search chooses weights of layers and tensors, but not of the first and last layer") {
  const graph::Graph graph = chain(4);
  const search::SearchSpace space({&graph}, kAll, false);
  CHECK(space.layers() == std::vector<std::string>{"conv1", "conv2", "conv3", "conv4"});
  CHECK(space.knobs().size() == 4);  // weights of conv2 and conv3, v1 and v2
  CHECK(space.uniform({4, 4}) == search::Choice{{8, 8}, {4, 4}, {4, 4}, {8, 8}});
  // With them: weights of four layers, v1, v2, v3; what the network takes has 8 bits.
  const search::SearchSpace all({&graph}, kAll, true);
  CHECK(all.knobs().size() == 7);
  CHECK(all.uniform({4, 4}) == search::Choice{{4, 8}, {4, 4}, {4, 4}, {4, 4}});
}

TEST_CASE("layers that read one tensor are turned together") {
  graph::Graph graph = chain(4);
  graph.nodes[2].inputs = {1};  // conv3 reads v1 as conv2 does
  graph.nodes[3].inputs = {3, 2};
  const search::SearchSpace space({&graph}, kAll, false);
  const search::Choice wide = space.uniform({});
  const search::Knob& v1 = space.knobs()[knob_of(space, kActivations, 1)];
  CHECK(v1.layers == std::vector<size_t>{1, 2});
  CHECK(space.turned(wide, v1, 4) == search::Choice{{8, 8}, {4, 4}, {4, 4}, {8, 8}});
}

TEST_CASE("widths that the hardware lacks are not tried") {
  const graph::Graph graph = chain(3);
  const search::SearchSpace space({&graph}, {4, 8}, false);
  REQUIRE(space.knobs().size() == 1);
  CHECK(space.knobs()[0].kind == kWeights);
  CHECK(space.values(space.knobs()[0]) == std::vector<int>{8, 4});
  CHECK_THROWS_WITH(search::SearchSpace({&graph}, {8, 8}, false),
                    "no layer can have other widths (without --all-layers the first and the last "
                    "layer keep 8 bits; layers whose integers the network states keep those)");
}

TEST_CASE("weights are as wide as their activations where nothing expands them") {
  const graph::Graph graph = chain(3);
  const search::SearchSpace space({&graph}, {8, 4}, false);
  const search::Knob& v1 = space.knobs()[knob_of(space, kActivations, 1)];
  const search::Choice narrow = space.turned(space.uniform({}), v1, 4);
  CHECK(narrow[1] == quant::LayerWidths{4, 4});
  CHECK(space.turned(narrow, v1, 8)[1] == quant::LayerWidths{8, 8});
}

TEST_CASE("layers of one name cannot be told apart") {
  graph::Graph graph = chain(3);
  graph.nodes[1].name = "conv1";
  CHECK_THROWS_WITH(search::SearchSpace({&graph}, kAll, false),
                    "two layers have the name 'conv1', a policy cannot tell them apart");
}

TEST_CASE("a guess adds what each knob alone did, and starts from what is measured") {
  const graph::Graph graph = chain(3);
  const search::SearchSpace space({&graph}, kAll, false);
  search::Predictor predictor(space, {0.1, 1000});
  predictor.learn(knob_of(space, kWeights, 1), 4, {0.3, 950});
  predictor.learn(knob_of(space, kActivations, 1), 4, {0.7, 600});  // its weights have 4 bits too
  const search::Choice wide = space.uniform({}), w4a8 = space.uniform({4, 8}),
                       w4a4 = space.uniform({4, 4});
  CHECK(predictor.guess(w4a8).cost == Approx(950));
  CHECK(predictor.guess(w4a4).cost == Approx(600));
  CHECK(predictor.guess(w4a4).divergence == Approx(0.7));
  // Measured at w4a8: 0.2 and 900; from there to w4a4 the guess is +0.4 and -350.
  const search::Predictor::Guess near = predictor.guess(w4a4, w4a8, {0.2, 900});
  CHECK(near.divergence == Approx(0.6));
  CHECK(near.cost == Approx(550));
}

search::SearchPoint point(uint64_t right, uint64_t cycles, double divergence = 0) {
  search::SearchPoint point;
  point.figures.right = right;
  point.figures.cycles = cycles;
  point.figures.divergence = divergence;
  return point;
}

TEST_CASE("the front leaves out what another point beats") {
  std::vector<search::SearchPoint> points = {
      point(90, 100),      point(80, 50),      point(80, 60), point(70, 55),
      point(90, 100, 0.1), point(80, 50, 0.2), point(99, 10), point(60, 20)};
  points[6].failure = "does not fit";
  std::vector<double> credit;
  for (const search::SearchPoint& p : points)
    credit.push_back(static_cast<double>(p.figures.right));
  CHECK(search::pareto_front(points, credit, search::Objective::kLatency) ==
        std::vector<size_t>{7, 1, 0});
}

TEST_CASE("a point is credited with no more than points of its divergence have") {
  // 94 at 0.5 is lucky: with its neighbours below it has (80 + 94) / 2 = 87 and (70 + 79) / 2.
  std::vector<search::SearchPoint> points = {point(90, 1, 0.1), point(80, 1, 0.4),
                                             point(94, 1, 0.5), point(70, 1, 0.7),
                                             point(79, 1, 0.8)};
  CHECK(search::credited(points) == std::vector<double>{90, 80, 87, 70, 74.5});
  // The first, with the pool it is in: (90 + 94) / 2 = 92 is its 90, so 80 is its 78.
  points = {point(90, 1, 0.1), point(94, 1, 0.2), point(80, 1, 0.4), point(99, 1, 0)};
  points[3].failure = "does not fit";
  CHECK(search::credited(points) == std::vector<double>{90, 90, 78, -1});
}

TEST_CASE("a search finds the cheapest choice within the bound, and its front is one") {
  const graph::Graph graph = chain(6);
  const search::SearchSpace space({&graph}, kAll, false);
  const double max_loss = GENERATE(0.0, 0.5, 2.0, 5.0, 100.0);
  CAPTURE(max_loss);
  search::SearchOptions options;
  options.images = 1000;
  options.max_loss = max_loss;
  size_t measured = 0;
  const search::SearchResult result =
      search::search(space, options, [&](const std::vector<search::Choice>& choices) {
        std::vector<search::SearchPoint> points;
        for (const search::Choice& choice : choices) {
          points.push_back({choice, "", synthetic(choice, options.images), ""});
          ++measured;
        }
        return points;
      });
  CHECK(measured == result.points.size());

  // All that there are: 3 widths of each of 4 tensors and 4 layers' weights.
  uint64_t least = UINT64_MAX;
  std::function<void(search::Choice, size_t)> visit = [&](search::Choice choice, size_t knob) {
    if (knob == space.knobs().size()) {
      const search::Figures figures = synthetic(choice, options.images);
      if (figures.right >= result.least_right) least = std::min(least, figures.cycles);
      return;
    }
    for (const int bits : {8, 4, 2}) {
      visit(space.turned(choice, space.knobs()[knob], bits), knob + 1);
    }
  };
  visit(space.uniform({}), 0);
  const search::Figures& chosen = result.points[result.chosen].figures;
  CHECK(chosen.cycles == least);
  CHECK(chosen.right >= result.least_right);
  for (const size_t i : result.front) {
    for (const search::SearchPoint& other : result.points) {
      const bool no_worse = other.figures.right >= result.points[i].figures.right &&
                            other.figures.cycles <= result.points[i].figures.cycles;
      const bool better = other.figures.right > result.points[i].figures.right ||
                          other.figures.cycles < result.points[i].figures.cycles;
      CHECK(!(no_worse && better));
    }
  }
}

TEST_CASE("a budget bounds what a search tries, and points that fail are left out") {
  const graph::Graph graph = chain(6);
  const search::SearchSpace space({&graph}, kAll, false);
  search::SearchOptions options;
  options.images = 1000;
  options.max_loss = 5;
  options.budget = 3;
  const search::SearchResult result =
      search::search(space, options, [&](const std::vector<search::Choice>& choices) {
        std::vector<search::SearchPoint> points;
        for (const search::Choice& choice : choices) {
          points.push_back({choice, "", synthetic(choice, options.images), ""});
          if (choice[2].activations == 2) points.back().failure = "does not fit";
        }
        return points;
      });
  const auto counted =
      std::count_if(result.points.begin(), result.points.end(), [](const search::SearchPoint& p) {
        return p.phase != "uniform" && p.phase != "sensitivity";
      });
  CHECK(counted == 3);
  CHECK(result.points[result.chosen].failure == "");
  const search::SearchOptions any;
  CHECK_THROWS_WITH(
      search::search(
          space, any,
          [](const std::vector<search::Choice>& choices) {
            return std::vector<search::SearchPoint>(choices.size(), {{}, "", {}, "does not fit"});
          }),
      "does not fit");
}

TEST_CASE("a policy file says the choice it was made of, whatever the names") {
  graph::Graph graph = chain(3);
  graph.nodes[0].name = "a*[0]";
  graph.nodes[1].name = "a\"\\b: #?";
  graph.nodes[2].name = "ab[0]";
  const search::SearchSpace space({&graph}, kAll, true);
  const search::Choice choice = {{2, 8}, {4, 4}, {8, 8}};
  const auto file = std::filesystem::temp_directory_path() / "systole_search_policy.yaml";
  std::ofstream(file) << search::policy_file(space.layers(), choice, "a comment");
  const std::vector<quant::LayerWidths> read =
      quant::layer_widths(graph, quant::load_precision(file));
  CHECK(search::Choice(read.begin(), read.end()) == choice);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace systole
