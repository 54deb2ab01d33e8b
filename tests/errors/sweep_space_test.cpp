// SPDX-License-Identifier: Apache-2.0
// The space of a sweep: ranges, points, samples, networks that say something for themselves, and
// mistakes of the file, which are told before anything runs.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\n";
const std::string kBoth = "networks: [t.csv]\narchitectures: [edge-16x16]\n";

std::vector<nlohmann::json> rows_of(const Workplace& place, const std::string& spec) {
  place.write("t.csv", kTopology);
  place.write("s.yaml", spec);
  const CommandResult result = place.run({"sweep", "s.yaml", "--json"});
  CHECK(without_clock_warning(result.err) == "");
  return json_rows(result.out);
}

TEST_CASE("a range stands for the list of its values") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("list.yaml", kBoth +
                               "set:\n  ub.kib: [32, 64, 128]\n  wb.tiles: [4, 8, 12, 20]\n"
                               "batch: [1, 4, 16]\n");
  place.write("range.yaml", kBoth +
                                "set:\n  ub.kib: {from: 32, to: 128, step: x2}\n"
                                "  wb.tiles: [{from: 4, to: 15, step: 4}, 20]\n"
                                "batch: {from: 1, to: 16, step: x4}\n");
  const CommandResult list = place.run({"sweep", "list.yaml", "--json"});
  CHECK(list.exit_code == 0);
  CHECK(json_rows(list.out).size() == 3 * 4 * 3);
  CHECK(place.run({"sweep", "range.yaml", "--json"}).out == list.out);
}

TEST_CASE("points of a list are bundles of keys, or say all of themselves") {
  const Workplace place;
  const auto bundles = rows_of(place, kBoth +
                                          "points:\n"
                                          "  - {ub.kib: 32, batch: 4}\n"
                                          "  - {ub.kib: 64, batch: 8, memory: ddr4-2400}\n"
                                          "set: {wb.tiles: [8, 16]}\n");
  REQUIRE(bundles.size() == 4);
  CHECK(bundles[1]["batch"] == 4);
  CHECK(bundles[1]["set"] == nlohmann::json{{"ub.kib", 32}, {"wb.tiles", 16}});
  CHECK(bundles[2]["batch"] == 8);
  CHECK(bundles[2]["set"]["memory.preset"] == "ddr4-2400");
  const auto alone = rows_of(place,
                             "points:\n"
                             "  - {network: t.csv, architecture: edge-4x4}\n"
                             "  - {network: t.csv, architecture: edge-16x16, weights: 4}\n");
  REQUIRE(alone.size() == 2);
  CHECK(alone[0]["architecture"] == "edge-4x4");
  CHECK(alone[1]["weights"] == 4);
}

TEST_CASE("a memory by its name is that of run") {
  const Workplace place;
  const auto rows =
      rows_of(place, kBoth + "memory: [ddr4-2400, ideal, {kind: ddr, preset: hbm3}]\n");
  REQUIRE(rows.size() == 3);
  const auto run = [&](const char* memory) {
    return nlohmann::json::parse(
        place.run({"run", "--topology", "t.csv", "--memory", memory, "--json", "-"})
            .out)["totals"]["cycles"];
  };
  CHECK(rows[0]["cycles"] == run("ddr4-2400"));
  CHECK(rows[1]["cycles"] == run("ideal"));
  CHECK(rows[2]["cycles"] == run("hbm3"));
}

TEST_CASE("the clock of a sweep may be derived, and rows say whether it is") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", kBoth + "set: {clock_mhz: [1000, auto, auto-28nm, 300]}\n");
  const CommandResult result = place.run({"sweep", "s.yaml", "--json"});
  CHECK(result.err ==
        "warning: the given clock of 1 of 4 points is above the one derived at the node of the "
        "table of energies, up to 1.8 times\n");
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 4);
  const std::vector<std::string> sources = {"given", "derived at 45 nm", "derived at 28 nm",
                                            "given"};
  for (size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i]["clock"] == sources[i]);
    CHECK(rows[i]["derived_clock_mhz"] == rows[1]["core_clock_mhz"]);
    CHECK(rows[i].contains("warnings") == (i == 0));
    CHECK(rows[i]["latency_ms"].get<double>() ==
          Approx(rows[i]["cycles"].get<double>() / rows[i]["core_clock_mhz"].get<double>() / 1e3));
  }
  CHECK(rows[1]["core_clock_mhz"].get<double>() == Approx(555.556));
  CHECK(rows[2]["core_clock_mhz"].get<double>() == Approx(892.857));
  place.write("bad.yaml", kBoth + "set: {clock_mhz: [auto-3nm]}\n");
  check_refused(place, {"sweep", "bad.yaml"}, 2,
                "bad.yaml:3:19: clock_mhz: 'auto-3nm' is no derived clock, expected auto or "
                "auto-NODE with a node of 45nm, 28nm, 16nm, 7nm");
  place.write("seven.yaml", kBoth + "set: {clock_mhz: [1000]}\nenergy: tpuv4i-7nm\n");
  CHECK(place.run({"sweep", "seven.yaml", "--json"}).err == "");  // 2500 MHz at 7 nm
}

