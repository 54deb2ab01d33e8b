// SPDX-License-Identifier: Apache-2.0
// The commands that estimate energy and area: what they print, and what is wrong with their tables.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/errors/command.h"
#include "tests/errors/energy_tables.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

TEST_CASE("a run has an energy where it is asked for") {
  const Workplace place;
  const auto json = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"run", kNet, "--json", "-"});
    return nlohmann::json::parse(place.run(arguments).out);
  };
  CHECK_FALSE(json({}).contains("energy"));
  const auto older = json({"--energy"}), newer = json({"--energy", "tpuv4i-7nm"});
  CHECK(older["energy"]["table"] == "horowitz-45nm");
  CHECK(newer["energy"]["table"] == "tpuv4i-7nm");
  const auto events = [&](const char* name) {
    return older["energy"]["events"][name]["count"].get<int64_t>();
  };
  // The first layer's five kernel rows are packed in pairs: the sixth has weights of 0, for
  // 28 x 28 pixels, 5 taps and 8 channels.
  CHECK(events("macs_8") + events("gated_macs") ==
        older["totals"]["useful_macs"].get<int64_t>() + 28 * 28 * 5 * 8);
  CHECK(events("gated_macs") > 0);  // some weights are 0
  CHECK(older["energy"]["activations_gate"] == false);
  CHECK(newer["energy"]["on_chip_pj"] < older["energy"]["on_chip_pj"]);
  CHECK(older["energy"]["layers"].size() == older["layers"].size());
  CHECK(json({})["clock"] == nlohmann::json{{"mhz", 1000.0}, {"source", "given"}});
  CHECK(older["clock"]["above_derived"] == true);   // 556 MHz at 45 nm
  CHECK(newer["clock"]["above_derived"] == false);  // 2,500 at 7
  const CommandResult text = place.run({"run", kNet, "--energy"});
  CHECK_THAT(text.err, Catch::Matchers::Contains(
                           "warning: clock_mhz 1000 of edge-16x16 is above the 555.556 derived at "
                           "45 nm\n"));
  CHECK_THAT(text.out, Catch::Matchers::Contains("\nenergy estimate "));
  CHECK_THAT(text.out, Catch::Matchers::Contains("\nenergy by layer "));
}

TEST_CASE("a run that was stopped has no energy") {
  const Workplace place;
  const CommandResult result =
      place.run({"run", kNet, "--energy", "--cycle-limit", "100", "--json", "-"});
  CHECK(result.exit_code == 4);
  CHECK_FALSE(nlohmann::json::parse(result.out).contains("energy"));
}

TEST_CASE("stages between host work sum up to one energy") {
  const Workplace place;
  const CommandResult plain = place.run({"run", kNet, "--energy", "--json", "-"});
  const CommandResult staged =
      place.run({"run", kNet, "--energy", "--host-fallback", "--json", "-"});
  CHECK(staged.exit_code == 0);
  CHECK(nlohmann::json::parse(staged.out)["energy"]["total_pj"] ==
        nlohmann::json::parse(plain.out)["energy"]["total_pj"]);
}

TEST_CASE("an unknown or broken table of energies is refused before anything runs") {
  const Workplace place;
  check_refused(place, {"run", kNet, "--energy", "3nm"}, 2, unknown_energy_table("3nm"));
  check_refused(place, {"archs", "area", "edge-16x16", "--table", "3nm"}, 2,
                unknown_energy_table("3nm"));
  check_refused(place, {"run", "--energy", "none.yaml", kNet}, 2, "none.yaml: no such file");
  place.write("t.yaml", "node_nm: 45\nenergy:\n  mac: {bits8: {value: -1, source: paper}}\n");
  check_refused(place, {"run", kNet, "--energy", "t.yaml"}, 2,
                "t.yaml:3: energy.mac.bits8.value: -1 is outside 0..1000000000");
  std::string without = test_data("../../configs/memory/hbm2.yaml");
  without.erase(without.find("\nenergy:"));
  without.erase(without.find("\nsources:"));
  place.write("few.yaml", without + "\n");
  check_refused(place, {"run", kNet, "--energy", "--memory", "few.yaml"}, 2,
                "few.yaml: energy.read_byte.value: missing, a memory must state it");
  place.write("empty.yaml", "");
  check_refused(place, {"run", kNet, "--energy", "empty.yaml"}, 2,
                "empty.yaml: expected a map of keys and values");
}

