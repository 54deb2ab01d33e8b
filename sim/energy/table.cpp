// SPDX-License-Identifier: Apache-2.0
// Reads tables of energies and areas, and interpolates between the memories they give.
#include "sim/energy/table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <set>

#include "model/arch/config_directories.h"
#include "model/arch/figure_reader.h"
#include "model/base/error.h"
#include "sim/energy/table_file.h"

namespace systole::energy {
namespace {

constexpr const char* kFolder = "energy";
constexpr int kDepth = 4;  // energy.dram.rowless.read_byte.value
constexpr double kMaxKib = 1e6;
constexpr int kMaxNode = 1000;
const std::string kSram = "energy.sram_64.";
constexpr double kClocked = 0.1;  // of the flip-flops of units, by gates in their clock

class TableReader {
 public:
  TableReader(arch::YamlKeys keys, std::string file)
      : reader_(std::move(keys), std::move(file), "a table of energies") {}

  EnergyTable read() {
    EnergyTable table;
    table.node_nm =
        static_cast<int>(arch::to_integer("node_nm", reader_.require("node_nm"), 1, kMaxNode));
    if (const arch::YamlValue* text = reader_.find("description")) table.description = text->text;
    for (size_t w = 0; w < kWidths; ++w) {
      const std::string bits = fmt::format("mac.bits{}", kMacWidths[w]);
      table.mac[w] = entry("energy." + bits);
      table.mac_area[w] = entry("area." + bits);
    }
    table.gated_mac = entry("energy.mac.gated");
    table.register_bit = entry("energy.register_bit");
    table.int_add = entry("energy.int_add");
    table.fp_add = entry("energy.fp_add");
    table.fp_multiply = entry("energy.fp_multiply");
    table.instruction = entry("energy.instruction");
    table.clock_bit = clock_bit(table);
    read_sram(table);
    table.rowless.read_byte = entry("energy.dram.rowless.read_byte");
    table.rowless.write_byte = entry("energy.dram.rowless.write_byte");
    table.register_bit_area = entry("area.register_bit");
    table.int_add_area = entry("area.int_add");
    table.fp_add_area = entry("area.fp_add");
    table.fp_multiply_area = entry("area.fp_multiply");
    table.sram_kib_area = entry("area.sram_kib");
    table.leakage_mm2 = entry("leakage.mw_per_mm2");
    table.gates = load_gate_table(kGateTable);
    table.gate_area = gate_area(table);
    table.gate = gate(table);
    reader_.finish();
    return table;
  }

 private:
  arch::EnergyEntry entry(const std::string& key) { return reader_.figure(key); }

  /// Of a table that does not say it: what its registers have for a gate.
  arch::EnergyEntry gate_area(const EnergyTable& table) {
    if (reader_.find("area.gate.value") != nullptr) return entry("area.gate");
    const double gates = table.gates.reference[static_cast<size_t>(GateKind::kRegister)];
    return {table.register_bit_area.value / gates, true};
  }
  /// Likewise: those of an adder for each of its gates.
  arch::EnergyEntry gate(const EnergyTable& table) {
    if (reader_.find("energy.gate.value") != nullptr) return entry("energy.gate");
    const double gates = table.gates.reference[static_cast<size_t>(GateKind::kIntAdd)];
    return {table.int_add.value / gates, true};
  }
  /// Likewise: a bit clocked in one cycle of ten.
  arch::EnergyEntry clock_bit(const EnergyTable& table) {
    if (reader_.find("energy.clock_bit.value") != nullptr) return entry("energy.clock_bit");
    return {table.register_bit.value * kClocked, true};
  }

  /// Keys of the form "8_kib".
  void read_sram(EnergyTable& table) {
    std::set<std::string> capacities;
    for (const auto& [key, value] : reader_.keys()) {
      if (!key.starts_with(kSram)) continue;
      const std::string name = key.substr(kSram.size(), key.find('.', kSram.size()) - kSram.size());
      if (!capacities.insert(name).second) continue;
      double kib = 0;
      const char* last = name.data() + name.size();
      const auto [end, error] = std::from_chars(name.data(), last, kib);
      if (error != std::errc() || std::string(end, last) != "_kib" || !(kib > 0 && kib <= kMaxKib))
        throw Error(
            fmt::format("{}: {}{}: expected a capacity such as 32_kib", value.where, kSram, name));
      table.sram_64[kib] = entry(kSram + name);
      if (table.sram_64[kib].value <= 0)
        throw Error(fmt::format("{}: {}{}: 0 pJ, expected more", value.where, kSram, name));
    }
    if (table.sram_64.size() < 2)
      throw Error(fmt::format("{}: energy.sram_64: {} capacities, expected two at least",
                              reader_.file(), table.sram_64.size()));
  }

  arch::FigureReader reader_;
};

}  // namespace

std::filesystem::path find_energy_table(const std::string& name_or_path) {
  return arch::find_config(kFolder, name_or_path, "table of energies");
}

EnergyTable load_energy_table(const std::string& name_or_path) {
  const std::filesystem::path file = find_energy_table(name_or_path);
  EnergyTable table = TableReader(arch::read_yaml_keys(file, kDepth), file.string()).read();
  table.name = file.stem().string();
  return table;
}

const EnergyTable& EnergyTables::find(const std::string& name_or_path) {
  const auto known = known_.find(name_or_path);
  if (known != known_.end()) return known->second;
  return known_.emplace(name_or_path, load_energy_table(name_or_path)).first->second;
}

std::vector<std::string> list_energy_tables() { return arch::config_names(kFolder); }

arch::EnergyEntry sram_access(const EnergyTable& table, double kib, double bits) {
  const auto& points = table.sram_64;
  auto above = points.lower_bound(kib);
  const bool outside = above == points.end() || (above == points.begin() && above->first != kib);
  if (above == points.begin()) ++above;
  if (above == points.end()) --above;
  const auto& [kib0, low] = *std::prev(above);
  const auto& [kib1, high] = *above;
  const double power = std::log(high.value / low.value) / std::log(kib1 / kib0);
  const double pj = low.value * std::pow(kib / kib0, power) * bits / 64;
  return {pj, outside || low.extrapolated || high.extrapolated};
}

}  // namespace systole::energy