TEST_CASE("what a network says for itself no list of the sweep changes") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  const auto rows = rows_of(place,
                            "networks:\n"
                            "  - {file: lenet.onnx, weights: 4, batch: 8, prune: nm:2:4}\n"
                            "  - lenet.onnx\n"
                            "architectures: [edge-16x16]\n"
                            "weights: [8, 2]\nbatch: [1, 2, 3]\n");
  REQUIRE(rows.size() == 1 + 2 * 3);
  CHECK(rows[0]["weights"] == 4);
  CHECK(rows[0]["batch"] == 8);
  CHECK(rows[0]["prune"] == "nm:2:4");
  CHECK(rows[6]["weights"] == 2);
  CHECK(rows[6]["batch"] == 3);
  CHECK(rows[6]["prune"] == "none");
  CHECK(!rows[6].contains("shape"));
}

TEST_CASE("methods of calibration, host fallback, tables and shapes may be varied") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  const auto rows = rows_of(place,
                            "networks: [{file: lenet.onnx, shape: \"input=1,1,28,28\"}]\n"
                            "architectures: [edge-16x16]\n"
                            "calib_method: [min-max, mse]\n"
                            "host_fallback: [false, true]\n"
                            "energy: [horowitz-45nm, tpuv4i-7nm]\n");
  REQUIRE(rows.size() == 8);
  CHECK(rows[0]["shape"] == "input=1,1,28,28");
  CHECK(rows[0]["calib_method"] == "min-max");
  CHECK(rows[4]["calib_method"] == "mse");
  CHECK(rows[2]["host_fallback"] == true);
  CHECK(rows[1]["energy_table"] != rows[0]["energy_table"]);
}

