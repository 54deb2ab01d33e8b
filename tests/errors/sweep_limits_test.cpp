// SPDX-License-Identifier: Apache-2.0
// Expressions of a sweep: derived values, points that are dropped, limits that results are held to.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\n";
const std::string kBoth = "networks: [t.csv]\narchitectures: [edge-16x16]\n";

std::vector<nlohmann::json> rows_of(const Workplace& place, const std::string& spec) {
  place.write("t.csv", kTopology);
  place.write("s.yaml", spec);
  return json_rows(place.run({"sweep", "s.yaml", "--json"}).out);
}

TEST_CASE("derived values are as if they had been written out") {
  const Workplace place;
  const auto rows = rows_of(place, kBoth +
                                       "set: {array.rows: [8, 16], clock_mhz: [500, 1000]}\n"
                                       "derive: {ub.kib: array.rows * 16, "
                                       "wb.tiles: \"min(ub.kib / 16, 12)\"}\n");
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["set"]["ub.kib"] == 128);
  CHECK(rows[0]["set"]["wb.tiles"] == 8);
  CHECK(rows[3]["set"]["ub.kib"] == 256);
  CHECK(rows[3]["set"]["wb.tiles"] == 12);
  const CommandResult run =
      place.run({"run", "--topology", "t.csv", "--set", "array.rows=8", "--set", "ub.kib=128",
                 "--set", "wb.tiles=8", "--set", "clock_mhz=500", "--json", "-"});
  CHECK(rows[0]["cycles"] == nlohmann::json::parse(run.out)["totals"]["cycles"]);
}

TEST_CASE("where drops points by keys, area and peak before they run") {
  const Workplace place;
  const std::string axes = kBoth +
                           "set:\n  array.rows: {from: 4, to: 32, step: x2}\n"
                           "  array.cols: [8, 32]\n  ub.kib: [64, 256]\nbatch: [1, 2]\n";
  const auto all = rows_of(place, axes);
  REQUIRE(all.size() == 4 * 2 * 2 * 2);
  const auto some = rows_of(place, axes +
                                       "where:\n  - array.rows * array.cols <= 512 and\n"
                                       "    (batch == 1 or ub.kib > 64)\n"
                                       "  - area_mm2 <= 4.5 and peak_tops >= 0.2\n");
  std::vector<nlohmann::json> wanted;
  for (auto row : all) {
    const auto& set = row["set"];
    const int rows = set["array.rows"], cols = set["array.cols"];
    if (rows * cols > 512 || (row["batch"] != 1 && set["ub.kib"] <= 64)) continue;
    if (row["area_mm2"] > 4.5 || row["peak_tops"] < 0.2) continue;
    row["point"] = wanted.size();
    wanted.push_back(row);
  }
  CHECK(wanted.size() > 2);
  CHECK(wanted.size() < 20);
  CHECK(some == wanted);
}

TEST_CASE("a result that fails a limit stays, says by how much, and is on no front") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml",
              kBoth +
                  "memory: [{kind: ideal, gb_per_s: 1}, {kind: ideal, gb_per_s: 16}]\n"
                  "set: {ub.kib: [0, 64]}\nrequire: latency_ms <= 0.0025 and batch <= 4\n");
  const CommandResult result =
      place.run({"sweep", "s.yaml", "-o", "out", "--json", "--allow-failed"});
  CHECK(result.err.find("points fail a limit\n") != std::string::npos);
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 4);
  CHECK(!rows[0].contains("failed_limits"));  // it could not be run
  REQUIRE(rows[1]["failed_limits"].size() == 1);
  CHECK(rows[1]["failed_limits"][0]["limit"] == "latency_ms <= 0.0025");
  CHECK(rows[1]["failed_limits"][0]["over"].get<double>() ==
        (rows[1]["latency_ms"].get<double>() - 0.0025) / 0.0025);
  CHECK(rows[3]["failed_limits"].empty());
  std::ifstream csv(place.path() / "out/sweep.csv");
  std::string header, first, second;
  std::getline(csv, header);
  std::getline(csv, first);
  std::getline(csv, second);
  CHECK(header.ends_with(
      ",derived_clock_mhz,top1,top1_error,metric,metric_error,images,failed_limits,reason"));
  CHECK(second.find(",latency_ms <= 0.0025 by ") != std::string::npos);
  const auto machines = [&] {
    return place
        .shell(
            "python3 -c \"import sqlite3\nfor r in sqlite3.connect('out/results.db').execute("
            "'SELECT machine FROM pareto'): print(r[0])\"")
        .out;
  };
  CHECK(machines() == "edge-16x16 memory.kind=ideal memory.gb_per_s=16 ub.kib=64\n");
  // Marks are those of the last sweep.
  place.write("s.yaml", kBoth +
                            "memory: [{kind: ideal, gb_per_s: 1}, {kind: ideal, gb_per_s: 16}]\n"
                            "set: {ub.kib: [64]}\nrequire: latency_ms >= 0.001\n");
  place.run({"sweep", "s.yaml", "-o", "out"});
  CHECK(machines() == "edge-16x16 memory.kind=ideal memory.gb_per_s=1 ub.kib=64\n");
}

