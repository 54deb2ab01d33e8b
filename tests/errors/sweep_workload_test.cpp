// SPDX-License-Identifier: Apache-2.0
// Workloads: a row a machine for all networks, equal to what SQL says over the single points.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

// Nothing bounds the power: points run whatever their limit.
constexpr const char* kWorkload =
    "workload:\n"
    "  - {network: t.csv, weight: 0.6, batch: 2,\n"
    "     require: latency_ms + 0 * average_power_mw <= 0.0006}\n"
    "  - {network: u.csv, weight: 1.5, weights: 4}\n"
    "baseline: {name: edge-4x4, memory: ddr4-2400}\n";

void write_networks(const Workplace& place) {
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("u.csv", "Layer, M, N, K,\na, 64, 48, 32,\nb, 16, 16, 80,\n");
}

TEST_CASE("the rows of a workload are the sums that SQL makes of its points") {
  const Workplace place;
  write_networks(place);
  place.write("s.yaml", std::string(kWorkload) +
                            "architectures: [edge-16x16]\n"
                            "set:\n  array.rows: {from: 4, to: 32, step: x2}\n"
                            "  array.cols: [4, 8, 16, 32]\n  ub.kib: [64, 128, 256]\n"
                            "where: array.rows * array.cols <= 128 and array.rows < 32 and\n"
                            "  not (array.rows == 16 and array.cols == 8 and ub.kib > 128)\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "out", "--json"});
  CHECK(result.exit_code == 0);
  const auto all = json_rows(result.out);
  std::vector<nlohmann::json> points, groups;
  for (const auto& row : all) (row.contains("group") ? groups : points).push_back(row);
  REQUIRE(groups.size() > 20);
  REQUIRE(points.size() == 2 * groups.size());
  CHECK(groups[0]["architecture"] == "edge-4x4");
  CHECK(groups[0]["speedup"] == 1.0);
  CHECK(points[3]["weights"] == 4);
  CHECK(points[2]["batch"] == 2);
  size_t failing = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto &t = points[2 * g], &u = points[2 * g + 1];
    CHECK(groups[g]["point"] == 2 * g);
    const bool fails = t["latency_ms"] > 0.0006;
    failing += fails;
    CHECK(groups[g]["failed_limits"].size() == (fails ? 1 : 0));
    const double of_t = points[0]["latency_ms"].get<double>() / t["latency_ms"].get<double>();
    const double of_u = points[1]["latency_ms"].get<double>() / u["latency_ms"].get<double>();
    CHECK(groups[g]["worst"] == (of_u < of_t ? "u.csv" : "t.csv"));
    CHECK(groups[g]["worst_speedup"] == std::min(of_t, of_u));
  }
  CHECK(failing > 0);
  CHECK(failing < groups.size());

  // The table `groups` against sums over the single rows, and both against what was printed.
  place.write("check.py", R"(import json, sqlite3
database = sqlite3.connect("out/results.db")
sums = database.execute("""
  WITH base AS (SELECT member, p.latency_ms AS latency_ms FROM groups g JOIN group_members m ON m."group" = g.id
                JOIN points p ON p.id = m.point WHERE g.baseline)
  SELECT g.id, g.latency_ms, sum(m.weight * p.latency_ms),
    g.energy_per_inference_uj, sum(m.weight * p.energy_per_inference_uj),
    g.speedup, exp(sum(m.weight * ln(base.latency_ms / p.latency_ms)) / sum(m.weight)), g.area_mm2, min(p.area_mm2)
  FROM groups g JOIN group_members m ON m."group" = g.id JOIN points p ON p.id = m.point JOIN base USING (member)
  GROUP BY g.id ORDER BY g.id""").fetchall()
printed = [json.loads(line) for line in open("out/groups.jsonl")]
assert len(sums) == len(printed), (len(sums), len(printed))
for row, group in zip(sums, printed):
    for a, b in zip(row[1::2], row[2::2]):
        assert abs(a - b) <= 1e-12 * abs(b), row
    assert row[1] == group["latency_ms"] and row[5] == group["speedup"], (row, group)
view = database.execute("SELECT machine, failed_limits FROM workloads WHERE failed_limits IS NOT NULL").fetchall()
print(len(view), len(open("out/groups.csv").readlines()))
)");
  const CommandResult checked = place.shell("python3 check.py");
  CHECK(checked.err == "");
  CHECK(checked.out == std::to_string(failing) + " " + std::to_string(groups.size() + 1) + "\n");
  CHECK(place.run({"sweep", "s.yaml", "-o", "out", "--json", "-j", "1"}).out == result.out);
}

