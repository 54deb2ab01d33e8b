// SPDX-License-Identifier: Apache-2.0
// --host-fallback on the command line: what it writes, what it is refused with.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "compiler/data/npy.h"
#include "sim/numpy/npy_writer.h"
#include "tests/errors/command.h"
#include "tests/unit/json_schema.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

/// conv, LRN, conv, softmax: two stages of the accelerator and two of the host.
std::string network() {
  std::mt19937 rng(3);
  test::OnnxBuilder b;
  b.input("x", {1, 3, 4, 4}).random("w", {4, 3, 3, 3}, rng).random("v", {2, 4, 4, 4}, rng);
  b.node("Conv", {"x", "w"}, "c").set("pads", test::Dims{1, 1, 1, 1});
  b.node("LRN", {"c"}, "l").set("size", 3);
  b.node("Conv", {"l", "v"}, "d");
  b.node("Softmax", {"d"}, "y").set("axis", 1);
  b.output("y");
  return b.bytes();
}

}  // namespace

TEST_CASE("a run with the host's help tells stages, work and transfers, and writes its programs") {
  const Workplace place;
  place.write("net.onnx", network());
  place.write("x.npy", numpy::to_npy(std::vector<float>(48, 0.5f), {1, 3, 4, 4}));
  const CommandResult run = place.run({"run", "net.onnx", "--host-fallback", "--arch", "edge-4x4",
                                       "--engine", "both", "--input", "x.npy", "-o", "out"});
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out.find("2      host                                             1 LRN\n") !=
        std::string::npos);
  // 4x4x4 bytes from the first stage to LRN and back, 2 to the softmax.
  CHECK(run.out.find("transfers         66 B to the host and 64 B from it, not in the cycles") !=
        std::string::npos);
  CHECK(run.out.find("host work         2 nodes, 0 MACs (0.00 % of the network's), 66 elements of "
                     "results (50.00 %); the host's time is not modelled") != std::string::npos);
  CHECK(run.out.find("RTL and model agree") != std::string::npos);
  CHECK(std::filesystem::exists(place.path() / "out/stage-1.sysb"));
  CHECK(std::filesystem::exists(place.path() / "out/stage-3.sysb"));
  CHECK(std::filesystem::exists(place.path() / "out/y.npy"));
  const auto json = nlohmann::json::parse(std::ifstream(place.path() / "out/result.json"));
  const auto schema =
      nlohmann::json::parse(std::ifstream(SYSTOLE_SOURCE_DIR "/docs/result.schema.json"));
  CHECK(schema_violation(json, schema) == "");
  uint64_t cycles = 0;
  for (const auto& stage : json["host_fallback"]["stages"])
    cycles += stage.value("cycles", uint64_t{0});
  CHECK(json["totals"]["cycles"] == cycles);
  CHECK(json["totals"]["useful_macs"] == 16 * 4 * 27 + 2 * 64);
}

TEST_CASE("an output without elements needs nothing of the network, with the host's help") {
  const Workplace place;
  test::OnnxBuilder b;
  b.input("x", {1, 2, 4, 4}).ints("zero", {1}, {0}).ints("axis", {1}, {2});
  b.node("Relu", {"x"}, "r");
  b.node("Slice", {"r", "zero", "zero", "axis"}, "s");
  b.node("Relu", {"s"}, "y");
  b.output("y");
  place.write("net.onnx", b.bytes());
  place.write("x.npy", numpy::to_npy(std::vector<float>(32, 1.0f), {1, 2, 4, 4}));
  check_refused(place, {"run", "net.onnx", "--json", "-"}, 3,
                "net.onnx: output 'y': constant (--host-fallback would run it on the host)");
  const CommandResult run =
      place.run({"run", "net.onnx", "--host-fallback", "--input", "x.npy", "-o", "out"});
  CHECK(run.exit_code == 0);
  CHECK(data::read_npy(place.path() / "out/y.npy").shape == std::vector<int64_t>{1, 2, 0, 4});
}

TEST_CASE("compile writes a program for each stage of the accelerator") {
  const Workplace place;
  place.write("net.onnx", network());
  const CommandResult compiled =
      place.run({"compile", "net.onnx", "--host-fallback", "-o", "n.sysb"});
  CHECK(compiled.exit_code == 0);
  CHECK(place.left_behind() == std::vector<std::string>{"n-1.sysb", "n-3.sysb"});
}

/// A data set of `n` labelled items for network(), named `name`.yaml.
void write_items(const Workplace& place, const std::string& name, int64_t n) {
  std::mt19937 rng(static_cast<unsigned>(n));
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<float> items(static_cast<size_t>(48 * n));
  for (float& element : items) element = value(rng);
  std::vector<int8_t> labels(static_cast<size_t>(n));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int8_t>(i % 2);
  place.write(name + "_items.npy", numpy::to_npy(items, {n, 3, 4, 4}));
  place.write(name + "_labels.npy", numpy::to_npy(labels, {n}));
  place.write(name + ".yaml", "images: " + name + "_items.npy\nlabels: " + name + "_labels.npy\n");
}

