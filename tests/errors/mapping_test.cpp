// SPDX-License-Identifier: Apache-2.0
// The option --mapping of run: what it tells is what a run with it takes, and what it refuses.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

uint64_t cycles_of(const CommandResult& run) {
  REQUIRE(run.exit_code == 0);
  return nlohmann::json::parse(run.out)["totals"]["cycles"].get<uint64_t>();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// LeNet without bands, told once.
struct Told {
  Told() {
    const CommandResult run = place.run({"run", kNet, "--set", kAlone, "--mapping", "-o", "out"});
    REQUIRE(run.exit_code == 0);
    text = run.out;
    mapping = read_file(place.path() / "out/mapping.yaml");
  }
  CommandResult with(const std::string& file) const {
    place.write("m.yaml", file);
    return place.run({"run", kNet, "--set", kAlone, "--mapping", "m.yaml", "--json", "-"});
  }

  static constexpr const char* kAlone = "compile.bands=false";
  Workplace place;
  std::string text, mapping;
};

TEST_CASE("a mapping that is taken back as it was gives the same program") {
  const Told told;
  const CommandResult plain = told.place.run({"run", kNet, "--set", Told::kAlone, "-o", "plain"});
  REQUIRE(plain.exit_code == 0);
  CHECK(told.text.find("\nmapping of lenet_fmnist, ") != std::string::npos);
  const CommandResult again = told.place.run(
      {"run", kNet, "--set", Told::kAlone, "--mapping", "out/mapping.yaml", "-o", "again"});
  REQUIRE(again.exit_code == 0);
  const auto program = [&](const std::string& folder) {
    return read_file(told.place.path() / folder / "program.sysb");
  };
  CHECK(program("again") == program("plain"));
  CHECK(read_file(told.place.path() / "again/mapping.yaml") == told.mapping);
}

TEST_CASE("the next best plan of a layer takes the cycles that are told of it") {
  const Told told;
  // "  # next best: [1, 4, 8] 9,600 cycles, ..." stands above the layer, its tile below the name.
  const size_t next = told.mapping.find("# next best: [");
  REQUIRE(next != std::string::npos);
  const size_t open = told.mapping.find('[', next), close = told.mapping.find(']', open);
  const std::string tile = told.mapping.substr(open, close + 1 - open);
  std::string count =
      told.mapping.substr(close + 2, told.mapping.find(" cycles", close) - close - 2);
  count.erase(std::remove(count.begin(), count.end(), ','), count.end());
  const size_t old = told.mapping.find("tile: [", close);
  const size_t end = told.mapping.find('\n', old);
  std::string edited = told.mapping;
  edited.replace(old, end - old, "tile: " + tile);
  CHECK(edited != told.mapping);
  CHECK(cycles_of(told.with(edited)) == std::stoull(count));
}

TEST_CASE("a mapping that cannot be is refused by layer and reason") {
  const Told told;
  const auto refused = [&](const std::string& file, int code, const std::string& message) {
    const CommandResult run = told.with(file);
    INFO(file);
    CHECK(run.exit_code == code);
    CHECK_THAT(run.err, Catch::StartsWith("systole: " + message));
    CHECK(run.err.find('\n') == run.err.size() - 1);
    CHECK(run.out.empty());
  };
  const auto edited = [&](const std::string& from, const std::string& to) {
    return replaced(told.mapping, from, to);
  };
  refused(edited("tile: [1, ", "tile: [1, 99"), 3,
          "--mapping: layer '/conv1/Conv': no plan in tiles of [1, 99");
  refused(edited("    together: ", "    together: 9999"), 3,
          "--mapping: layer '/conv1/Conv': 9999");
  refused(edited("network: \"lenet_fmnist\"", "network: \"other\""), 2,
          "--mapping: is of the network 'other', expected one of 'lenet_fmnist'");
  refused(edited("name: \"/conv2/Conv\"", "name: \"/conv9/Conv\""), 2,
          "--mapping: layer 3 is '/conv9/Conv', expected '/conv2/Conv'");
  refused(edited("output: [1, ", "output: [2, "), 2,
          "--mapping: its outputs are not those that the layers of 'lenet_fmnist' have here");
  refused(edited("    together: ", "    togethr: "), 2,
          "m.yaml:11: togethr: unknown, expected name, output, tile or together");
  refused(edited("tile: [1, ", "tile: [0, "), 2,
          "m.yaml:10: tile: expected whole numbers from 1 on");
  refused("network: [", 2, "m.yaml:");
  refused("? {a: b}\n: c\n", 2, "m.yaml:1: a key must be a plain word");
  refused("network: a\nnetwork: b\n", 2, "m.yaml:2: network: given twice");
  refused("layers: []\n", 2, "m.yaml:1: network: missing");
}

TEST_CASE("layers that run in bands have no tiles of their own to change") {
  const Told told;
  // In bands by default on this machine, and told alone there.
  const CommandResult run =
      told.place.run({"run", kNet, "--mapping", "out/mapping.yaml", "--json", "-"});
  CHECK(run.exit_code == 3);
  CHECK_THAT(run.err, Catch::Contains("': runs in bands with others, which decide its tiles"));
}

TEST_CASE("a mapping stands beside no program, repetition or explanation") {
  const Workplace place;
  check_refused(place, {"run", kNet, "--mapping", "--repeat", "2"}, 2,
                "--mapping: tells of one batch, expected no --repeat");
  check_refused(place, {"run", kNet, "--mapping", "--explain"}, 2,
                "--mapping: other hardware has other mappings, expected no --explain");
  check_refused(place, {"run", "p.sysb", "--mapping"}, 2,
                "--mapping: a program file is cut already, expected a network: p.sysb");
  check_refused(place, {"run", kNet, "--mapping", "none.yaml"}, 2,
                "--mapping none.yaml: no such file, expected one that --mapping wrote");
}

}  // namespace
}  // namespace systole