TEST_CASE("a machine with an excluded member is excluded, and its baseline runs") {
  const Workplace place;
  write_networks(place);
  place.write("s.yaml",
              "workload: [{network: t.csv, require: cycles <= 100}, {network: u.csv}]\n"
              "baseline: edge-4x4\narchitectures: [edge-16x16]\nset: {array.rows: [8]}\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  CHECK(result.exit_code == 0);
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 6);
  CHECK(rows[0]["status"] == "finished");
  CHECK(rows[2]["status"] == "excluded");
  CHECK(rows[3]["status"] == "finished");
  CHECK(rows[4]["status"] == "finished");
  CHECK(rows[5]["status"] == "excluded");
  CHECK(rows[5]["reason"] == "t.csv: takes 128 cycles at least");
  const CommandResult count = place.shell(
      "python3 -c \"import sqlite3\nprint(sqlite3.connect('r.db').execute('SELECT count(*) FROM "
      "groups').fetchall())\"");
  CHECK(count.out == "[(1,)]\n");
}

TEST_CASE("a baseline that is a machine of the space stands there once") {
  const Workplace place;
  write_networks(place);
  place.write("s.yaml",
              "workload: [{network: t.csv}]\nbaseline: {name: edge-16x16}\n"
              "architectures: [edge-4x4, edge-16x16]\n");
  const auto rows = json_rows(place.run({"sweep", "s.yaml", "--json"}).out);
  REQUIRE(rows.size() == 4);  // two points, two groups
  CHECK(rows[2]["architecture"] == "edge-16x16");
  CHECK(rows[3]["architecture"] == "edge-4x4");
  // Said in other words it is a row of its own; what others are compared with stays that.
  place.write("s.yaml",
              "workload: [{network: t.csv}]\nbaseline: {name: edge-16x16}\n"
              "architectures: [edge-16x16]\nset: {ub.kib: [128, 256]}\n");
  CHECK(json_rows(place.run({"sweep", "s.yaml", "-o", "r.db", "--json"}).out).size() == 6);
  const CommandResult count = place.shell(
      "python3 -c \"import sqlite3\nprint(sqlite3.connect('r.db').execute('SELECT count(*), "
      "sum(baseline) FROM groups').fetchall())\"");
  CHECK(count.out == "[(2, 1)]\n");
}

TEST_CASE("a workload of which a member fails says why, and its mistakes have a place") {
  const Workplace place;
  write_networks(place);
  place.write("s.yaml",
              "workload: [{network: t.csv}, {network: u.csv, prune: nm:2:4}]\n"
              "architectures: [edge-16x16]\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "--json"});
  CHECK(result.exit_code == 6);
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 3);
  CHECK(rows[2]["status"] == "failed");
  CHECK(rows[2]["reason"] == "u.csv: prune: a topology has no weights, expected an ONNX file");
  CHECK(!rows[2].contains("speedup"));
  const auto check = [&](const std::string& text, const std::string& message) {
    place.write("s.yaml", "architectures: [edge-16x16]\n" + text);
    check_refused(place, {"sweep", "s.yaml"}, 2, message);
  };
  check("workload: t.csv\n", "s.yaml:2:1: workload: expected a list of networks");
  check("workload: [t.csv]\n",
        "s.yaml:2:12: expected a map such as {network: a.onnx, weight: 0.6, batch: 1}");
  check("workload: [{network: t.csv, weight: 0}]\n",
        "s.yaml:2:37: weight: '0', expected a number above 0");
  check("workload: [{network: t.csv, require: latency_ms}]\n",
        "s.yaml:2:38: found a number, expected a condition, such as a comparison with <=");
  check("workload: [{network: t.csv}]\nbatch: [1]\n",
        "s.yaml:2:1: workload: says networks and their batches, expected no others");
  check("networks: [t.csv]\nbaseline: edge-4x4\n",
        "s.yaml:3:1: baseline: given without a workload that it is of");
}

}  // namespace
}  // namespace systole
