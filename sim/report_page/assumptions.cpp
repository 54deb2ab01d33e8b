// SPDX-License-Identifier: Apache-2.0
// Reads identities, and looks for the prices behind them.
#include "sim/report_page/assumptions.h"

#include <fmt/format.h>

#include <string>

#include "model/arch/ddr.h"
#include "model/base/error.h"
#include "sim/energy/prices.h"
#include "sim/report/format.h"
#include "sim/results/open.h"
#include "sim/sweep/identity.h"

namespace systole::report_page {
namespace {

Json figure_json(const energy::ListedPrice& price) {
  return {{"key", price.key},
          {"value", price.value},
          {"unit", price.unit},
          {"extrapolated", price.extrapolated}};
}

/// Energies of a memory with rows, as its file has them; null: its file is another by now.
Json memory_figures(const Json& parameters) {
  Json figures = Json::array();
  const Json stored = parameters.value("energy", Json::object());
  const arch::DramEnergy energy =
      arch::ddr_preset(parameters.at("preset").get<std::string>()).energy;
  const auto add = [&](const char* key, const arch::EnergyEntry& entry) {
    if (stored.value(std::string(key) + "_pj", entry.value) != entry.value) return false;
    figures.push_back(
        figure_json({fmt::format("memory.energy.{}", key), entry.value, "pJ", entry.extrapolated}));
    return true;
  };
  const bool same = add("read_byte", energy.read_byte) && add("write_byte", energy.write_byte) &&
                    add("activation", energy.activation);
  return same ? figures : Json();
}

Json prices_of(const std::string& table, const std::string& identity, const std::string& memory) {
  Json prices = {{"table", report::printable(table)}};
  const auto absent = [&](const std::string& why) {
    prices["absent"] = why;
    return prices;
  };
  try {
    if (sweep::energy_table_part(table).identity != identity)
      return absent("the table of this name is another one by now");
    const energy::EnergyTable read = energy::load_energy_table(table);
    prices["node_nm"] = read.node_nm;
    Json figures = Json::array();
    for (const energy::ListedPrice& price : energy::list_prices(read))
      figures.push_back(figure_json(price));
    const Json parameters = memory.empty() ? Json::object() : Json::parse(memory);
    if (parameters.contains("preset")) {
      const Json own = memory_figures(parameters);
      if (own.is_null()) return absent("the file of the memory is another one by now");
      figures.insert(figures.end(), own.begin(), own.end());
    }
    prices["figures"] = std::move(figures);
    return prices;
  } catch (const Error& error) {  // a file of somebody's own that is not here
    return absent(report::printable(error.what()));
  }
}

}  // namespace

Json assumptions_of(const std::filesystem::path& database, int64_t point) {
  results::Connection connection = results::open_results(database, results::Access::kRead);
  results::Statement row(
      connection,
      "SELECT v.name, p.configuration, n.file, n.identity, m.identity, d.name, d.identity, e.name, "
      "e.identity, d.parameters FROM points p JOIN versions v ON v.id = p.version JOIN networks n "
      "ON n.id = p.network JOIN machines m ON m.id = p.machine LEFT JOIN memories d ON d.id = "
      "m.memory JOIN energy_tables e ON e.id = p.energy_table WHERE p.id = ?");
  row.bind(0, point);
  if (!row.step()) throw Error(fmt::format("{}: has no point {}", database.string(), point));
  Json identities = Json::array();
  const auto add = [&](const std::string& name, int column) {
    if (!row.text(column).empty())
      identities.push_back({{"name", name}, {"value", row.text(column)}});
  };
  add("version of Systole", 0);
  add("hash of the configuration", 1);
  add(fmt::format("hash of the network {}", row.text(2)), 3);
  add("hash of the machine", 4);
  add(fmt::format("hash of the memory {}", row.text(5)), 6);
  add(fmt::format("hash of the table of energies {}", row.text(7)), 8);
  return {{"identities", identities}, {"prices", prices_of(row.text(7), row.text(8), row.text(9))}};
}

}  // namespace systole::report_page
