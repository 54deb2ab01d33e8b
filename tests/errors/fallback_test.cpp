// SPDX-License-Identifier: Apache-2.0
// --host-fallback on the command line: what it writes, what it is refused with.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/cli/npy_writer.h"
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
  place.write("x.npy", to_npy(std::vector<float>(48, 0.5f), {1, 3, 4, 4}));
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
  const auto schema = nlohmann::json::parse(
      std::ifstream(std::string(SYSTOLE_SOURCE_DIR) + "/docs/result.schema.json"));
  CHECK(schema_violation(json, schema) == "");
  uint64_t cycles = 0;
  for (const auto& stage : json["host_fallback"]["stages"])
    cycles += stage.value("cycles", uint64_t{0});
  CHECK(json["totals"]["cycles"] == cycles);
  CHECK(json["totals"]["useful_macs"] == 16 * 4 * 27 + 2 * 64);
}

TEST_CASE("compile writes a program for each stage of the accelerator") {
  const Workplace place;
  place.write("net.onnx", network());
  const CommandResult compiled =
      place.run({"compile", "net.onnx", "--host-fallback", "-o", "n.sysb"});
  CHECK(compiled.exit_code == 0);
  CHECK(place.left_behind() == std::vector<std::string>{"n-1.sysb", "n-3.sysb"});
}

TEST_CASE("what --host-fallback does not go with is refused") {
  const Workplace place;
  place.write("net.onnx", network());
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), {"run", "--json", "-", "--host-fallback"});
    check_refused(place, arguments, 2, message);
  };
  refused({"net.onnx", "--explain"},
          "--explain: tries hardware for one program, expected no --host-fallback");
  refused({"net.onnx", "--wave", "--engine", "rtl", "-o", "out"},
          "--wave: a waveform is of one program, expected one of those that -o writes");
  place.write("p.sysb", "");
  refused({"p.sysb"}, "--host-fallback: a program file is compiled already, expected an ONNX file");
}

}  // namespace systole
