// SPDX-License-Identifier: Apache-2.0
// The command `reprice`: what it prints, and what is wrong with its database, table and factors.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/errors/command.h"
#include "tests/errors/energy_tables.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\n";
const std::string kSpec =
    "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {array.rows: [8, 16, 32], ub.kib: [32, "
    "256]}\n";

void sweep(const Workplace& place, const std::string& spec) {
  place.write("t.csv", kTopology);
  place.write("s.yaml", spec);
  place.write("r.db", "");
  std::filesystem::remove(place.path() / "r.db");
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db"}).exit_code == 0);
}

TEST_CASE("the front of a database is told by other prices") {
  const Workplace place;
  sweep(place, kSpec);
  const auto json = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"reprice", "r.db", "--json"});
    const CommandResult result = place.run(more);
    CHECK(result.err == "");
    return nlohmann::json::parse(result.out);
  };
  const auto same = json({});
  CHECK(same["points"] == 6);
  CHECK(same["before"] == nlohmann::json{"horowitz-45nm"});
  CHECK(same["left"].empty());
  for (const auto& point : same["front"]) CHECK(point["before"] == true);
  const auto other = json({"--energy", "tpuv4i-7nm"});
  CHECK(other["energy_table"] == "tpuv4i-7nm");
  CHECK(other["front"][0]["area_mm2"] < same["front"][0]["area_mm2"]);
  const auto scaled = json({"--scale", "energy=2", "--scale", "leakage=2"});
  CHECK(scaled["energy_table"] == "horowitz-45nm energy=2 leakage=2");
  CHECK(scaled["front"][0]["energy_per_inference_uj"].get<double>() ==
        2 * same["front"][0]["energy_per_inference_uj"].get<double>());
  const auto fastest = json({"--objectives", "latency"});
  CHECK(fastest["front"][0]["latency_ms"] == same["front"][0]["latency_ms"]);
  CHECK(fastest["front"].size() < same["front"].size());
  const auto robust = json({"--robust", "--draws", "20"});
  CHECK(robust["front"][0]["stays"].get<double>() > 0);
  CHECK(robust == json({"--robust", "--draws", "20", "--seed", "1"}));
  const CommandResult text = place.run({"reprice", "r.db", "--robust", "--draws", "5"});
  CHECK_THAT(text.out, Catch::Matchers::StartsWith(
                           "6 points, priced by horowitz-45nm, before by horowitz-45nm\nfront of "
                           "latency_ms, energy_per_inference_uj, area_mm2:\n"));
}

TEST_CASE("a sweep with the other table goes on from a repriced database, and runs nothing") {
  const Workplace place;
  sweep(place, kSpec);
  CHECK(place.run({"reprice", "r.db", "--energy", "tpuv4i-7nm", "-o", "new.db"}).exit_code == 0);
  place.write("other.yaml", kSpec + "energy: tpuv4i-7nm\n");
  const CommandResult again = place.run({"sweep", "other.yaml", "-o", "new.db"});
  CHECK(again.err == "6 of 6 points were there already\n");
  const CommandResult apart = place.run({"sweep", "other.yaml"});
  CHECK(again.out == apart.out);
  // The clock that is derived at the other table's node, too.
  CHECK(place.run({"sweep", "other.yaml", "-o", "new.db", "--json"}).out ==
        place.run({"sweep", "other.yaml", "--json"}).out);
}

TEST_CASE("a point that two tables priced is told once") {
  const Workplace place;
  sweep(place, kSpec + "energy: [horowitz-45nm, tpuv4i-7nm]\n");
  const CommandResult both = place.run({"reprice", "r.db", "--energy", "tpuv4i-7nm", "--json"});
  const auto json = nlohmann::json::parse(both.out);
  CHECK(json["points"] == 6);
  CHECK(json["before"].size() == 2);
  std::filesystem::remove(place.path() / "r.db");
  sweep(place, kSpec);
  const CommandResult one = place.run({"reprice", "r.db", "--energy", "tpuv4i-7nm", "--json"});
  const auto expected = nlohmann::json::parse(one.out);
  REQUIRE(json["front"].size() == expected["front"].size());
  for (size_t i = 0; i < expected["front"].size(); ++i)
    for (const char* figure : {"machine", "latency_ms", "energy_per_inference_uj", "area_mm2"})
      CHECK(json["front"][i][figure] == expected["front"][i][figure]);
}

TEST_CASE("a table of the same name with other figures is told apart") {
  const Workplace place;
  std::string table =
      read_file(std::filesystem::path(SYSTOLE_SOURCE_DIR) / "configs/energy/horowitz-45nm.yaml");
  place.write("horowitz-45nm.yaml", table + "# another one\n");
  sweep(place, kSpec + "energy: horowitz-45nm.yaml\n");
  const CommandResult result = place.run({"reprice", "r.db", "--energy", "horowitz-45nm"});
  CHECK_THAT(result.out, Catch::Matchers::Contains("before by another horowitz-45nm\n"));
}

TEST_CASE("mistakes of reprice are one line, and leave nothing") {
  const Workplace place;
  sweep(place, kSpec);
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "reprice");
    check_refused(place, arguments, 2, message);
  };
  refused({"none.db"}, "none.db: cannot be opened: No such file or directory");
  refused({"s.yaml"},
          "s.yaml: is no database, expected one that `systole sweep -o` made, or a "
          "name that is free");
  refused({"r.db", "--energy", "3nm"}, unknown_energy_table("3nm"));
  place.write("broken.yaml", "node_nm: 45\n");
  refused({"r.db", "--energy", "broken.yaml"},
          "broken.yaml: energy.mac.bits8.value: missing, a table of energies must state it");
  refused({"r.db", "--scale", "sran=2"},
          "--scale sran=2: no figure of a table of energies, expected such as sram, dram, "
          "mac.bits8 or area, did you mean 'sram'?");
  refused({"r.db", "--scale", "sram=0"},
          "--scale sram=0: expected KEY=FACTOR with a factor above 0, such as sram=1.3");
  refused({"r.db", "--scale", "sram"},
          "--scale sram: expected KEY=FACTOR with a factor above 0, such as sram=1.3");
  refused({"r.db", "--scale", "sram_64.5_kib=2"},
          "--scale energy.sram_64.5_kib: the table horowitz-45nm has no such figure");
  refused({"r.db", "--objectives", "latency,speed"},
          "'speed' is no objective, expected one of latency, energy, area, power, dram_bytes, "
          "bandwidth, throughput, steady_latency, steady_throughput, accuracy, metric");
  refused({"r.db", "--objectives", "accuracy,area"},
          "r.db: no point has top1, expected a sweep with data, or other objectives");
  refused({"r.db", "--objectives", "steady_latency"},
          "r.db: no point has steady_latency_ms, expected a sweep with repeat above 1, or other "
          "objectives");
  refused({"r.db", "-o", "r.db"},
          "--output r.db: is also the file of database, which is read, expected another one");
  refused({"r.db", "-o", "s.yaml"}, "s.yaml: is there already, expected a name that is free");
}

TEST_CASE("a database without results has no prices") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {array.rows: [0]}\n");
  place.write("r.db", "");
  std::filesystem::remove(place.path() / "r.db");
  place.run({"sweep", "s.yaml", "-o", "r.db", "--allow-failed"});
  check_refused(place, {"reprice", "r.db"}, 2,
                "r.db: has no finished points, expected some that a sweep ran");
}

}  // namespace
}  // namespace systole