TEST_CASE("changes of the hardware are tried for all stages together") {
  const Workplace place;
  place.write("net.onnx", network());
  const CommandResult run =
      place.run({"run", "net.onnx", "--host-fallback", "--explain", "--json", "-"});
  REQUIRE(run.exit_code == 0);
  const auto json = nlohmann::json::parse(run.out);
  const auto changed = [&](const std::string& name) {
    for (const auto& change : json["hardware_changes"])
      if (change["change"] == name) return change["cycles"].get<uint64_t>();
    return uint64_t{0};
  };
  const CommandResult wide =
      place.run({"run", "net.onnx", "--host-fallback", "--set", "array.cols=32", "--json", "-"});
  CHECK(changed("array.cols 16 -> 32") ==
        nlohmann::json::parse(wide.out)["totals"]["cycles"].get<uint64_t>());
}

TEST_CASE("each stage of the accelerator has a waveform, a window has those at work in it") {
  const Workplace place;
  place.write("net.onnx", network());
  const auto waves = [&](const std::vector<std::string>& window, const std::string& folder) {
    std::vector<std::string> arguments = {
        "run", "net.onnx", "--host-fallback", "--arch", "edge-4x4", "--engine", "rtl", "--wave"};
    arguments.insert(arguments.end(), window.begin(), window.end());
    arguments.insert(arguments.end(), {"-o", folder});
    const CommandResult run = place.run(arguments);
    INFO(run.err);
    CHECK(run.exit_code == 0);
    std::string found;
    for (const char* file : {"waves-1.fst", "waves-2.fst", "waves-3.fst"})
      if (std::filesystem::exists(place.path() / folder / file)) found += std::string(file) + " ";
    return found;
  };
  const auto cycles = [&](size_t stage) {
    const auto json = nlohmann::json::parse(std::ifstream(place.path() / "all/result.json"));
    return json["host_fallback"]["stages"][stage]["cycles"].get<uint64_t>();
  };
  CHECK(waves({}, "all") == "waves-1.fst waves-3.fst ");
  const uint64_t first = cycles(0), all = first + cycles(2);
  CHECK(waves({"0:" + std::to_string(first)}, "first") == "waves-1.fst ");
  CHECK(waves({fmt::format("{}:{}", first - 1, first + 1)}, "both") == "waves-1.fst waves-3.fst ");
  CHECK(waves({fmt::format("{}:{}", first, all)}, "second") == "waves-3.fst ");
  CHECK(waves({fmt::format("{}:{}", all, all + 9)}, "none") == "");
  CHECK(waves({"layer", "d_node"}, "layer") == "waves-3.fst ");
}

TEST_CASE("accuracy, studies, searches and sweeps take networks that the host has a part of") {
  const Workplace place;
  place.write("net.onnx", network());
  write_items(place, "calib", 8);
  write_items(place, "test", 16);
  const auto run = [&](std::vector<std::string> arguments) {
    CommandResult result = place.run(arguments);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
  };
  const std::string cycles = fmt::format(
      "{}", nlohmann::json::parse(run({"run", "net.onnx", "--host-fallback", "--calib",
                                       "calib.yaml", "--json", "-"}))["totals"]["cycles"]
                .get<uint64_t>());
  const std::string accuracy = run(
      {"accuracy", "net.onnx", "--host-fallback", "--data", "test.yaml", "--calib", "calib.yaml"});
  CHECK(accuracy.find(" of 16)") != std::string::npos);
  const auto study = nlohmann::json::parse(
      run({"study", "net.onnx", "--host-fallback", "--data", "test.yaml", "--calib", "calib.yaml",
           "--precisions", "int8", "--prunes", "none", "--json", "-"}));
  CHECK(study["rows"][0]["cycles"].dump() == cycles);
  const auto search =
      nlohmann::json::parse(run({"search-precision", "net.onnx", "--host-fallback", "--calib",
                                 "calib.yaml", "--all-layers", "--budget", "2", "--json", "-"}));
  CHECK(search["layers"].size() == 2);  // one of each stage
  CHECK(search["points"][0]["cycles"].dump() == cycles);
  place.write("s.yaml", "networks: [net.onnx]\narchitectures: [edge-16x16]\nhost_fallback: true\n");
  run({"sweep", "s.yaml", "-o", "out"});
  std::ifstream lines(place.path() / "out/sweep.jsonl");
  CHECK(nlohmann::json::parse(lines)["cycles"].dump() == cycles);
}

TEST_CASE("what --host-fallback does not go with is refused") {
  const Workplace place;
  place.write("net.onnx", network());
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), {"run", "--json", "-", "--host-fallback"});
    check_refused(place, arguments, 2, message);
  };
  place.write("p.sysb", "");
  refused({"p.sysb", "--arch", "edge-4x4"},
          "--host-fallback: a program file is compiled already, expected an ONNX file");
}

}  // namespace systole
