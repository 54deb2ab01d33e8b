// SPDX-License-Identifier: Apache-2.0
// Names the figures of a table as its file does.
#include "sim/energy/prices.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::energy {
namespace {

struct Figure {
  std::string key;
  double* value;
  bool extrapolated;
};

std::vector<Figure> figures_of(EnergyTable& table) {
  std::vector<Figure> figures;
  const auto add = [&](const std::string& key, arch::EnergyEntry& entry) {
    figures.push_back({key, &entry.value, entry.extrapolated});
  };
  for (size_t w = 0; w < kWidths; ++w) {
    add(fmt::format("energy.mac.bits{}", kMacWidths[w]), table.mac[w]);
    add(fmt::format("area.mac.bits{}", kMacWidths[w]), table.mac_area[w]);
  }
  add("energy.mac.gated", table.gated_mac);
  add("energy.register_bit", table.register_bit);
  add("energy.int_add", table.int_add);
  add("energy.fp_add", table.fp_add);
  add("energy.fp_multiply", table.fp_multiply);
  add("energy.instruction", table.instruction);
  add("energy.gate", table.gate);
  add("energy.clock_bit", table.clock_bit);
  for (auto& [kib, entry] : table.sram_64) add(fmt::format("energy.sram_64.{}_kib", kib), entry);
  add("energy.dram.rowless.read_byte", table.rowless.read_byte);
  add("energy.dram.rowless.write_byte", table.rowless.write_byte);
  add("area.register_bit", table.register_bit_area);
  add("area.int_add", table.int_add_area);
  add("area.fp_add", table.fp_add_area);
  add("area.fp_multiply", table.fp_multiply_area);
  add("area.sram_kib", table.sram_kib_area);
  add("area.gate", table.gate_area);
  add("leakage.mw_per_mm2", table.leakage_mm2);
  return figures;
}

/// And those of memories with rows.
std::vector<Figure> figures_of(Prices& prices) {
  std::vector<Figure> figures = figures_of(prices.table);
  figures.push_back({"energy.dram.rows.read_byte", &prices.rows_read, false});
  figures.push_back({"energy.dram.rows.write_byte", &prices.rows_write, false});
  figures.push_back({"energy.dram.rows.activation", &prices.rows_activation, false});
  return figures;
}

bool is_of(const std::string& figure, const std::string& key) {
  return figure == key || figure.starts_with(key + ".");
}

/// As the file has it.
std::string whole_key(std::string key) {
  const bool whole = is_of(key, "energy") || is_of(key, "area") || is_of(key, "leakage");
  if (!whole) key = "energy." + key;
  if (is_of(key, "energy.sram")) key.insert(std::string("energy.sram").size(), "_64");
  if (key == "area.sram") key = "area.sram_kib";
  return key;
}

}  // namespace

Scale parse_scale(const std::string& text) {
  const size_t equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  Scale scale{whole_key(key), 0};
  const char* const end = number.data() + number.size();
  const auto [rest, error] = std::from_chars(number.data(), end, scale.factor);
  if (error != std::errc() || rest != end || !(scale.factor > 0) || !std::isfinite(scale.factor))
    throw Error(
        fmt::format("--scale {}: expected KEY=FACTOR with a factor above 0, such as "
                    "sram=1.3",
                    text));
  if (is_of(scale.key, "energy.sram_64")) return scale;  // the table knows the capacities
  Prices any;
  std::vector<std::string> parts = {"sram", "dram", "mac", "energy", "area", "leakage"};
  for (const Figure& figure : figures_of(any)) {
    if (is_of(figure.key, scale.key)) return scale;
    parts.push_back(figure.key);
    if (figure.key.starts_with("energy.")) parts.push_back(figure.key.substr(7));
  }
  throw Error(
      fmt::format("--scale {}: no figure of a table of energies, expected such as sram, "
                  "dram, mac.bits8 or area{}",
                  text, did_you_mean(key, parts)));
}

void Prices::apply(const Scale& scale) {
  size_t scaled = 0;
  for (const Figure& figure : figures_of(*this)) {
    if (!is_of(figure.key, scale.key)) continue;
    *figure.value *= scale.factor;
    ++scaled;
  }
  if (scaled == 0)
    throw Error(fmt::format("--scale {}: the table {} has no such figure", scale.key, table.name));
}

void vary(EnergyTable& table, const std::function<double(bool)>& factor) {
  for (const Figure& figure : figures_of(table)) *figure.value *= factor(figure.extrapolated);
}

arch::DramEnergy Prices::rows(const arch::DramEnergy& own) const {
  arch::DramEnergy energy = own;
  energy.read_byte.value *= rows_read;
  energy.write_byte.value *= rows_write;
  energy.activation.value *= rows_activation;
  return energy;
}

std::vector<ListedPrice> list_prices(const EnergyTable& table) {
  EnergyTable copy = table;
  std::vector<ListedPrice> prices;
  for (const Figure& figure : figures_of(copy)) {
    const char* unit = is_of(figure.key, "area")      ? "um2"
                       : is_of(figure.key, "leakage") ? "mW/mm2"
                                                      : "pJ";
    prices.push_back({figure.key, *figure.value, unit, figure.extrapolated});
  }
  return prices;
}

}  // namespace systole::energy