TEST_CASE("a point whose lower bound fails a limit is not simulated, and says so") {
  const Workplace place;
  place.write("t.csv", kTopology);
  // 16 x 32 x 32: of an array of 8x16 at least 4 * 2 * 16 cycles, of one of 16x16 half of them.
  const std::string axes = kBoth +
                           "memory: [{kind: ideal, gb_per_s: 64}]\n"
                           "set: {array.rows: [8, 16]}\n";
  place.write("s.yaml", axes + "require: cycles <= 100 and area_mm2 <= 100\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "out", "--json"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.find("2 of 2 points fail a limit\n"
                        "1 of them by their lower bounds, and were not simulated\n") !=
        std::string::npos);
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["status"] == "excluded");
  CHECK(rows[0]["reason"] == "takes 128 cycles at least");
  REQUIRE(rows[0]["failed_limits"].size() == 1);
  CHECK(rows[0]["failed_limits"][0]["limit"] == "cycles <= 100");
  CHECK(rows[0]["failed_limits"][0]["over"] == 0.28);
  CHECK(!rows[0].contains("cycles"));
  CHECK(rows[1]["status"] == "finished");
  // It is no result: without the limit it runs, and with the limit what is known is taken.
  place.write("s.yaml", axes);
  const std::vector<std::string> more = {"sweep", "s.yaml", "-o", "out/results.db", "--json"};
  const CommandResult all = place.run(more);
  CHECK(all.err.find("1 of 2 points were there already\n") != std::string::npos);
  CHECK(json_rows(all.out)[0]["cycles"].get<int64_t>() >= 128);
  place.write("s.yaml", axes + "require: cycles <= 100\n");
  CHECK(json_rows(place.run(more).out)[0]["status"] == "finished");
}

TEST_CASE("a wrong expression is told with line and column") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const auto check = [&](const std::string& text, const std::string& message) {
    place.write("s.yaml", kBoth + text);
    check_refused(place, {"sweep", "s.yaml"}, 2, message);
  };
  check("where: array.rows <= \n", "s.yaml:3:21: found the end, expected a number or a key");
  check("where: array.row <= 4\n",
        "s.yaml:3:8: found 'array.row', expected a key, did you mean 'array.rows'?");
  check("where: \"array.rows <= 4 4\"\n",
        "s.yaml:3:25: found '4', expected 'and', 'or' or the end");
  check("where:\n  - array.rows <= 4\n  - array.rows <= 8 and\n    4 + 5\n",
        "s.yaml:6:5: found a number, expected a condition, such as a comparison with <=");
  check("where: >\n  array.rows <= 4\n  and batch + * 2\n",
        "s.yaml:5:15: found '*', expected a number or a key");
  check("where: latency_ms <= 4\n", "s.yaml:3:8: found 'latency_ms', expected a key");
  check("require: latency <= 4\n",
        "s.yaml:3:10: found 'latency', expected a key, did you mean 'latency_ms'?");
  check("where: array.rows > 1000\n", "s.yaml:3:8: where: drops all of the 1 points");
  check(
      "derive: {ub.kb: 4}\n",
      "s.yaml:3:10: unknown key 'ub.kb', expected one of an architecture, did you mean 'ub.kib'?");
  check("derive: {ub.kib: 4}\nset: {ub.kib: [64]}\n",
        "s.yaml:3:10: ub.kib: given elsewhere too, expected one of them");
  check("derive: {ub.kib: 4 / (batch - 1)}\n",
        "s.yaml:3:10: ub.kib: has no value for the point edge-16x16");
  check("where: memory.seed > 4\n",
        "s.yaml:3:8: memory.seed > 4: has no value for the point edge-16x16");
  check("derive: [ub.kib]\n",
        "s.yaml:3:1: derive: expected a map such as {ub.kib: array.rows * "
        "16}");
}

}  // namespace
}  // namespace systole
