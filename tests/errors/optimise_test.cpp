// SPDX-License-Identifier: Apache-2.0
// The command `optimise`: the front that it finds, that it goes on, and what is wrong with its
// file.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\nb, 24, 8, 100,\n";
const std::string kBoth = "networks: [t.csv]\narchitectures: [edge-16x16]\n";
const std::string kAxes =
    kBoth +
    "set:\n  array.rows: [4, 8, 16, 32]\n  array.cols: [4, 8, 16, 32]\n  ub.kib: [16, 32, 64]\n";

bool is_built(const Workplace& place) {
  place.write("t.csv", kTopology);
  place.write("probe.yaml", kBoth + "objectives: [area]\nbudget: 1\n");
  const CommandResult result = place.run({"optimise", "probe.yaml"});
  if (result.exit_code == 0) return true;
  CHECK(result.err ==
        "systole: optimise: this program was built without pagmo, expected Debian's libpagmo-dev "
        "(apt-get install libpagmo-dev) and a new build\n");
  return false;
}

/// Latency and area of rows, sorted, each once.
std::set<std::pair<double, double>> figures_of(const std::vector<nlohmann::json>& rows) {
  std::set<std::pair<double, double>> figures;
  for (const auto& row : rows)
    figures.insert({row["latency_ms"].get<double>(), row["area_mm2"].get<double>()});
  return figures;
}

std::set<std::pair<double, double>> front_of(const std::set<std::pair<double, double>>& all) {
  std::set<std::pair<double, double>> front;
  for (const auto& one : all) {
    bool beaten = false;
    for (const auto& other : all)
      beaten |= other != one && other.first <= one.first && other.second <= one.second;
    if (!beaten) front.insert(one);
  }
  return front;
}

TEST_CASE("a search finds the front that enumeration finds, with part of the points") {
  const Workplace place;
  if (!is_built(place)) return;
  place.write("all.yaml", kAxes);
  const auto true_front =
      front_of(figures_of(json_rows(place.run({"sweep", "all.yaml", "--json"}).out)));
  REQUIRE(true_front.size() >= 4);
  place.write("o.yaml",
              kAxes + "objectives: [latency, area]\nbudget: 36\npopulation: 8\nseed: 2\n");
  const CommandResult found = place.run({"optimise", "o.yaml", "--json"});
  CHECK(found.exit_code == 0);
  const auto json = nlohmann::json::parse(found.out);
  CHECK(json["evaluated"] == 36);  // of 48
  CHECK(figures_of(json["front"]) == true_front);
}

TEST_CASE("an exact front is that of enumeration, ties included, with part of the points") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const std::string memories = "memory: [{kind: ideal, gb_per_s: 8}, {kind: ideal, gb_per_s: 2}]\n";
  for (const std::string& more :
       {std::string(), std::string("where: array.rows * array.cols <= 256\n"),
        std::string("require: latency_ms <= 0.003\n")}) {
    INFO(more);
    place.write("all.yaml", kAxes + memories + more);
    const CommandResult all = place.run({"sweep", "all.yaml", "--json", "--allow-failed"});
    std::vector<nlohmann::json> rows;
    for (const auto& row : json_rows(all.out))
      if (row["status"] == "finished" &&
          (!row.contains("failed_limits") || row["failed_limits"].empty()))
        rows.push_back(row);
    const auto true_front = front_of(figures_of(rows));
    place.write("o.yaml", kAxes + memories + more + "objectives: [area, latency]\n");
    const CommandResult found = place.run({"optimise", "o.yaml", "--exact", "--json"});
    INFO(found.err);
    REQUIRE(found.exit_code == 0);
    const auto json = nlohmann::json::parse(found.out);
    CHECK(json["points"] == json_rows(all.out).size());
    CHECK(json["evaluated"].get<size_t>() < json["points"].get<size_t>());
    CHECK(figures_of(json["front"]) == true_front);
    const auto on_front = std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
      return true_front.contains(
          {row["latency_ms"].template get<double>(), row["area_mm2"].template get<double>()});
    });
    CHECK(json["front"].size() == static_cast<size_t>(on_front));
    CHECK(place.run({"optimise", "o.yaml", "--exact", "--json", "-j", "1"}).out == found.out);
  }
}

