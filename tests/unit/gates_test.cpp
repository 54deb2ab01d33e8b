// SPDX-License-Identifier: Apache-2.0
// The estimate of areas against the gates that Yosys counts in the RTL: tests/data/gates.json, made
// by tools/gates.py --write.
#include "sim/energy/gates.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/energy/area.h"
#include "sim/energy/switching.h"
#include "sim/energy/table.h"

namespace systole {
namespace {

constexpr double kSeen = 1e-4;   // of the area: a change that the estimate must show
constexpr double kFactor = 1.5;  // between the two changes
constexpr double kWhole = 0.05;  // of the gates of a whole core
constexpr double kBitsOfKib = 8 * 1024;

struct MeasuredCore {
  std::set<std::string> changed;  // RTL parameters
  isa::HwParams hw;
  double gates = 0, macro_bits = 0;
  double flip_flops = 0;  // of units: not of the array, nor those that hold words; 0: not counted
};

void set_parameters(const nlohmann::json& values, isa::HwParams& hw) {
  for (const auto& [name, value] : values.items()) {
    const auto* param = std::find_if(isa::kHwParams.begin(), isa::kHwParams.end(),
                                     [&](const auto& info) { return info.sv_name == name; });
    REQUIRE(param != isa::kHwParams.end());
    hw.*param->member = value.get<int>();
  }
}

/// The first is the small core that the others are changes of.
std::vector<MeasuredCore> measured_cores() {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/tests/data/gates.json");
  const auto table = nlohmann::json::parse(file);
  std::vector<MeasuredCore> cores;
  for (const auto& core : table.at("cores")) {
    MeasuredCore measured;
    set_parameters(table.at("base"), measured.hw);
    set_parameters(core.at("change"), measured.hw);
    for (const auto& [name, value] : core.at("change").items()) measured.changed.insert(name);
    for (const auto& [name, part] : core.at("parts").items()) {
      measured.gates += part.at("logic").get<double>() + part.at("held").get<double>();
      measured.macro_bits += part.at("macro_bits").get<double>();
      if (name != "array") measured.flip_flops += part.value("flip_flops", 0.0);
    }
    cores.push_back(measured);
  }
  return cores;
}

/// mm2 of what Yosys counted, at the prices of the table.
double area_of(const MeasuredCore& core, const energy::EnergyTable& table) {
  return (core.gates * table.gate_area.value +
          core.macro_bits / kBitsOfKib * table.sram_kib_area.value) *
         1e-6;
}

std::string text_of(const MeasuredCore& core) {
  std::string text;
  for (const std::string& name : core.changed) text += name + " ";
  return text;
}

TEST_CASE("each hardware parameter changes the area as much as the gates of the RTL") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  const std::vector<MeasuredCore> cores = measured_cores();
  const double base = area_of(cores.front(), table);
  const double base_estimate = energy::estimate_area(table, cores.front().hw).total_mm2();
  std::set<std::string> walked;
  for (const MeasuredCore& core : cores) {
    if (core.changed.empty()) continue;
    if (core.changed.size() == 1) walked.insert(*core.changed.begin());
    const double measured = area_of(core, table) - base;
    const double estimated = energy::estimate_area(table, core.hw).total_mm2() - base_estimate;
    INFO(text_of(core) << ": RTL " << measured / base * 100 << " %, estimate "
                       << estimated / base_estimate * 100 << " %");
    CHECK(estimated != 0);
    if (std::abs(measured) < kSeen * base) continue;
    CHECK(estimated / measured < kFactor);
    CHECK(estimated / measured > 1 / kFactor);
  }
  for (const auto& param : isa::kHwParams) {
    INFO(param.key << ": tools/gates.py has no core that changes it alone");
    CHECK(walked.count(param.sv_name) == 1);
  }
}

TEST_CASE("the gates of a whole core are those of the RTL") {
  const energy::GateTable table = energy::load_gate_table(energy::kGateTable);
  for (const MeasuredCore& core : measured_cores()) {
    INFO(text_of(core));
    CHECK(energy::count_gates(table, core.hw).total() == Approx(core.gates).epsilon(kWhole));
  }
}

TEST_CASE("the flip-flops of the units are those of the RTL") {
  const energy::GateTable table = energy::load_gate_table(energy::kGateTable);
  int64_t counted = 0;
  for (const MeasuredCore& core : measured_cores()) {
    if (core.flip_flops == 0) continue;
    ++counted;
    INFO(text_of(core));
    CHECK(static_cast<double>(energy::unit_registers(table, core.hw)) ==
          Approx(core.flip_flops).epsilon(kWhole));
  }
  CHECK(counted > 0);
}

}  // namespace
}  // namespace systole
