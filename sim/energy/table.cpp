// SPDX-License-Identifier: Apache-2.0
// Reads tables of energies and areas, and interpolates between the memories they give.
#include "sim/energy/table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <set>

#include "model/arch/config_directories.h"
#include "model/arch/ddr.h"
#include "model/arch/yaml_keys.h"
#include "model/base/error.h"

namespace systole {
namespace {

constexpr const char* kFolder = "energy";
constexpr int kDepth = 4;  // energy.dram.PRESET.activation.value
constexpr double kMaxValue = 1e9, kMaxKib = 1e6;
constexpr int kMaxNode = 1000;
const std::string kSram = "energy.sram_64.";

bool starts_with_section(const std::string& key, const std::string& section) {
  return key.starts_with(section + ".");
}

class TableReader {
 public:
  TableReader(YamlKeys keys, std::string file) : keys_(std::move(keys)), file_(std::move(file)) {}

  EnergyTable read() {
    EnergyTable table;
    table.node_nm = static_cast<int>(to_integer("node_nm", require("node_nm"), 1, kMaxNode));
    known_.insert("description");
    if (const YamlValue* text = find("description")) table.description = text->text;
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
    read_sram(table);
    read_dram(table);
    table.register_bit_area = entry("area.register_bit");
    table.int_add_area = entry("area.int_add");
    table.fp_add_area = entry("area.fp_add");
    table.fp_multiply_area = entry("area.fp_multiply");
    table.sram_kib_area = entry("area.sram_kib");
    table.leakage_mm2 = entry("leakage.mw_per_mm2");
    check_keys();
    return table;
  }

 private:
  const YamlValue* find(const std::string& key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() ? nullptr : &found->second;
  }

  const YamlValue& require(const std::string& key) {
    known_.insert(key);
    if (const YamlValue* value = find(key)) return *value;
    throw Error(fmt::format("{}: {}: missing, a table of energies must state it", file_, key));
  }

  /// A figure with its source; `how` it follows from that is for the reader of the file.
  EnergyEntry entry(const std::string& key) {
    const std::string value = key + ".value", source = key + ".source";
    EnergyEntry result;
    result.value = to_number(value, require(value), 0, kMaxValue);
    const YamlValue& named = require(source);
    if (find("sources." + named.text) == nullptr)
      throw Error(fmt::format("{}: {}: '{}' is not among the sources of the file", named.where,
                              source, named.text));
    used_.insert("sources." + named.text);
    known_.insert(key + ".how");
    known_.insert(key + ".extrapolated");
    if (const YamlValue* flag = find(key + ".extrapolated")) {
      if (flag->text != "true" && flag->text != "false")
        throw Error(fmt::format("{}: {}.extrapolated: '{}', expected true or false", flag->where,
                                key, flag->text));
      result.extrapolated = flag->text == "true";
    }
    return result;
  }

  bool has_section(const std::string& section) const {
    const auto first = keys_.lower_bound(section + ".");
    return first != keys_.end() && starts_with_section(first->first, section);
  }

  /// Keys of the form "8_kib".
  void read_sram(EnergyTable& table) {
    std::set<std::string> capacities;
    for (const auto& [key, value] : keys_) {
      if (!key.starts_with(kSram)) continue;
      const std::string name = key.substr(kSram.size(), key.find('.', kSram.size()) - kSram.size());
      if (!capacities.insert(name).second) continue;
      double kib = 0;
      const char* last = name.data() + name.size();
      const auto [end, error] = std::from_chars(name.data(), last, kib);
      if (error != std::errc() || std::string(end, last) != "_kib" || kib <= 0 || kib > kMaxKib)
        throw Error(
            fmt::format("{}: {}{}: expected a capacity such as 32_kib", value.where, kSram, name));
      table.sram_64[kib] = entry(kSram + name);
      if (table.sram_64[kib].value <= 0)
        throw Error(fmt::format("{}: {}{}: 0 pJ, expected more", value.where, kSram, name));
    }
    if (table.sram_64.size() < 2)
      throw Error(fmt::format("{}: energy.sram_64: {} capacities, expected two at least", file_,
                              table.sram_64.size()));
  }

  void read_dram(EnergyTable& table) {
    const std::string section = "energy.dram.";
    table.rowless.read_byte = entry(section + "rowless.read_byte");
    table.rowless.write_byte = entry(section + "rowless.write_byte");
    for (const std::string& preset : ddr_preset_names()) {
      if (!has_section(section + preset)) continue;
      const std::string key = section + preset;
      table.dram[preset] = {entry(key + ".read_byte"), entry(key + ".write_byte"),
                            entry(key + ".activation")};
    }
  }

  void check_keys() {
    for (const auto& [key, value] : keys_)
      if (starts_with_section(key, "sources")) known_.insert(key);
    refuse_unknown_keys(keys_, {known_.begin(), known_.end()});
    for (const auto& [key, value] : keys_)
      if (starts_with_section(key, "sources") && !used_.contains(key))
        throw Error(fmt::format("{}: {}: no entry names this source", value.where, key));
  }

  const YamlKeys keys_;
  const std::string file_;
  std::set<std::string> known_, used_;
};

}  // namespace

EnergyTable load_energy_table(const std::string& name_or_path) {
  const std::filesystem::path file = find_config(kFolder, name_or_path, "table of energies");
  EnergyTable table = TableReader(read_yaml_keys(file, kDepth), file.string()).read();
  table.name = file.stem().string();
  return table;
}

std::vector<std::string> list_energy_tables() { return config_names(kFolder); }

EnergyEntry sram_access(const EnergyTable& table, double kib, double bits) {
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

}  // namespace systole