TEST_CASE("an exact front is of latency against area, and goes on from a database") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const auto refused = [&](const std::string& text, const std::string& message) {
    place.write("o.yaml", kAxes + text);
    check_refused(place, {"optimise", "o.yaml", "--exact"}, 2, "o.yaml: " + message);
  };
  const std::string takes =
      "--exact: takes latency against area alone, expected objectives: [latency, area]";
  refused("objectives: [latency, energy]\n", takes);
  refused("objectives: [latency, {maximise: area}]\n", takes);
  refused("objectives: [area, latency, energy]\n", takes);
  refused("where: array.rows > 99\nobjectives: [latency, area]\n",
          "where: drops all of the points");
  place.write("o.yaml", kAxes + "objectives: [latency, area]\n");
  const CommandResult first = place.run({"optimise", "o.yaml", "--exact", "-o", "r.db"});
  CHECK(first.exit_code == 0);
  const CommandResult again = place.run({"optimise", "o.yaml", "--exact", "-o", "r.db"});
  CHECK(again.out == first.out);
  CHECK_THAT(without_clock_warning(again.err), Catch::EndsWith(" points were there already\n"));
}

TEST_CASE("a search ends when it has seen all, and a budget beyond that changes nothing") {
  const Workplace place;
  if (!is_built(place)) return;
  place.write("o.yaml", kBoth +
                            "set: {array.rows: [4, 8, 16], ub.kib: [16, 32]}\n"
                            "where: array.rows * ub.kib <= 300\n"
                            "objectives: [latency, area]\nbudget: 1000\npopulation: 8\n");
  const auto json = nlohmann::json::parse(place.run({"optimise", "o.yaml", "--json"}).out);
  CHECK(json["evaluated"] == 5);
}

TEST_CASE("one seed gives one database, whatever -j is, and another seed another one") {
  const Workplace place;
  if (!is_built(place)) return;
  const std::string text = kAxes + "objectives: [latency, energy]\nbudget: 20\npopulation: 8\n";
  place.write("o.yaml", text);
  place.write("other.yaml", text + "seed: 2\n");
  const CommandResult one = place.run({"optimise", "o.yaml", "-o", "one.db", "-j1"});
  const CommandResult two = place.run({"optimise", "o.yaml", "-o", "two.db", "-j2"});
  CHECK(one.exit_code == 0);
  CHECK(one.out == two.out);
  CHECK(place.run({"compare", "one.db", "two.db"}).out ==
        "20 equal, 0 differ, 0 only in A, 0 only in B\n");
  CHECK(place.run({"optimise", "other.yaml", "-o", "three.db"}).exit_code == 0);
  CHECK(place.run({"compare", "one.db", "three.db"}).exit_code == 1);
  // Again: all is there. And after a part of it.
  const CommandResult again = place.run({"optimise", "o.yaml", "-o", "one.db"});
  CHECK(again.out == one.out);
  CHECK(without_clock_warning(again.err) == "20 of 20 points were there already\n");
  place.write("less.yaml", kAxes + "objectives: [latency, energy]\nbudget: 11\npopulation: 8\n");
  CHECK(place.run({"optimise", "less.yaml", "-o", "part.db"}).exit_code == 0);
  const CommandResult rest = place.run({"optimise", "o.yaml", "-o", "part.db"});
  CHECK(without_clock_warning(rest.err) == "11 of 20 points were there already\n");
  CHECK(rest.out == one.out);
}

