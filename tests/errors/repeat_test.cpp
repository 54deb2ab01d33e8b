// SPDX-License-Identifier: Apache-2.0
// --repeat on the command line, in sweeps, and in what they leave behind.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

TEST_CASE("a number of repetitions that cannot be is one line") {
  const Workplace place;
  check_refused(place, {"run", kNet, "--repeat", "0"}, 2,
                "--repeat: Value 0 not in range 1 to 1024 (see systole run --help)");
  check_refused(place, {"compile", kNet, "--repeat", "-2"}, 2,
                "--repeat: Value -2 not in range 1 to 1024 (see systole compile --help)");
  check_refused(place, {"cosim", kNet, "--repeat", "many"}, 2,
                "--repeat: Value many not in range 1 to 1024 (see systole cosim --help)");
  check_refused(place, {"run", kNet, "--repeat", "2", "--explain"}, 2,
                "--explain: tells of one batch, expected no --repeat");
  check_refused(place, {"run", kNet, "--repeat", "600", "--set", "memory.size_mib=1"}, 3,
                "network 'lenet_fmnist' needs 6345728 bytes of DRAM, memory.size_mib gives 1 MiB");
}

TEST_CASE("a network that the host has a part of cannot be repeated") {
  const Workplace place;
  const CommandResult result = place.run(
      {"run", test_data_path("sequence/vit_fmnist_qdq.onnx"), "--host-fallback", "--repeat", "2"});
  CHECK(result.exit_code == 3);
  CHECK(result.err.starts_with("systole: 2 batches one behind the other: node '"));
  CHECK(
      result.err.ends_with("runs on the host, expected a network that the accelerator runs "
                           "alone\n"));
}

TEST_CASE("a program file has its repetitions behind it") {
  const Workplace place;
  place.run({"compile", kNet, "-o", "p.sysb", "--repeat", "3"});
  const auto json = nlohmann::json::parse(place.run({"run", "p.sysb", "--json", "-"}).out);
  CHECK(json["batch"] == 1);
  CHECK(json["repeat"] == 3);
  const auto network =
      nlohmann::json::parse(place.run({"run", kNet, "--repeat", "3", "--json", "-"}).out);
  CHECK(json["totals"] == network["totals"]);
  CHECK(place.run({"run", "p.sysb", "--repeat", "2"}).err ==
        "systole: --repeat 2: p.sysb was compiled for 3\n");
  place.shell("$SYSTOLE disasm p.sysb >p.asm && $SYSTOLE asm p.asm -o again.sysb");
  CHECK(place.shell("cmp p.sysb again.sysb").exit_code == 0);
}

TEST_CASE("data of a run are as many as its repetitions take") {
  const Workplace place;
  const CommandResult result = place.run(
      {"run", kNet, "--data", test_data_path("lenet.yaml"), "--batch", "4", "--repeat", "1024"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("lenet.yaml: holds 1000 items, a batch of 4096 needs as many\n") !=
        std::string::npos);
  const auto json =
      nlohmann::json::parse(place
                                .run({"run", kNet, "--data", test_data_path("lenet.yaml"),
                                      "--repeat", "3", "--json", "-"})
                                .out);
  CHECK(json["functional"] == true);
}

TEST_CASE("repetitions are an axis of a sweep, with figures of their own") {
  const Workplace place;
  place.write("lenet.onnx", test_data("lenet_fmnist.onnx"));
  place.write("s.yaml",
              "networks: [lenet.onnx]\narchitectures: [edge-16x16]\nrepeat: [1, 4]\n"
              "require: steady_latency_ms <= 0.001\n");
  const CommandResult sweep = place.run({"sweep", "s.yaml", "-o", "out", "--json"});
  const auto rows = json_rows(sweep.out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["repeat"] == 1);
  CHECK(!rows[0].contains("steady_latency_ms"));
  CHECK(rows[1]["repeat"] == 4);
  const auto run =
      nlohmann::json::parse(place.run({"run", kNet, "--repeat", "4", "--json", "-"}).out);
  for (const char* figure :
       {"cycles", "first_latency_ms", "steady_latency_ms", "steady_inferences_per_s"})
    CHECK(rows[1][figure] == run["totals"][figure]);
  // One batch has no steady state: it fails the limit, by no share.
  CHECK(!rows[0]["failed_limits"][0].contains("over"));
  CHECK(rows[1]["failed_limits"][0].contains("over"));
  CHECK(place
            .shell("python3 -c \"import sqlite3\nfor r in sqlite3.connect('out/results.db')"
                   ".execute('SELECT repeat, steady_latency_ms > 0 FROM results ORDER BY "
                   "repeat'): print(*r)\"")
            .out == "1 None\n4 1\n");
  place.write("s.yaml", "networks: [lenet.onnx]\narchitectures: [edge-16x16]\nrepeat: [0]\n");
  CHECK(place.run({"sweep", "s.yaml"}).err ==
        "systole: s.yaml:3:10: repeat: '0', expected a whole number in 1..1024\n");
}

}  // namespace
}  // namespace systole