TEST_CASE("the area of an architecture is printed by component") {
  const Workplace place;
  const CommandResult result = place.run({"archs", "area", "edge-16x16", "--set", "array.cols=8",
                                          "--set", "precision.activation_bits=8"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK_THAT(result.out, Catch::Matchers::StartsWith("area estimate "));
  CHECK_THAT(result.out, Catch::Matchers::Contains("16 x 8 elements, "));
  CHECK_THAT(result.out, Catch::Matchers::Contains("\ntotal "));
  for (const char* part : {"\nDMA engines ", "\ncontrol ", "\ntables "})
    CHECK_THAT(result.out, Catch::Matchers::Contains(part));
}

TEST_CASE(
    "the derived clock of an architecture is printed with its paths, a faster one is warned of") {
  const Workplace place;
  const CommandResult result = place.run({"archs", "clock", "edge-16x16"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Matchers::Contains(" MHz at 45 nm, provisional: "));
  CHECK_THAT(result.out, Catch::Matchers::Contains("\ninstruction checker "));
  CHECK_THAT(result.err, Catch::Matchers::StartsWith(
                             "warning: clock_mhz 1000 of edge-16x16 is above the 555.556 "));
  CHECK(place.run({"archs", "clock", "edge-16x16", "--set", "clock_mhz=auto"}).err.empty());
  check_refused(
      place, {"run", kNet, "--set", "clock_mhz=auto-3nm"}, 2,
      "--set clock_mhz=auto-3nm: clock_mhz: 'auto-3nm' is no derived clock, expected auto "
      "or auto-NODE with a node of 45nm, 28nm, 16nm, 7nm");
  std::filesystem::create_directories(place.path() / "configs/clocks");
  place.write("configs/clocks/core.yaml", "sources: {paper: counted}\n");
  const CommandResult broken = place.run({"archs", "clock", "edge-16x16"});
  CHECK(broken.exit_code == 2);
  CHECK(broken.err ==
        "systole: configs/clocks/core.yaml: level_ps.nm45.value: missing, a table of clocks must "
        "state it\n");
}

TEST_CASE("a broken table of gates is refused by file, line and key") {
  const Workplace place;
  std::filesystem::create_directories(place.path() / "configs/gates");
  const auto told = [&place](const std::string& table) {
    place.write("configs/gates/core.yaml", "sources: {yosys: counted}\n" + table);
    const CommandResult result = place.run({"archs", "area", "edge-16x16"});
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    return result.err;
  };
  CHECK(told("reference:\n  bits8: {value: -1, source: yosys}\n") ==
        "systole: configs/gates/core.yaml:3: reference.bits8.value: -1 is outside 0..1000000000\n");
  CHECK(told("") ==
        "systole: configs/gates/core.yaml: reference.bits8.value: missing, a table of gates must "
        "state it\n");
}

TEST_CASE("a sweep has energy and area, from the table that it names") {
  const Workplace place;
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  const std::string spec = "networks: [t.csv]\narchitectures: [edge-16x16]\n";
  const auto row = [&](const std::string& more) {
    place.write("s.yaml", spec + more);
    return nlohmann::json::parse(place.run({"sweep", "s.yaml", "--json"}).out);
  };
  const auto older = row(""), newer = row("energy: tpuv4i-7nm\n");
  CHECK(older["energy_table"] == "horowitz-45nm");
  CHECK(newer["energy_table"] == "tpuv4i-7nm");
  CHECK(newer["area_mm2"] < older["area_mm2"]);
  const auto run = nlohmann::json::parse(
      place.run({"run", "--topology", "t.csv", "--energy", "--json", "-"}).out);
  CHECK(older["energy_per_inference_uj"].get<double>() ==
        run["energy"]["per_inference_pj"].get<double>() * 1e-6);
  CHECK(older["average_power_mw"].get<double>() == run["energy"]["average_power_mw"].get<double>());
  place.write("s.yaml", spec + "energy: 3nm\n");
  check_refused(place, {"sweep", "s.yaml"}, 2, "s.yaml:3:9: " + unknown_energy_table("3nm"));
}

}  // namespace
}  // namespace systole