TEST_CASE("what a sweep has run is not run again") {
  const Workplace place;
  if (!is_built(place)) return;
  place.write("all.yaml", kAxes);
  place.run({"sweep", "all.yaml", "-o", "r.db"});
  place.write("o.yaml", kAxes + "objectives: [latency, area]\nbudget: 20\npopulation: 8\n");
  const CommandResult found = place.run({"optimise", "o.yaml", "-o", "r.db"});
  CHECK(without_clock_warning(found.err) == "20 of 20 points were there already\n");
  CHECK(found.out == place.run({"optimise", "o.yaml"}).out);
}

TEST_CASE("a front says whether clocks are given, also of machines of a workload") {
  const Workplace place;
  if (!is_built(place)) return;
  const std::string search =
      "set: {clock_mhz: [auto, 1000]}\nobjectives: [latency, area]\nbudget: 2\npopulation: 8\n";
  place.write("o.yaml", kBoth + search);
  place.write("w.yaml", "workload: [{network: t.csv}]\narchitectures: [edge-16x16]\n" + search);
  for (const char* file : {"o.yaml", "w.yaml"}) {
    const CommandResult found = place.run({"optimise", file, "--json"});
    CHECK(found.err ==
          "warning: the given clock of 1 of 1 points of the front is above the one derived at the "
          "node of the table of energies, up to 1.8 times\n");
    const auto front = nlohmann::json::parse(found.out)["front"];
    REQUIRE(front.size() == 1);
    CHECK(front[0]["clock"] == "given");
    CHECK(front[0]["core_clock_mhz"] == 1000);
    CHECK(front[0]["derived_clock_mhz"].get<double>() == Approx(555.556));
  }
}

TEST_CASE("a front holds limits, and what is to be large is maximised") {
  const Workplace place;
  if (!is_built(place)) return;
  const std::string rest = "budget: 48\npopulation: 8\n";
  place.write("o.yaml", kAxes + "require: area_mm2 <= 3\nobjectives: [throughput, area]\n" + rest);
  const auto json = nlohmann::json::parse(place.run({"optimise", "o.yaml", "--json"}).out);
  REQUIRE(json["front"].size() >= 2);
  for (const auto& row : json["front"]) CHECK(row["area_mm2"].get<double>() <= 3);
  CHECK(json["front"].front()["inferences_per_s"] > json["front"].back()["inferences_per_s"]);
  place.write("o.yaml", kAxes + "objectives: [{maximise: area}]\n" + rest);
  const auto large = nlohmann::json::parse(place.run({"optimise", "o.yaml", "--json"}).out);
  REQUIRE(large["front"].size() == 1);
  CHECK(large["front"][0]["set"]["ub.kib"] == 64);
}

TEST_CASE("machines of a workload are weighed by their sums") {
  const Workplace place;
  if (!is_built(place)) return;
  const std::string axes =
      "workload:\n  - {network: t.csv, weight: 0.5}\n  - {network: t.csv, batch: 4}\n"
      "baseline: {name: edge-16x16}\narchitectures: [edge-16x16]\n"
      "set: {array.rows: [8, 16, 32], ub.kib: [32, 256]}\n";
  place.write("s.yaml", axes);
  place.write("o.yaml", axes + "objectives: [latency, area]\nbudget: 100\npopulation: 8\n");
  std::vector<nlohmann::json> groups;
  for (const auto& row : json_rows(place.run({"sweep", "s.yaml", "--json"}).out))
    if (row.contains("group") && row["set"].contains("array.rows")) groups.push_back(row);
  REQUIRE(groups.size() == 6);
  const auto json = nlohmann::json::parse(place.run({"optimise", "o.yaml", "--json"}).out);
  CHECK(figures_of(json["front"]) == front_of(figures_of(groups)));
}

