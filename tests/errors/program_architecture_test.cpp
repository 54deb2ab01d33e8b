// SPDX-License-Identifier: Apache-2.0
// A program file runs without --arch on the architecture that it was compiled for.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "model/program/program.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

/// The whole result but for what made it.
nlohmann::json result_of(const Workplace& place, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--json", "-"});
  const CommandResult run = place.run(arguments);
  CAPTURE(arguments, run.err);
  REQUIRE(run.exit_code == 0);
  auto result = nlohmann::json::parse(run.out);
  result.erase("provenance");
  return result;
}

/// A file that a command of a test made is nothing left behind.
void expect_file(const Workplace& place, const std::string& name) {
  place.write(name, read_file(place.path() / name));
}

/// LeNet for edge-4x4 as p.sysb.
void compile_lenet(const Workplace& place) {
  REQUIRE(place.run({"compile", kNet, "--arch", "edge-4x4", "-o", "p.sysb"}).exit_code == 0);
  expect_file(place, "p.sysb");
}

TEST_CASE("without --arch a program runs on what it was compiled for, clock and memory included") {
  const Workplace place;
  const std::vector<std::string> machine = {"--arch",     "edge-4x4", "--set",
                                            "ub.kib=128", "--set",    "clock_mhz=auto-28nm",
                                            "--memory",   "ddr4-2400"};
  std::vector<std::string> compile = {"compile", kNet, "-o", "p.sysb"};
  compile.insert(compile.end(), machine.begin(), machine.end());
  REQUIRE(place.run(compile).exit_code == 0);
  std::vector<std::string> named = {"run", "p.sysb"};
  named.insert(named.end(), machine.begin(), machine.end());
  CHECK(result_of(place, {"run", "p.sysb"}) == result_of(place, named));
  const CommandResult run = place.run({"run", "p.sysb"});
  CHECK(run.out.substr(0, run.out.find(" memory")) ==
        "edge-4x4+ub.kib=128+clock_mhz=auto-28nm: 4x4 array, 892.857 MHz (derived, 28 nm, "
        "provisional), 128 KiB unified buffer, 64-bit AXI, ddr4-2400");
}

TEST_CASE("the options --memory and --set change what a program was compiled for") {
  const Workplace place;
  compile_lenet(place);
  CHECK(result_of(place, {"run", "p.sysb", "--memory", "hbm2", "--set", "clock_mhz=800"}) ==
        result_of(place, {"run", "p.sysb", "--arch", "edge-4x4", "--memory", "hbm2", "--set",
                          "clock_mhz=800"}));
  check_refused(place, {"run", "p.sysb", "--set", "array.rows=8"}, 2,
                "program 'lenet_fmnist' was compiled for array.rows = 4, architecture "
                "'edge-4x4+array.rows=8' has 8");
  check_refused(place, {"run", "p.sysb", "--set", "array.rowz=8"}, 2,
                "--set array.rowz=8: array.rowz: unknown key, did you mean array.rows?");
}

TEST_CASE("the option --arch is taken by its word, also where a program was compiled for another") {
  const Workplace place;
  compile_lenet(place);
  check_refused(place, {"run", "p.sysb", "--arch", "edge-16x16"}, 2,
                "program 'lenet_fmnist' was compiled for array.rows = 4, architecture "
                "'edge-16x16' has 16");
}

TEST_CASE("programs of run -o, of asm and of an architecture's file tell it too") {
  const Workplace place;
  place.write("own.yaml", place.run({"archs", "show", "edge-4x4", "--set", "ub.kib=32"}).out);
  REQUIRE(place.run({"run", kNet, "--arch", "own.yaml", "-o", "out"}).exit_code == 0);
  std::filesystem::remove(place.path() / "own.yaml");
  const CommandResult run = place.run({"run", "out/program.sysb"});
  CHECK_THAT(run.out, Catch::StartsWith("edge-4x4+ub.kib=32: 4x4 array, "));

  REQUIRE(place.run({"disasm", "out/program.sysb", "-o", "p.s"}).exit_code == 0);
  const std::vector<std::string> assemble = {"asm", "p.s", "-o", "q.sysb", "--arch", "edge-4x4"};
  std::vector<std::string> same = assemble;
  same.insert(same.end(), {"--set", "ub.kib=32"});
  REQUIRE(place.run(same).exit_code == 0);
  CHECK_THAT(place.run({"run", "q.sysb"}).out, Catch::StartsWith("edge-4x4+ub.kib=32: 4x4 "));
  // The text names hardware that edge-4x4 has not.
  REQUIRE(place.run(assemble).exit_code == 0);
  const CommandResult other = place.run({"run", "q.sysb"});
  CHECK(other.exit_code == 2);
  CHECK(other.err ==
        "systole: program 'lenet_fmnist' was compiled for array.rows = 4, architecture "
        "'edge-16x16' has 16\n");
}

}  // namespace
}  // namespace systole