TEST_CASE("policies of widths are an axis, and give what run does with them") {
  const Workplace place;
  const std::string net = test_data_path("lenet_fmnist.onnx");
  place.write("w4.yaml", "layers: [{name: \"/fc*\", weights: 4, activations: 4}]\n");
  const auto rows = rows_of(place, "networks: [" + net +
                                       "]\narchitectures: [edge-16x16]\n"
                                       "precision: [none, w4.yaml]\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["precision"] == "none");
  CHECK(rows[1]["precision"] == "w4.yaml");
  CHECK(rows[1]["cycles"] < rows[0]["cycles"]);
  const auto run =
      nlohmann::json::parse(place.run({"run", net, "--precision", "w4.yaml", "--json", "-"}).out);
  CHECK(rows[1]["cycles"] == run["totals"]["cycles"]);
  place.write("s.yaml", kBoth + "precision: [none, w4.yaml]\n");
  const auto topology = json_rows(place.run({"sweep", "s.yaml", "--json"}).out);
  REQUIRE(topology.size() == 2);
  CHECK(topology[0]["status"] == "finished");
  CHECK(topology[1]["reason"] ==
        "precision: a topology has no policy, expected weights and activations");
  place.write("s.yaml", kBoth + "precision: [none, w5.yaml]\n");
  check_refused(place, {"sweep", "s.yaml"}, 2, "s.yaml:3:19: precision: w5.yaml: no such file");
}

TEST_CASE("samples are of the product, the same for a seed, each once") {
  const Workplace place;
  const std::string axes = kBoth +
                           "set:\n  ub.kib: {from: 16, to: 256, step: 16}\n"
                           "  wb.tiles: {from: 2, to: 16, step: 2}\nbatch: [1, 2, 3, 4]\n";
  const auto some = rows_of(place, axes + "samples: 24\nseed: 7\n");
  CHECK(some.size() == 24);
  CHECK(some == rows_of(place, axes + "samples: 24\nseed: 7\nsampling: random\n"));
  CHECK(some != rows_of(place, axes + "samples: 24\nseed: 8\n"));
  std::set<std::string> different;
  for (const auto& row : some) different.insert(row["set"].dump() + row["batch"].dump());
  CHECK(different.size() == 24);
  // 32 samples of 16 x 8 x 4: each value twice, four times, eight times.
  const auto even = rows_of(place, axes + "samples: 32\nsampling: latin-hypercube\n");
  REQUIRE(even.size() == 32);
  std::map<int, int> kib, tiles, batches;
  for (const auto& row : even) {
    ++kib[row["set"]["ub.kib"].get<int>()];
    ++tiles[row["set"]["wb.tiles"].get<int>()];
    ++batches[row["batch"].get<int>()];
  }
  for (const auto& [value, count] : kib) CHECK(count == 2);
  for (const auto& [value, count] : tiles) CHECK(count == 4);
  for (const auto& [value, count] : batches) CHECK(count == 8);
  // More than there are: all.
  CHECK(rows_of(place, kBoth + "batch: [1, 2]\nsamples: 5\n").size() == 2);
}

TEST_CASE("a mistake of the space is told at once, with line and column") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const auto check = [&](const std::string& text, const std::string& message) {
    place.write("s.yaml", text);
    check_refused(place, {"sweep", "s.yaml"}, 2, message);
  };
  check(kBoth + "set: {ub.kb: [64]}\n",
        "s.yaml:3:7: unknown key 'ub.kb', expected one of an architecture, did you mean 'ub.kib'?");
  check(kBoth + "set: {ub.kib: [64, big]}\n", "s.yaml:3:20: ub.kib: 'big' is not a whole number");
  check(kBoth + "set:\n  clock_mhz: [fast]\n", "s.yaml:4:15: clock_mhz: 'fast' is not a number");
  check("networks: [t.csv]\narchitectures: [{name: edge-16x16, colour: 1}]\n",
        "s.yaml:2:36: unknown key 'colour', expected one of an architecture");
  check(kBoth + "batch: {from: 1, to: 8}\n", "s.yaml:3:8: step: missing, a range must state it");
  check(kBoth + "batch: {from: 1, to: 8, step: x1}\n",
        "s.yaml:3:31: x1, expected a step above 0, such as 16, or a factor above 1, such as x2");
  check(kBoth + "batch: {from: 9, to: 8, step: 1}\n",
        "s.yaml:3:8: a range from 9 to 8 has no values");
  check(kBoth + "batch: {from: 1, till: 8, step: 1}\n",
        "s.yaml:3:18: unknown key 'till' of a range, expected from, to and step");
  check(kBoth + "points: [{batch: 2}]\nbatch: [1]\n",
        "s.yaml:3:10: batch: given by this point and by a list of its own, expected one of them");
  check("networks: [t.csv]\npoints: [{architecture: edge-4x4}, {batch: 2}]\n",
        "s.yaml: architectures: missing, a sweep must name some");
  check("networks: [{weights: 4}]\narchitectures: [edge-4x4]\n",
        "s.yaml:1:12: file: missing, expected that of a network");
  check("networks: [{file: t.csv, colour: red}]\narchitectures: [edge-4x4]\n",
        "s.yaml:1:26: unknown key 'colour' of a network, expected file, weights, activations, "
        "precision, prune, batch, repeat, shape, calib_method, host_fallback, data, calib, "
        "metric, metric_command");
  check(kBoth + "calib_method: [mean]\n",
        "s.yaml:3:16: calib_method: 'mean', expected one of min-max, percentile, mse, entropy");
  check(kBoth + "samples: none\n",
        "s.yaml:3:10: samples: 'none', expected a whole number in "
        "1..1000000");
  check(kBoth + "sampling: grid\n",
        "s.yaml:3:11: sampling: 'grid', expected random or latin-hypercube");
  // Names that are unknown list those that are known.
  const auto begins = [&](const std::string& text, const std::string& message) {
    place.write("s.yaml", text);
    const CommandResult result = place.run({"sweep", "s.yaml"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.substr(0, message.size()) == message);
  };
  begins("networks: [t.csv]\narchitectures: [edge-16x16, edge-17]\n",
         "systole: s.yaml:2:29: unknown architecture 'edge-17': expected a YAML file or one of ");
  begins(kBoth + "memory: [ddr4-2401]\n", "systole: s.yaml:3:10: memory: ");
  begins(kBoth + "energy: none-7nm\n", "systole: s.yaml:3:9: unknown ");
}

}  // namespace
}  // namespace systole
