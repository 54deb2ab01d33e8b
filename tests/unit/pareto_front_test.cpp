// SPDX-License-Identifier: Apache-2.0
// Objectives by name, and the points that no other one beats.
#include <catch2/catch.hpp>

#include "model/base/seeded_random.h"
#include "sim/front/front.h"
#include "sim/front/objective.h"
#include "tests/unit/results_fixture.h"

namespace systole::front {
namespace {

TEST_CASE("a point is on the front if no other one is as good everywhere and better somewhere") {
  CHECK(front_of({{1, 5}, {2, 4}, {2, 5}, {3, 4}, {0, 9}, {1, 5}}) ==
        std::vector<size_t>{0, 1, 4, 5});
  CHECK(front_of({}).empty());
  CHECK(front_of({{7, 7, 7}}) == std::vector<size_t>{0});
}

TEST_CASE("the front is that of comparing each point with each") {
  const uint64_t seed = GENERATE(1, 2, 3, 4, 5);
  CAPTURE(seed);
  SeededRandom random(seed);
  for (const size_t width : {1u, 2u, 3u, 4u}) {
    std::vector<Costs> points(200, Costs(width));
    for (Costs& point : points)
      for (double& cost : point) cost = static_cast<double>(random.below(12));
    std::vector<size_t> expected;
    for (size_t i = 0; i < points.size(); ++i) {
      bool beaten = false;
      for (const Costs& other : points) beaten |= beats(other, points[i]);
      if (!beaten) expected.push_back(i);
    }
    CHECK(front_of(points) == expected);
  }
}

TEST_CASE("objectives are known by their names and by their figures, each once") {
  const std::vector<Objective> some = parse_objectives("latency,inferences_per_s,area");
  REQUIRE(some.size() == 3);
  CHECK(some[0].figure == "latency_ms");
  CHECK(some[0].cost(2) == 2);
  CHECK(some[1].cost(2) == -2);  // the more the better
  CHECK(results::message([] { parse_objectives("latency,area,latency_ms"); }) ==
        "latency_ms is there twice, expected each objective once");
  CHECK(results::message([] { find_objective("latencies"); }) ==
        "'latencies' is no objective, expected one of latency, energy, area, power, dram_bytes, "
        "bandwidth, throughput, steady_latency, steady_throughput, accuracy, metric, did you mean "
        "'latency'?");
}

}  // namespace
}  // namespace systole::front
