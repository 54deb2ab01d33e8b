// SPDX-License-Identifier: Apache-2.0
// The command sweep: rows for every point, the same for any number of workers, reasons for those
// that fail, and messages that name the line of a sweep file.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

/// Cycles by cause without those at work.
std::map<std::string, uint64_t> waits_of(const nlohmann::json& causes) {
  auto waits = causes.get<std::map<std::string, uint64_t>>();
  waits.erase("busy");
  return waits;
}

uint64_t most(const std::map<std::string, uint64_t>& waits) {
  uint64_t largest = 0;
  for (const auto& [cause, cycles] : waits) largest = std::max(largest, cycles);
  return largest;
}

TEST_CASE("a sweep has a row for each combination, whatever the number of workers") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml",
              "networks: [lenet.onnx, t.csv]\n"
              "architectures: [edge-16x16, {name: edge-4x4, queue.depth: 4}]\n"
              "set: {wb.tiles: [8, 16]}\n"
              "memory: [{kind: ideal, gb_per_s: 1}, {kind: ideal, gb_per_s: 4}]\n"
              "batch: [1, 3]\n");
  const CommandResult one = place.run({"sweep", "s.yaml", "-o", "one", "-j", "1"});
  CHECK(without_clock_warning(one.err) == "");
  CHECK(one.exit_code == 0);
  const CommandResult four = place.run({"sweep", "s.yaml", "-o", "four", "-j", "4", "--json"});
  CHECK(four.exit_code == 0);
  const std::string jsonl = read_file(place.path() / "one/sweep.jsonl");
  CHECK(jsonl == read_file(place.path() / "four/sweep.jsonl"));
  CHECK(jsonl == four.out);
  CHECK(read_file(place.path() / "one/sweep.csv") == read_file(place.path() / "four/sweep.csv"));

  const auto rows = json_rows(jsonl);
  REQUIRE(rows.size() == 2 * 2 * 2 * 2 * 2);
  for (size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].dump());
    CHECK(rows[i]["point"] == i);
    CHECK(rows[i]["status"] == "finished");
    CHECK(rows[i]["batch"] == (i % 2 == 0 ? 1 : 3));
    CHECK(rows[i]["set"]["memory.gb_per_s"] == (i / 2 % 2 == 0 ? 1 : 4));
    CHECK(rows[i]["set"]["wb.tiles"] == (i / 4 % 2 == 0 ? 8 : 16));
    CHECK(rows[i]["set"].contains("queue.depth") == (i / 8 % 2 == 1));
    CHECK(rows[i]["network"] == (i / 16 == 0 ? "lenet.onnx" : "t.csv"));
  }

  // A point is the run of its configuration alone.
  const CommandResult run = place.run({"run", "lenet.onnx", "--arch", "edge-4x4", "--batch", "3",
                                       "--set", "queue.depth=4", "--set", "wb.tiles=16", "--set",
                                       "memory.gb_per_s=1", "--json", "-"});
  CHECK(rows[8 + 4 + 1]["cycles"] == nlohmann::json::parse(run.out)["totals"]["cycles"]);
}

TEST_CASE("widths and prunings of a sweep are those of run, and a row that cannot be says why") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml",
              "networks: [lenet.onnx, t.csv]\n"
              "architectures: [edge-16x16]\n"
              "prune: [none, channel:0.5+nm:2:4]\n"
              "weights: [8, 4]\n"
              "activations: [8, 4]\n"
              "set: {precision.activation_bits: [8, 1]}\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "out", "--json"});
  CHECK(result.exit_code == 6);
  CHECK(without_clock_warning(result.err) == "12 of 32 points failed\n");
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 32);
  for (size_t i = 0; i < 16; ++i) {
    const bool pruned = i / 8 == 1, wide_array = i % 2 == 0;
    const int weights = i / 4 % 2 == 0 ? 8 : 4, activations = i / 2 % 2 == 0 ? 8 : 4;
    INFO(rows[i].dump());
    CHECK(rows[i]["prune"] == (pruned ? "channel:0.5+nm:2:4" : "none"));
    CHECK(rows[i]["weights"] == weights);
    CHECK(rows[i]["activations"] == activations);
    if (activations == 4 && wide_array) {
      CHECK(rows[i]["status"] == "failed");
      CHECK(rows[i]["reason"].get<std::string>().find("precision.activation_bits") !=
            std::string::npos);
      continue;
    }
    std::vector<std::string> alone = {
        "run",           "lenet.onnx",
        "--weights",     std::to_string(weights),
        "--activations", std::to_string(activations),
        "--set",         std::string("precision.activation_bits=") + (wide_array ? "8" : "1"),
        "--json",        "-"};
    if (pruned) alone.insert(alone.end(), {"--prune", "channel:0.5", "--prune", "nm:2:4"});
    const auto run = nlohmann::json::parse(place.run(alone).out);
    CHECK(rows[i]["cycles"] == run["totals"]["cycles"]);
    CHECK(rows[i]["effective_tops"] == run["totals"]["effective_tops"]);
    CHECK(rows[i]["bound_by"] == run["totals"]["lower_bound_cycles"]["largest"]);
    const auto waits = waits_of(run["totals"]["unit_cycles"]["mxu"]);
    CHECK(waits.at(rows[i]["largest_stall"].get<std::string>()) == most(waits));
    // 2:4 saves bytes as a mask, and no product without the option.
    const std::string lost = rows[i]["not_gained"].get<std::string>();
    CHECK((lost.find("2:4: holds in ") != std::string::npos) == pruned);
    CHECK(lost.find("zeros: ") != std::string::npos);
  }
  for (size_t i = 16; i < 32; ++i) {
    INFO(rows[i].dump());
    const bool as_given = i < 24;  // not pruned; its one layer has 8 bits in any case
    CHECK(rows[i]["status"] == (as_given ? "finished" : "failed"));
    if (as_given) CHECK(rows[i]["not_gained"] == "");
    if (!as_given)
      CHECK(rows[i]["reason"] == "prune: a topology has no weights, expected an ONNX file");
  }
}

