// SPDX-License-Identifier: Apache-2.0
// Which points of a database are run again, on which engine, and what a budget holds.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "sim/results/store.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/stored_point.h"
#include "sim/verify/plan.h"
#include "tests/unit/results_fixture.h"

namespace systole::verify {
namespace {

using results::Folder;

/// A database of points that nobody ran, and a cache without any RTL.
class Place {
 public:
  Place() : store_("", "1") {
    setenv("SYSTOLE_CACHE", (folder_ / "cache").c_str(), 1);
    setenv("SYSTOLE_RTL_DIR", SYSTOLE_SOURCE_DIR "/rtl", 1);
  }
  ~Place() {
    unsetenv("SYSTOLE_CACHE");
    unsetenv("SYSTOLE_RTL_DIR");
  }

  void add(const std::vector<std::string>& set, int64_t batch, int64_t cycles) {
    sweep::SweepPoint point;
    point.file = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data/lenet_fmnist.onnx";
    point.arch = "edge-4x4";
    point.set = set;
    point.batch = batch;
    store_.put(sweep::Identifier().configuration(point), results::Detail::kLayers,
               results::outcome(cycles));
  }
  Plan plan(const Request& request) { return make_plan(store_.connection(), "1", request); }
  results::Connection& database() { return store_.connection(); }

 private:
  Folder folder_;
  results::Store store_;
};

TEST_CASE("large arrays and long runs go to the model, points of one machine to one build") {
  Place place;
  for (const int batch : {1, 2, 3}) place.add({}, batch, 1000);
  place.add({"memory.gb_per_s=8"}, 1, 1000);  // the memory is not in the RTL
  place.add({"ub.kib=32"}, 1, 1000);
  place.add({"array.rows=33"}, 1, 1000);
  place.add({}, 9, 100'000'000);
  const Plan plan = place.plan({.count = 100});
  CHECK(plan.finished == 7);
  CHECK(plan.points() == 7);
  CHECK(plan.large_array == 1);
  CHECK(plan.long_run == 1);  // 1.5 us + 16 x 6 ns a cycle: 160 s
  REQUIRE(plan.lots.size() == 3);
  CHECK(plan.lots[0].items.size() == 4);
  CHECK(plan.lots[1].items.size() == 1);
  CHECK_FALSE(plan.lots[0].is_built());
  CHECK(plan.lots[0].build_seconds == Approx(20.64));  // 20 s + 40 ms x 16
  CHECK_FALSE(plan.lots[2].on_rtl);
}

TEST_CASE("a draw is that of its seed, and what was equal is not run again") {
  Place place;
  for (int batch = 1; batch <= 40; ++batch) place.add({}, batch, 1000);
  const auto drawn = [&](uint64_t seed, size_t count) {
    std::set<int64_t> points;
    const Plan plan = place.plan({.count = count, .seed = seed});
    for (const Lot& lot : plan.lots)
      for (const Item& item : lot.items) points.insert(item.point.id);
    return points;
  };
  const std::set<int64_t> first = drawn(1, 8);
  CHECK(first.size() == 8);
  CHECK(drawn(1, 8) == first);
  CHECK(drawn(2, 8) != first);
  const std::set<int64_t> more = drawn(1, 12);
  CHECK(std::includes(more.begin(), more.end(), first.begin(), first.end()));
  results::put_check(place.database(), {*first.begin(), "rtl", true, 1000, "", 1});
  results::put_check(place.database(), {*first.rbegin(), "rtl", false, 999, "{}", 1});
  const std::set<int64_t> left = drawn(1, 8);
  CHECK(left.size() == 7);
  CHECK(left.count(*first.begin()) == 0);  // the one that differed is run again
  CHECK(place.plan({.count = 8}).before == 1);
}

TEST_CASE("a budget goes to the build that covers most points") {
  Place place;
  place.add({"ub.kib=32"}, 1, 1000);
  for (const int batch : {1, 2, 3, 4}) place.add({}, batch, 1000);
  // A build takes 20.64 s, a run of 1,000 cycles 1.6 ms.
  const auto sizes = [&](double budget, size_t count = 0) {
    std::vector<size_t> found;
    for (const Lot& lot : place.plan({.count = count, .budget_seconds = budget}).lots)
      found.push_back(lot.items.size());
    return found;
  };
  CHECK(sizes(42) == std::vector<size_t>{4, 1});
  CHECK(sizes(41) == std::vector<size_t>{4});
  CHECK(sizes(42, 3) == std::vector<size_t>{3});
  CHECK(results::message([&] { sizes(20); }) ==
        "--budget: no point fits into 20 s, the cheapest takes about 21 s with its build");
}

TEST_CASE("a stored machine comes back to the last parameter, or not at all") {
  sweep::SweepPoint point;
  point.file = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data/lenet_fmnist.onnx";
  for (const std::vector<std::string>& set : std::vector<std::vector<std::string>>{
           {},
           {"memory.kind=ddr", "memory.preset=lpddr5-6400", "memory.controller_ps=12345"},
           {"memory.kind=random", "memory.seed=7", "array.cols=12", "clock_mhz=933.7"}}) {
    point.arch = "edge-16x16";
    point.set = set;
    results::Machine machine = sweep::Identifier().configuration(point).machine;
    const arch::ArchConfig expected = arch::load_arch(point.arch, point.set);
    const arch::ArchConfig arch = sweep::arch_of(machine);
    CHECK(sweep::machine_identity(arch) == sweep::machine_identity(expected));
    CHECK(arch::dram_bytes_per_cycle(arch) == arch::dram_bytes_per_cycle(expected));
    machine.parameters.replace(machine.parameters.find("\"array.rows\":16"), 15,
                               "\"array.rows\":17");
    CHECK(results::message([&] { sweep::arch_of(machine); }) ==
          machine.name + ": the parameters in the database are not those of its machine");
  }
}

}  // namespace
}  // namespace systole::verify
