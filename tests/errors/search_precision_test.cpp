// SPDX-License-Identifier: Apache-2.0
// The command search-precision: what it writes is what it says and what the other commands find,
// and requests that cannot be fulfilled.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/errors/command.h"
#include "tests/errors/energy_tables.h"

namespace systole {
namespace {

const std::string kLeNet = test_data_path("lenet_fmnist.onnx");
const std::string kCalibration = test_data_path("lenet_calib.yaml");

CommandResult search(const Workplace& place, const std::string& name,
                     std::vector<std::string> more) {
  std::vector<std::string> arguments = {
      "search-precision", kLeNet, "--calib", kCalibration,   "--budget", "20",
      "--max-loss",       "1.5",  "-o",      name + ".yaml", "--csv",    name + ".csv"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return place.run(arguments);
}

TEST_CASE("a search is the same with any number of workers, and its policy gives what it says") {
  const Workplace place;
  const std::string objective = GENERATE("latency", "dram");
  const std::vector<std::string> common = {"--objective", objective, "--calib-method", "mse"};
  std::vector<std::string> one = common, three = common;
  one.insert(one.end(), {"-j", "1", "--json", "one.json"});
  three.insert(three.end(), {"-j", "3", "--json", "three.json"});
  const CommandResult first = search(place, "one", one);
  CHECK(first.err == "");
  REQUIRE(first.exit_code == 0);
  const CommandResult second = search(place, "three", three);
  CHECK(second.out == first.out);
  CHECK(read_file(place.path() / "one.yaml") == read_file(place.path() / "three.yaml"));
  CHECK(read_file(place.path() / "one.csv") == read_file(place.path() / "three.csv"));
  CHECK(read_file(place.path() / "one.json") == read_file(place.path() / "three.json"));

  const auto json = nlohmann::json::parse(read_file(place.path() / "one.json"));
  const auto& points = json["points"];
  const char* const cost = objective == "dram" ? "dram_bytes" : "cycles";
  for (const auto& i : json["front"]) {
    for (const auto& other : points) {
      const auto& point = points[i.get<size_t>()];
      const bool beaten =
          other["credited_top1"] >= point["credited_top1"] && other[cost] <= point[cost] &&
          (other["credited_top1"] > point["credited_top1"] || other[cost] < point[cost]);
      CHECK(!beaten);
    }
  }
  const auto& chosen = points[json["chosen"].get<size_t>()];
  CHECK(chosen["within_bound"] == true);
  CHECK(chosen[cost] < points[0][cost]);
  CHECK(chosen["top1"].get<double>() >= points[0]["top1"].get<double>() - 1.5);

  // The costs with nothing but the policy, the accuracy with the same calibration.
  const auto run = nlohmann::json::parse(
      place.run({"run", kLeNet, "--precision", "one.yaml", "--json", "-"}).out);
  CHECK(run["totals"]["cycles"] == chosen["cycles"]);
  CHECK(run["totals"]["dram_bytes"]["total"] == chosen["dram_bytes"]);
  const CommandResult accuracy =
      place.run({"accuracy", kLeNet, "--data", kCalibration, "--calib", kCalibration,
                 "--calib-method", "mse", "--precision", "one.yaml"});
  CHECK(accuracy.out.find(fmt::format("top-1 {:.2f} %", chosen["top1"].get<double>()),
                          accuracy.out.find("\nw")) != std::string::npos);
}

TEST_CASE("a search tells the energy, and tests its result on other images") {
  const Workplace place;
  const CommandResult result =
      search(place, "out",
             {"--objective", "energy", "--data", test_data_path("lenet.yaml"), "--limit", "50",
              "--json", "-"});
  CHECK(without_clock_warning(result.err) == "");
  const auto json = nlohmann::json::parse(result.out);
  const auto& chosen = json["points"][json["chosen"].get<size_t>()];
  const auto run = nlohmann::json::parse(
      place.run({"run", kLeNet, "--precision", "out.yaml", "--energy", "--json", "-"}).out);
  CHECK(run["totals"]["cycles"] == chosen["cycles"]);
  CHECK(run["energy"]["per_inference_pj"].get<double>() * 1e-6 ==
        chosen["energy_per_inference_uj"].get<double>());
  CHECK(json["energy_table"] == "horowitz-45nm");
  CHECK(json["test"]["images"] == 50);
  CHECK(json["test"]["points"].back()["point"] == json["chosen"]);
}

TEST_CASE("what is chosen jointly is what the other commands find with its policy and pruning") {
  // Without narrow weights shared values are what saves bytes.
  const std::vector<std::string> machine = {"--set", "precision.weight_bits=8"};
  const Workplace place;
  const CommandResult result = search(
      place, "joint",
      {"--objective", "dram", "--prunes", "nm:2:4,codebook:16,unstructured:0.5", "--narrow-inputs",
       "--generations", "24", "--json", "joint.json", machine[0], machine[1]});
  CHECK(result.err == "");
  REQUIRE(result.exit_code == 0);
  const auto json = nlohmann::json::parse(read_file(place.path() / "joint.json"));
  const auto& chosen = json["points"][json["chosen"].get<size_t>()];
  REQUIRE(!json["chosen_prune"].empty());
  std::vector<std::string> choice = {machine[0], machine[1], "--precision", "joint.yaml"};
  for (const auto& request : json["chosen_prune"]) {
    choice.insert(choice.end(), {"--prune", request.get<std::string>()});
    CHECK(read_file(place.path() / "joint.yaml")
              .find("--prune \"" + request.get<std::string>() + "\"") != std::string::npos);
  }
  std::vector<std::string> run = {"run", kLeNet, "--json", "-"};
  run.insert(run.end(), choice.begin(), choice.end());
  const auto totals = nlohmann::json::parse(place.run(run).out)["totals"];
  CHECK(totals["cycles"] == chosen["cycles"]);
  CHECK(totals["dram_bytes"]["total"] == chosen["dram_bytes"]);
  std::vector<std::string> accuracy = {"accuracy",   kLeNet,    "--data",
                                       kCalibration, "--calib", kCalibration};
  accuracy.insert(accuracy.end(), choice.begin(), choice.end());
  const std::string told = place.run(accuracy).out;
  CHECK(told.find(fmt::format("top-1 {:.2f} %", chosen["top1"].get<double>()), told.find("\nw")) !=
        std::string::npos);
  // For each point of the front of widths one of the whole front costs no more and is no worse;
  // for some it is better.
  bool is_better = false;
  for (const auto& narrow : json["front_of_widths"]) {
    const auto& point = json["points"][narrow.get<size_t>()];
    bool is_covered = false;
    for (const auto& i : json["front"]) {
      const auto& other = json["points"][i.get<size_t>()];
      if (other["dram_bytes"] > point["dram_bytes"] ||
          other["credited_top1"] < point["credited_top1"])
        continue;
      is_covered = true;
      is_better |= other["credited_top1"] > point["credited_top1"];
    }
    CHECK(is_covered);
  }
  CHECK(is_better);
}

TEST_CASE("what search-precision cannot do is one line") {
  const Workplace place;
  const std::string kNothing =
      "no layer can have other widths (without --all-layers the first and the last layer keep 8 "
      "bits; layers whose integers the network states keep those)";
  const auto check = [&](const std::vector<std::string>& more, int exit_code,
                         const std::string& message) {
    std::vector<std::string> arguments = {"search-precision", kLeNet, "--calib", kCalibration};
    arguments.insert(arguments.end(), more.begin(), more.end());
    check_refused(place, arguments, exit_code, message);
  };
  check({"--max-loss", "-1"}, 2, "--max-loss -1: expected points of accuracy in 0..100");
  check({"--max-loss", "nan"}, 2, "--max-loss nan: expected points of accuracy in 0..100");
  check({"--objective", "area"}, 2,
        "--objective: unknown value 'area', expected one of latency, energy, dram (see systole "
        "search-precision --help)");
  check({"--data", kCalibration}, 2,
        kCalibration +
            ": --data: is the calibration data, expected images that the search does "
            "not see");
  check({"--set", "precision.weight_bits=8", "--set", "precision.activation_bits=8"}, 2, kNothing);
  check({"--prunes", "nm:2:4,channel:0.5"}, 2,
        "--prunes channel:0.5: expected kinds that leave other layers alone, without a pattern: "
        "unstructured, nm, block, vector, kernel, codebook (others with --prune, for all choices)");
  check({"--prunes", "much"}, 2,
        "--prune much: unknown kind 'much', expected unstructured, global-unstructured, nm, block, "
        "vector, kernel, channel, lowrank or codebook");
  check({"--energy", "none"}, 2, unknown_energy_table("none"));
  check({"-o", "nowhere/policy.yaml"}, 2,
        "nowhere/policy.yaml: cannot be written: there is no directory nowhere");
  check({"--set", "memory.size_mib=1", "--batch", "4096"}, 3,
        "network 'lenet_fmnist' needs 38372864 bytes of DRAM, memory.size_mib gives 1 MiB");
  check_refused(place, {"search-precision", kLeNet}, 2,
                "--calib is required (see systole search-precision --help)");
  check_refused(place, {"search-precision", "none.onnx", "--calib", kCalibration}, 2,
                "none.onnx: cannot open the network");
  check_refused(place, {"search-precision", "net.sysb", "--calib", kCalibration}, 2,
                "net.sysb: expected an ONNX file");
  for (const char* file :
       {"lowbit/lenet_fmnist_w2a2.qonnx.onnx", "quantised/lenet_qdq_biasscale16.onnx"}) {
    const std::string own = test_data_path(file);
    check_refused(place, {"search-precision", own, "--calib", kCalibration}, 2,
                  own + ": the network states all its scales, there are no widths to choose");
  }

  place.write("images.npy", test_data("fmnist_calib_images_u8.npy"));
  place.write("calib.yaml", "images: images.npy\nscale: 1/255\n");
  check_refused(place, {"search-precision", kLeNet, "--calib", "calib.yaml"}, 2,
                "calib.yaml: labels: missing, search-precision needs one for each image");
  check({"--data", "calib.yaml"}, 2,
        "calib.yaml: labels: missing, search-precision needs one for each image");
}

}  // namespace
}  // namespace systole
