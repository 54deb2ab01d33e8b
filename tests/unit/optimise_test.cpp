// SPDX-License-Identifier: Apache-2.0
// Children of a generation, and the archive that parents are chosen from.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <set>

#include "sim/nsga2/nsga2.h"
#include "sim/optimise/archive.h"
#include "sim/optimise/surrogate.h"

namespace systole::optimise {
namespace {

Evaluated made(uint32_t at, front::Costs costs, bool is_solution = true) {
  Evaluated one;
  one.position = {at};
  one.costs = std::move(costs);
  one.is_solution = is_solution;
  one.row = {{"status", "finished"}};
  return one;
}

TEST_CASE(
    "candidates are whole fronts, the best first, and what fails less before what fails more") {
  Archive archive;
  archive.add(made(0, {2, 2}));
  archive.add(made(1, beyond(2, true, 0.5), false));
  archive.add(made(2, {1, 3}));
  archive.add(made(3, {3, 3}));
  archive.add(made(4, beyond(2, true, 0.1), false));
  archive.add(made(5, beyond(2, false, 0), false));
  CHECK(archive.front() == std::vector<size_t>{0, 2});
  CHECK(archive.candidates(3) == std::vector<size_t>{0, 2, 3});
  CHECK(archive.candidates(100) == std::vector<size_t>{0, 2, 3, 4, 1, 5});
  CHECK(archive.find({3})->costs == front::Costs{3, 3});
  CHECK(archive.find({6}) == nullptr);
}

TEST_CASE(
    "children have choices that there are, the same by seed, and genes without a choice stay") {
  if (!nsga2::has_nsga2()) return;
  const std::vector<uint32_t> choices = {5, 1, 2, 9};
  std::vector<nsga2::Genes> parents;
  std::vector<front::Costs> costs;
  for (uint32_t i = 0; i < 16; ++i) {
    parents.push_back({i % 5, 0, i % 2, i % 9});
    costs.push_back({static_cast<double>(i % 5), static_cast<double>(9 - i % 9)});
  }
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto before = threads();
  const auto generations = [&](uint64_t seed) {
    nsga2::Nsga2 search(choices, seed);
    std::vector<nsga2::Genes> all;
    for (int i = 0; i < 5; ++i)
      for (nsga2::Genes& child : search.breed(parents, costs)) all.push_back(child);
    return all;
  };
  const std::vector<nsga2::Genes> all = generations(1);
  REQUIRE(all.size() == 5 * 16);
  for (const nsga2::Genes& child : all) {
    REQUIRE(child.size() == choices.size());
    for (size_t i = 0; i < choices.size(); ++i) CHECK(child[i] < choices[i]);
  }
  CHECK(std::set(all.begin(), all.end()).size() > 16);  // of one generation and the next
  CHECK(all == generations(1));
  CHECK(all != generations(2));
  CHECK(threads() == before);  // workers are forked, which threads are not
  CHECK(nsga2::Nsga2({1, 1}, 1).breed({{0, 0}}, {{1}}).empty());
}

TEST_CASE("the best are chosen by rank, then by the room around them") {
  if (!nsga2::has_nsga2()) return;
  // The second front has one point; on the first those at the ends have the most room.
  const std::vector<front::Costs> costs = {{1, 9}, {5, 5}, {5.1, 4.9}, {9, 1}, {9, 9}};
  std::vector<size_t> two = nsga2::Nsga2::best(costs, 2);
  std::sort(two.begin(), two.end());
  CHECK(two == std::vector<size_t>{0, 3});
  std::vector<size_t> four = nsga2::Nsga2::best(costs, 4);
  std::sort(four.begin(), four.end());
  CHECK(four == std::vector<size_t>{0, 1, 2, 3});
}

/// Two axes that multiply, and one that does nothing.
double value_at(const sweep::Position& place) { return (1 + place[0]) * std::exp(0.4 * place[1]); }

TEST_CASE("a surrogate learns a product of two axes from a part of it, of either sign") {
  const double sign = GENERATE(1.0, -1.0);
  const std::vector<uint32_t> choices = {6, 7, 5};
  std::vector<sweep::Position> known, others;
  std::vector<double> values;
  for (uint32_t a = 0; a < 6; ++a)
    for (uint32_t b = 0; b < 7; ++b)
      for (uint32_t c = 0; c < 5; ++c) {
        const bool is_known = (a + 2 * b + 3 * c) % 5 == 0;
        (is_known ? known : others).push_back({a, b, c});
        if (is_known) values.push_back(sign * value_at({a, b, c}));
      }
  Surrogate surrogate(choices);
  for (int i = 0; i < 3; ++i) surrogate.fit(known, values);
  const std::vector<double> guessed = surrogate.predict(others);
  for (size_t i = 0; i < others.size(); ++i)
    CHECK(guessed[i] == Approx(sign * value_at(others[i])).epsilon(0.05));
  const std::vector<double> again = surrogate.predict(known);
  for (size_t i = 0; i < known.size(); ++i) CHECK(again[i] == Approx(values[i]).epsilon(0.01));
}

TEST_CASE("values that are all the same are guessed to be that") {
  Surrogate surrogate({4, 4});
  surrogate.fit({{0, 0}, {3, 1}, {2, 2}}, {7, 7, 7});
  CHECK(surrogate.predict({{1, 3}})[0] == Approx(7));
  surrogate.fit({{0, 0}, {3, 1}, {2, 2}}, {0, 0, 0});
  CHECK(surrogate.predict({{1, 3}})[0] == Approx(0));
}

}  // namespace
}  // namespace systole::optimise