TEST_CASE("a sweep stores a network's own integers in the bits that run does") {
  const Workplace place;
  place.write("own.onnx", test_data("lowbit/lenet_fmnist_w4a4.qonnx.onnx"));
  place.write("s.yaml", "networks: [own.onnx]\narchitectures: [edge-16x16]\n");
  const auto rows = json_rows(place.run({"sweep", "s.yaml", "--json"}).out);
  REQUIRE(rows.size() == 1);
  const CommandResult run = place.run({"run", "own.onnx", "--json", "-"});
  CHECK(rows[0]["cycles"] == nlohmann::json::parse(run.out)["totals"]["cycles"]);
}

TEST_CASE("a point that fails is a row with its reason, and the others are run") {
  const Workplace place;
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml",
              "networks: [t.csv]\narchitectures: [edge-16x16]\nset:\n  ub.kib: [0, 64]\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "out", "--json"});
  CHECK(result.exit_code == 6);
  CHECK(without_clock_warning(result.err) == "1 of 2 points failed\n");
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["status"] == "failed");
  CHECK(rows[0]["reason"] == "--set ub.kib=0: ub.kib: 0 is outside 1..65536");
  CHECK(!rows[0].contains("cycles"));
  CHECK(rows[1]["status"] == "finished");
  std::istringstream csv(read_file(place.path() / "out/sweep.csv"));
  std::string header, failed;
  std::getline(csv, header);
  std::getline(csv, failed);
  CHECK(
      header.starts_with("point,network,weights,activations,prune,architecture,ub.kib,batch,status,"
                         "cycles,latency_ms,"));
  CHECK(failed.starts_with("0,t.csv,8,8,none,edge-16x16,0,1,failed,,"));
}

TEST_CASE("a sweep file that is wrong is named with its line and column") {
  const Workplace place;
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  const auto check = [&](const std::string& text, const std::string& message) {
    place.write("s.yaml", text);
    check_refused(place, {"sweep", "s.yaml"}, 2, message);
  };
  const std::string archs = "architectures: [edge-16x16]\n";
  check("networks: [t.csv]\n", "s.yaml: architectures: missing, a sweep must name some");
  check(archs, "s.yaml: networks: missing, a sweep must name some");
  check(archs + "networks: [t.csv, none.onnx]\n", "s.yaml:2:19: none.onnx: no such file");
  check(
      archs + "network: [t.csv]\n",
      "s.yaml:2:1: unknown key 'network', expected networks, architectures, weights, activations, "
      "precision, prune, set, memory, batch, repeat, calib_method, host_fallback, energy, data, "
      "calib, metric, metric_command, points, samples, seed, sampling, derive, where, require, "
      "workload or baseline");
  check(archs + "networks: t.csv\n", "s.yaml:2:1: networks: expected a list");
  check(archs + "networks: [t.csv]\nbatch: [1, 0]\n",
        "s.yaml:3:12: batch: '0', expected a whole number in 1..4096");
  check("networks: [t.csv]\narchitectures: [{array.rows: 4}]\n",
        "s.yaml:2:17: name: missing, expected an architecture");
  check(
      archs + "networks: [t.csv]\nmemory: [[]]\n",
      "s.yaml:3:10: memory: expected a map such as {kind: ideal, gb_per_s: 16}, or a name such as "
      "ddr4-2400");
  const std::string both = archs + "networks: [t.csv]\n";
  check(both + "weights:\n  - 8\n  - 3\n", "s.yaml:5:5: weights: '3', expected 8, 4, 2 or 1 bits");
  check(both + "weights: 4\n", "s.yaml:3:1: weights: expected a list");
  check(both + "activations: [{}]\n", "s.yaml:3:15: activations: '', expected 8, 4, 2 or 1 bits");
  check(both + "prune: [none, nm:3:4]\n",
        "s.yaml:3:15: prune: nm:3:4: expected nm:2:4, nm:1:4 or nm:1:2");
  check(both + "prune:\n  - nm:2:4\n  - nm:2:4+channel:2\n",
        "s.yaml:5:5: prune: channel:2: amount 2 is outside (0, 1)");
  check(both + "prune: [[]]\n", "s.yaml:3:9: expected none, or what --prune takes");
  check_refused(place, {"sweep", "none.yaml"}, 2, "none.yaml: no such file");
}

}  // namespace
}  // namespace systole
