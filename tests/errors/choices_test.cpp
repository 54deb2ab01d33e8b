// SPDX-License-Identifier: Apache-2.0
// The compiler's choices on the command line, in sweeps, and in what they leave behind.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

nlohmann::json result_of(const Workplace& place, std::vector<std::string> options) {
  options.insert(options.begin(), {"run", kNet, "--json", "-"});
  const CommandResult result = place.run(options);
  CHECK(result.exit_code == 0);
  return nlohmann::json::parse(result.out);
}

/// The message for a sweep of LeNet that ends with `tail`.
std::string sweep_error(const Workplace& place, const std::string& tail) {
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  place.write("s.yaml", "networks: [lenet.onnx]\narchitectures: [edge-16x16]\n" + tail);
  const CommandResult result = place.run({"sweep", "s.yaml"});
  CHECK(result.exit_code == 2);
  CHECK(result.out == "");
  return result.err;
}

TEST_CASE("a choice that is not known, or neither true nor false, is one line") {
  const Workplace place;
  for (const char* command : {"run", "compile", "cosim"}) {
    check_refused(place, {command, kNet, "--set", "compile.fuse=maybe"}, 2,
                  "--set compile.fuse=maybe: compile.fuse: 'maybe', expected true or false");
    check_refused(
        place, {command, kNet, "--set", "compile.fus=false"}, 2,
        "--set compile.fus=false: unknown key 'compile.fus', expected one of "
        "compile.fuse, compile.fold, compile.bands, compile.keep_on_chip, compile.prefetch, "
        "did you mean 'compile.fuse'?");
  }
}

TEST_CASE("commands that compile nothing by choice say so") {
  const Workplace place;
  check_refused(place, {"archs", "show", "edge-16x16", "--set", "compile.fuse=false"}, 2,
                "--set compile.fuse=false: a choice of the compiler, which run, compile, cosim and "
                "sweep alone take");
}

TEST_CASE("a program file has its choices behind it") {
  const Workplace place;
  place.run({"compile", kNet, "-o", "p.sysb", "--set", "compile.prefetch=false"});
  const CommandResult again = place.run({"run", "p.sysb", "--json", "-"});
  const auto program = nlohmann::json::parse(again.out);
  CHECK(!program.contains("compile"));
  CHECK(program["totals"]["cycles"] ==
        result_of(place, {"--set", "compile.prefetch=false"})["totals"]["cycles"]);
  const CommandResult refused = place.run({"run", "p.sysb", "--set", "compile.bands=false"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err ==
        "systole: --set compile.bands=false: a program file is already compiled, expected an ONNX "
        "file\n");
}

TEST_CASE("a result says which of the compiler's choices were on") {
  const Workplace place;
  CHECK(result_of(place, {"--set", "compile.bands=false", "--set", "ub.kib=64"})["compile"] ==
        nlohmann::json{{"fuse", true},
                       {"fold", true},
                       {"bands", false},
                       {"keep_on_chip", true},
                       {"prefetch", true}});
}

TEST_CASE("choices are axes of a sweep, and points of their own in the database") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  place.write("s.yaml",
              "networks: [lenet.onnx]\n"
              "architectures:\n"
              "  - edge-16x16\n"
              "  - {name: edge-4x4, compile.prefetch: false}\n"
              "set: {compile.fuse: [true, false]}\n"
              "where: compile.fuse == 1 or compile.prefetch == 1\n");
  const CommandResult sweep = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  CHECK(without_clock_warning(sweep.err) == "");
  const auto rows = json_rows(sweep.out);
  REQUIRE(rows.size() == 3);
  const auto cycles = [&](const char* arch, std::vector<std::string> options) {
    options.insert(options.end(), {"--arch", arch});
    return result_of(place, options)["totals"]["cycles"];
  };
  CHECK(rows[0]["set"] == nlohmann::json{{"compile.prefetch", true}, {"compile.fuse", true}});
  CHECK(rows[0]["cycles"] == cycles("edge-16x16", {}));
  CHECK(rows[1]["set"] == nlohmann::json{{"compile.prefetch", true}, {"compile.fuse", false}});
  CHECK(rows[1]["cycles"] == cycles("edge-16x16", {"--set", "compile.fuse=false"}));
  CHECK(rows[2]["set"] == nlohmann::json{{"compile.prefetch", false}, {"compile.fuse", true}});
  CHECK(rows[2]["cycles"] == cycles("edge-4x4", {"--set", "compile.prefetch=false"}));
  // One machine, two points.
  CHECK(place
            .shell("python3 -c \"import sqlite3\nfor r in sqlite3.connect('r.db').execute("
                   "'SELECT machine, choices FROM results ORDER BY machine, choices'): print(*r)\"")
            .out ==
        "edge-16x16 \nedge-16x16 compile.fuse=false\nedge-4x4 compile.prefetch=false\n");
}

TEST_CASE("a wrong choice in a sweep has its line and column") {
  const Workplace place;
  CHECK(sweep_error(place, "set: {compile.fuse: [true, maybe]}\n") ==
        "systole: s.yaml:3:28: compile.fuse: 'maybe', expected true or false\n");
  CHECK(sweep_error(place, "set: {compile.band: [true]}\n") ==
        "systole: s.yaml:3:7: unknown key 'compile.band', expected one of compile.fuse, "
        "compile.fold, compile.bands, compile.keep_on_chip, compile.prefetch, did you mean "
        "'compile.bands'?\n");
}

}  // namespace
}  // namespace systole