TEST_CASE("mistakes of an optimisation are one line") {
  const Workplace place;
  if (!is_built(place)) return;
  const auto check = [&](const std::string& text, const std::string& message) {
    place.write("o.yaml", text);
    check_refused(place, {"optimise", "o.yaml"}, 2, message);
  };
  const std::string rest = "objectives: [latency]\nbudget: 8\n";
  check(kBoth + "budget: 8\n", "o.yaml: objectives: missing, an optimisation must state them");
  check(kBoth + "objectives: [latency]\n",
        "o.yaml: budget: missing, an optimisation must state it");
  check(kBoth + "objectives: [latency, speed]\nbudget: 8\n",
        "o.yaml:3:23: objectives: 'speed' is no objective, expected one of latency, energy, area, "
        "power, dram_bytes, bandwidth, throughput, steady_latency, steady_throughput, accuracy, "
        "metric");
  check(kBoth + "objectives: [latency, latency_ms]\nbudget: 8\n",
        "o.yaml:3:23: objectives: latency is there twice");
  check(kBoth + "objectives: [accuracy]\nbudget: 8\n",
        "o.yaml: objectives: accuracy needs data that t.csv classifies, expected data");
  check(kBoth + "objectives: [steady_latency]\nbudget: 8\n",
        "o.yaml: objectives: steady_latency needs several batches, expected repeat above 1");
  check(kBoth + "objectives: [latency]\nbudget: none\n",
        "o.yaml:4:9: budget: 'none', expected a whole number in 1..1000000");
  check(kBoth + rest + "population: 10\n", "o.yaml:5:13: population: 10, expected a multiple of 4");
  check(kBoth + rest + "samples: 5\n",
        "o.yaml:5:10: samples: an optimisation chooses points itself, expected budget");
  check(kBoth + rest + "set: {ub.kib: []}\n", "o.yaml:5:7: ub.kib: an empty list, expected values");
  check(kBoth + rest + "set: {ub.kib: [32, 64, 32]}\n",
        "o.yaml: ub.kib: 32 is there twice, expected each value once");
  check(kBoth + rest + "require: [latency_ms <= 1, top1 >= 90]\n",
        "o.yaml: require: top1 >= 90 needs data that t.csv classifies, expected data");
  check(kAxes + rest + "where: array.rows >= 33\n",
        "o.yaml: where: drops all of the points that were drawn, the nearest: edge-16x16 "
        "array.rows=32 array.cols=4 ub.kib=64 fails array.rows >= 33 by 3.0 %");
  check("workload: [{network: t.csv}]\narchitectures: [edge-4x4]\nobjectives: [power]\nbudget: 8\n",
        "o.yaml: objectives: a workload has no power, expected latency, energy or area");
  place.write("s.yaml", kBoth + "energy: tpuv4i-7nm\n");
  place.write("r.db", "");
  std::filesystem::remove(place.path() / "r.db");
  place.run({"sweep", "s.yaml", "-o", "r.db"});
  place.write("o.yaml", kBoth + rest);
  check_refused(place, {"optimise", "o.yaml", "-o", "r.db"}, 2,
                "r.db: its points are priced by tpuv4i-7nm, o.yaml wants horowitz-45nm, expected a "
                "database of its own, or one that `systole reprice` makes");
}

TEST_CASE("limits that nothing meets are told with the nearest miss") {
  const Workplace place;
  if (!is_built(place)) return;
  place.write("o.yaml", kBoth +
                            "set: {array.rows: [8, 32]}\nobjectives: [latency]\nbudget: 8\n"
                            "require: area_mm2 <= 1.0\n");
  const CommandResult result = place.run({"optimise", "o.yaml"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err,
             Catch::Matchers::StartsWith("systole: o.yaml: none of 2 points meets all limits, the "
                                         "nearest: edge-16x16 array.rows=8 fails area_mm2 <= 1.0 "
                                         "by 292.9 %"));
  place.write("o.yaml", kBoth + "set: {ub.kib: [0]}\nobjectives: [latency]\nbudget: 8\n");
  const CommandResult none = place.run({"optimise", "o.yaml"});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, Catch::Matchers::Contains("none of 1 points could be run, the first: "));
}

}  // namespace
}  // namespace systole
