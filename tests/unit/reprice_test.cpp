// SPDX-License-Identifier: Apache-2.0
// Points of a database by other prices are those of a sweep with these prices, to the last bit.
#include <catch2/catch.hpp>

#include "sim/reprice/limits.h"
#include "sim/reprice/report.h"
#include "sim/reprice/rewrite.h"
#include "sim/reprice/robust.h"
#include "sim/results/compared_set.h"
#include "sim/results/open.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/sweep.h"
#include "tests/unit/onnx_builder.h"
#include "tests/unit/results_fixture.h"

namespace systole::reprice {
namespace {

constexpr const char* kHorowitz = "horowitz-45nm";
constexpr const char* kJouppi = "tpuv4i-7nm";

constexpr const char* kAxes =
    "memory: [ddr4-2400, {kind: ideal, gb_per_s: 4}]\nset: {array.rows: [8, 16], ub.kib: [32, "
    "64]}\nenergy: ";

std::string plain(const std::string& tables) {
  return "networks: [t.csv]\narchitectures: [edge-16x16]\nbatch: [1, 3]\nrepeat: [1, 2]\n" +
         std::string(kAxes) + tables + "\n";
}

std::string workload(const std::string& table) {
  return "workload:\n"
         "  - {network: t.csv, weight: 0.25}\n"
         "  - {network: t.csv, batch: 4, require: energy_per_inference_uj <= 0.65}\n"
         "baseline: {name: edge-16x16}\narchitectures: [edge-16x16]\n" +
         std::string(kAxes) + table + "\n";
}

class Place {
 public:
  Place() { folder_.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\nb, 8, 40, 64,\n"); }

  std::filesystem::path sweep(const std::string& name, const std::string& text) {
    const sweep::SweepSpec spec = sweep::load_sweep(folder_.write(name + ".yaml", text));
    const std::filesystem::path file = folder_.path() / (name + ".db");
    results::Store store(file, "1");
    sweep::run_sweep(spec, {.jobs = 2}, store, [](const nlohmann::ordered_json&, bool) {});
    return file;
  }
  std::filesystem::path reprice(const std::filesystem::path& from, const std::string& table) {
    results::Connection database = results::open_results(from, results::Access::kRead);
    const Points points = read_points(database, front::parse_objectives("latency,energy,area"));
    const auto prices = Pricer(points).price(energy::Prices{energy::load_energy_table(table)});
    const auto failed = failed_limits(database, points, prices);
    std::filesystem::path file = from;
    file.replace_extension("." + table + ".db");
    rewrite(database, {points, prices, failed, sweep::energy_table_part(table)}, file);
    return file;
  }

 private:
  test::ScratchFolder folder_;
};

/// All rows of `sql` as text.
std::vector<std::string> rows(const std::filesystem::path& file, const std::string& sql) {
  results::Connection database = results::open_results(file, results::Access::kRead);
  results::Statement row(database, sql);
  std::vector<std::string> all;
  while (row.step()) {
    std::string text;
    for (int i = 0; i < row.columns(); ++i) text += row.text(i) + "|";
    all.push_back(text);
  }
  return all;
}

/// `printf('%!.17g')`: to the last bit.
const std::string kPoints =
    "SELECT p.configuration, e.name, e.identity, printf('%!.17g %!.17g %!.17g', "
    "energy_per_inference_uj, average_power_mw, area_mm2), cycles FROM points p JOIN energy_tables "
    "e ON e.id = p.energy_table ORDER BY 1";
const std::string kGroups =
    "SELECT identity, baseline, status, printf('%.12g', energy_per_inference_uj), area_mm2, "
    "latency_ms, speedup, worst FROM groups ORDER BY 1";
const std::string kRan = "SELECT configuration, claimed, attempts FROM execution ORDER BY 1";
const std::string kFailed =
    "SELECT configuration, text, printf('%.12g', over) FROM failed_limits JOIN points ON id = "
    "point ORDER BY 1, 2";

void check_equal(const std::filesystem::path& a, const std::filesystem::path& b) {
  for (const std::string& sql : {kPoints, kGroups, kRan, kFailed}) {
    CAPTURE(sql);
    CHECK(rows(a, sql) == rows(b, sql));
  }
  CHECK(rows(b, "PRAGMA integrity_check") == std::vector<std::string>{"ok|"});
  CHECK(rows(b, "PRAGMA foreign_key_check").empty());
}

TEST_CASE("the table that made a database gives the same numbers") {
  Place place;
  const auto made = place.sweep("a", plain(kHorowitz));
  REQUIRE(rows(made, kPoints).size() == 32);
  check_equal(made, place.reprice(made, kHorowitz));
}

TEST_CASE("another table gives what a sweep with that table gives") {
  Place place;
  const auto made = place.sweep("a", plain(kHorowitz));
  check_equal(place.sweep("b", plain(kJouppi)), place.reprice(made, kJouppi));
}

TEST_CASE("machines of a workload have the sums of their members at the new prices") {
  Place place;
  const auto made = place.sweep("a", workload(kHorowitz)),
             other = place.sweep("b", workload(kJouppi));
  REQUIRE(rows(made, kGroups).size() == 9);
  REQUIRE(rows(made, kFailed).size() > rows(other, kFailed).size());  // 7 nm takes less energy
  check_equal(other, place.reprice(made, kJouppi));
}

TEST_CASE("points that differ in their table alone become one") {
  Place place;
  const auto both = place.sweep("a", plain(std::string("[") + kHorowitz + ", " + kJouppi + "]"));
  REQUIRE(rows(both, kPoints).size() == 64);
  check_equal(place.sweep("b", plain(kJouppi)), place.reprice(both, kJouppi));
}

TEST_CASE("factors are of all figures that a key stands for") {
  energy::Prices prices{energy::load_energy_table(kHorowitz)};
  const energy::EnergyTable table = prices.table;
  prices.apply(energy::parse_scale("sram=2"));
  prices.apply(energy::parse_scale("energy.mac.bits8=3"));
  prices.apply(energy::parse_scale("area=0.5"));
  prices.apply(energy::parse_scale("dram=4"));
  for (const auto& [kib, entry] : table.sram_64)
    CHECK(prices.table.sram_64.at(kib).value == 2 * entry.value);
  CHECK(prices.table.mac[0].value == 3 * table.mac[0].value);
  CHECK(prices.table.mac[1].value == table.mac[1].value);
  CHECK(prices.table.sram_kib_area.value == 0.5 * table.sram_kib_area.value);
  CHECK(prices.table.mac_area[2].value == 0.5 * table.mac_area[2].value);
  CHECK(prices.table.rowless.read_byte.value == 4 * table.rowless.read_byte.value);
  CHECK(prices.rows({{10}, {20}, {30}}).activation.value == 120);
  CHECK(prices.table.leakage_mm2.value == table.leakage_mm2.value);
}

/// Three rivals on one machine, of which each event is a MAC: latency, MACs.
Points rivals(const std::vector<std::pair<double, int64_t>>& figures) {
  Points points;
  points.objectives = front::parse_objectives("latency,energy");
  points.machines = {arch::load_arch("edge-16x16")};
  points.rivals = 1;
  for (const auto& [latency, macs] : figures) {
    Point point;
    point.latency_ms = latency;
    point.events[energy::EnergyEvent::kMac8] = macs;
    point.costs = {latency, 0};
    points.points.push_back(point);
  }
  return points;
}

TEST_CASE("what no price changes stays, what no price saves is never there") {
  const Points points = rivals({{1, 1000}, {2, 500}, {3, 500}});
  const energy::Prices prices{energy::load_energy_table(kHorowitz)};
  CHECK(shares_on_front(points, prices, {false, false, false}, {50, 1}, [](int64_t) {}) ==
        std::vector<double>{1, 1, 0});
  CHECK(shares_on_front(points, prices, {false, true, false}, {50, 1}, [](int64_t) {}) ==
        std::vector<double>{1, 0, 1});
}

TEST_CASE("a point whose place hangs on a price stays in some of the draws, the same by seed") {
  Points points = rivals({{1, 1000}, {2, 0}});
  // As much energy as the 1,000 MACs, from parameters, whose price is another one.
  const energy::Prices prices{energy::load_energy_table(kHorowitz)};
  const auto costs = energy::event_costs(prices.table, points.machines[0]);
  const double pj = costs[static_cast<size_t>(energy::EnergyEvent::kVpuFpAdd)].value;
  points.points[1].events[energy::EnergyEvent::kVpuFpAdd] =
      static_cast<int64_t>(1000 * costs[0].value / pj);
  const auto shares = [&](uint64_t seed) {
    return shares_on_front(points, prices, {false, false}, {400, seed}, [](int64_t) {});
  };
  CHECK(shares(1)[0] == 1);
  CHECK(shares(1)[1] > 0.4);  // either price is as likely to be the lower one
  CHECK(shares(1)[1] < 0.6);
  CHECK(shares(1) == shares(1));
  CHECK(shares(1) != shares(2));
}

}  // namespace
}  // namespace systole::reprice
