// SPDX-License-Identifier: Apache-2.0
// --json of the commands that print tables: the same figures, and fields that are documented.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/errors/command.h"

namespace systole {
namespace {

using Json = nlohmann::json;

const std::string kNet = test_data_path("lenet_fmnist.onnx");
const std::string kData = test_data_path("lenet.yaml");

Json json_of(const Workplace& place, const std::vector<std::string>& arguments, int code = 0) {
  const CommandResult run = place.run(arguments);
  CAPTURE(arguments, run.err);
  CHECK(run.exit_code == code);
  return Json::parse(run.out);
}

/// The names of fields, at any depth; those of what other pages document are left out.
void collect(const Json& json, std::set<std::string>& names) {
  if (json.is_array())
    for (const Json& one : json) collect(one, names);
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    names.insert(name);
    if (name != "parameters" && !(name == "memory" && value.is_object())) collect(value, names);
  }
}

void check_documented(const Json& json) {
  const std::string page = read_file(SYSTOLE_SOURCE_DIR "/docs/command_line.md");
  std::set<std::string> names;
  collect(json, names);
  CHECK(names.size() > 3);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(page.find("`" + name + "`") != std::string::npos);
  }
}

TEST_CASE("accuracy as JSON has the figures that it prints, of each form") {
  const Workplace place;
  const std::vector<std::string> arguments = {
      "accuracy", kNet, "--data", kData, "--calib", kData, "--limit", "50", "--prune", "block:0.3"};
  std::vector<std::string> with = arguments;
  with.insert(with.end(), {"--json", "a.json"});
  const CommandResult shown = place.run(with);
  REQUIRE(shown.exit_code == 0);
  const Json json = Json::parse(read_file(place.path() / "a.json"));
  check_documented(json);
  REQUIRE(json["forms"].size() == 3);
  for (const Json& form : json["forms"])
    CHECK(shown.out.find(fmt::format(
              "{:<9} top-1 {:.2f} % +- {:.2f}  ({} of 50)", form["form"].get<std::string>(),
              100 * form["top1"].get<double>(), 100 * form["top1_error"].get<double>(),
              form["right"].get<int>())) != std::string::npos);
  CHECK(shown.out.find(fmt::format(
            "{:+.2f} points +- {:.2f}, SQNR {:.1f} dB", 100 * json["top1_change"].get<double>(),
            100 * json["top1_change_error"].get<double>(), json["sqnr_db"].get<double>())) !=
        std::string::npos);
  CHECK(json["forms"][0]["form"] == "float32");
  CHECK(json["forms"][2]["form"] == "int8");
  CHECK(json["architecture"] == "edge-16x16");
}

TEST_CASE("accuracy of a network that arrives quantised has one form") {
  const Workplace place;
  const Json json =
      json_of(place, {"accuracy", test_data_path("quantised/lenet_qdq_u8s8_perchannel.onnx"),
                      "--data", kData, "--limit", "20", "--json", "-"});
  REQUIRE(json["forms"].size() == 1);
  CHECK(json["forms"][0]["form"] == "as given");
  CHECK_FALSE(json.contains("top1_change"));
}

TEST_CASE("cosim as JSON says whether all was equal, and what was compared") {
  const Workplace place;
  const Json random = json_of(
      place, {"cosim", "--random", "3", "--seed", "7", "--arch", "edge-4x4", "--json", "-"});
  check_documented(random);
  CHECK(random["equal"] == true);
  CHECK(random["random"]["programs"] == 3);
  CHECK(random["random"]["seed"] == 7);
  const Json network = json_of(place, {"cosim", kNet, "--arch", "edge-4x4", "--json", "-"});
  check_documented(network);
  CHECK(network["equal"] == true);
  REQUIRE(network["stages"].size() == 1);
  const Json run = json_of(place, {"run", kNet, "--arch", "edge-4x4", "--json", "-"});
  CHECK(network["stages"][0]["cycles"] == run["totals"]["cycles"]);
}

TEST_CASE("lists as JSON have what the tables have") {
  const Workplace place;
  const Json archs = json_of(place, {"archs", "list", "--json"});
  check_documented(archs);
  const std::string table = place.run({"archs", "list"}).out;
  CHECK(static_cast<size_t>(std::count(table.begin(), table.end(), '\n')) == archs.size());
  for (const Json& arch : archs) {
    CHECK(table.find(arch["description"].get<std::string>()) != std::string::npos);
    CHECK(arch == json_of(place, {"archs", "show", arch["name"], "--json"}));
  }
  const Json memories = json_of(place, {"memory", "list", "--json"});
  check_documented(memories);
  const std::string list = place.run({"memory", "list"}).out;
  CHECK(static_cast<size_t>(std::count(list.begin(), list.end(), '\n')) == memories.size());
  check_documented(json_of(place, {"memory", "ddr4-2400", "--json"}));

  const Json clock = json_of(place, {"archs", "clock", "edge-4x4", "--node", "7nm", "--json"});
  check_documented(clock);
  CHECK(clock["node_nm"] == 7);
  CHECK(clock["paths"][0]["ps"].get<double>() * clock["derived_mhz"].get<double>() ==
        Approx(1e6).epsilon(1e-3));
  const Json area = json_of(place, {"archs", "area", "edge-4x4", "--json"});
  check_documented(area);
  double sum = 0;
  for (const Json& part : area["parts"]) sum += part["mm2"].get<double>();
  CHECK(area["mm2"].get<double>() == Approx(sum));
}

TEST_CASE("JSON that cannot be written is told before the work") {
  const Workplace place;
  check_refused(place, {"cosim", kNet, "--json", "no/such.json"}, 2,
                "no/such.json: cannot be written: there is no directory no");
  check_refused(place, {"accuracy", kNet, "--data", kData, "--json", "no/such.json"}, 2,
                "no/such.json: cannot be written: there is no directory no");
  check_refused(place, {"cosim", kNet, "--json", "-", "--dump-ir"}, 2,
                "--json -: standard output cannot also take --dump-ir");
}

}  // namespace
}  // namespace systole
