// SPDX-License-Identifier: Apache-2.0
// Words energies and areas; whatever rests on an extrapolated figure is marked.
#include "sim/energy/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::energy {
namespace {

constexpr size_t kNameWidth = 26;

/// "812 pJ", "12.3 nJ", "4.56 uJ": three digits, in the unit that has them before the point.
template <size_t kUnits>
std::string amount(double value, const char* const (&units)[kUnits]) {
  size_t unit = 0;
  for (; unit + 1 < kUnits && value >= 999.5; ++unit) value /= 1e3;
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}
std::string energy_amount(double pj) { return amount(pj, {"pJ", "nJ", "uJ", "mJ", "J"}); }
std::string power_amount(double mw) { return amount(mw, {"mW", "W"}); }

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

const char* mark(bool extrapolated) { return extrapolated ? "*" : ""; }

std::string event_lines(const EnergyReport& report) {
  std::string text = fmt::format("{:<22} {:>17} {:>12} {:>11} {:>8}\n", "energy estimate", "events",
                                 "pJ each", "energy", "share");
  const double total = report.energy.total();
  for (size_t i = 0; i < kEnergyEvents; ++i) {
    const auto event = static_cast<EnergyEvent>(i);
    const int64_t count = report.events.counts[i];
    if (count == 0) continue;
    const double pj = static_cast<double>(count) * report.costs[i].value;
    text += fmt::format(
        "{:<22} {:>17} {:>12} {:>11} {:>6.1f} %\n", energy_event_info(event).text,
        report::with_commas(static_cast<uint64_t>(count)),
        fmt::format("{:.4g}{:1}", report.costs[i].value, mark(report.costs[i].extrapolated)),
        energy_amount(pj), percent(pj, total));
  }
  return text;
}

std::string part_line(const EnergyByPart& energy) {
  std::string text;
  for (size_t p = 0; p < kEnergyParts; ++p)
    if (energy.pj[p] > 0)
      text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ",
                          energy_part_name(static_cast<EnergyPart>(p)),
                          percent(energy.pj[p], energy.total()));
  return text;
}

std::string layer_lines(const EnergyReport& report, size_t width) {
  if (report.layers.empty()) return "";
  using enum report::Column::Side;
  report::Table table({{"energy by layer", kLeft, kNameWidth},
                       {"energy", kRight, 11},
                       {"share", kRight, 8, 1},
                       {"on chip", kRight, 11, 3},
                       {"DRAM", kRight, 11, 4},
                       {"most of it", kLeft, 0, 2, 2}});
  for (const LayerEnergy& layer : report.layers) {
    const auto& pj = layer.energy.pj;
    const auto largest = std::max_element(pj.begin(), pj.end()) - pj.begin();
    table.add({report::fit(layer.name, kNameWidth), energy_amount(layer.energy.total()),
               fmt::format("{:.1f} %", percent(layer.energy.total(), report.energy.total())),
               energy_amount(layer.energy.on_chip()),
               energy_amount(layer.energy[EnergyPart::kDram]),
               fmt::format("{} {:.1f} %", energy_part_name(static_cast<EnergyPart>(largest)),
                           percent(pj[static_cast<size_t>(largest)], layer.energy.total()))});
  }
  return "\n" + table.text(width);
}

nlohmann::ordered_json parts_json(const EnergyByPart& energy) {
  nlohmann::ordered_json json;
  for (size_t p = 0; p < kEnergyParts; ++p)
    json[energy_part_name(static_cast<EnergyPart>(p))] = energy.pj[p];
  return json;
}

}  // namespace

std::string energy_text(const EnergyReport& report, size_t width) {
  const EnergyByPart& energy = report.energy;
  std::string text = event_lines(report);
  text += fmt::format("{:<18}{}\n", "parts", part_line(energy));
  text += fmt::format("{:<18}{} for a batch of {}: {} an inference, on chip {}, DRAM {}\n",
                      "energy", energy_amount(energy.total()), report.batch,
                      energy_amount(report.per_inference_pj()), energy_amount(energy.on_chip()),
                      energy_amount(energy[EnergyPart::kDram]));
  text += fmt::format("{:<18}{} on average\n", "power", power_amount(report.average_power_mw()));
  text += fmt::format(
      "{:<18}table {} ({} nm); * is not in its source but extrapolated; MACs are gated by {}\n", "",
      report::printable(report.table), report.node_nm,
      report.activations_gate ? "weights of 0 and activations at their zero point"
                              : "weights of 0 (activations were not computed)");
  return text + layer_lines(report, width);
}

nlohmann::ordered_json energy_json(const EnergyReport& report) {
  nlohmann::ordered_json json = {{"estimate", true},
                                 {"table", report::printable(report.table)},
                                 {"node_nm", report.node_nm},
                                 {"activations_gate", report.activations_gate},
                                 {"total_pj", report.energy.total()},
                                 {"per_inference_pj", report.per_inference_pj()},
                                 {"on_chip_pj", report.energy.on_chip()},
                                 {"average_power_mw", report.average_power_mw()},
                                 {"parts_pj", parts_json(report.energy)}};
  auto events = nlohmann::ordered_json::object();
  for (size_t i = 0; i < kEnergyEvents; ++i)
    events[energy_event_info(static_cast<EnergyEvent>(i)).name] = {
        {"count", report.events.counts[i]},
        {"pj_each", report.costs[i].value},
        {"extrapolated", report.costs[i].extrapolated}};
  json["events"] = events;
  json["layers"] = nlohmann::ordered_json::array();
  for (const LayerEnergy& layer : report.layers)
    json["layers"].push_back({{"name", report::printable(layer.name)},
                              {"total_pj", layer.energy.total()},
                              {"parts_pj", parts_json(layer.energy)}});
  return json;
}

std::string area_text(const AreaReport& report, const EnergyTable& table) {
  std::string text =
      fmt::format("{:<20} {:>12} {:>8}  {}\n", "area estimate", "mm2", "share", "of");
  for (const AreaPart& part : report.parts)
    text += fmt::format("{:<20} {:>12} {:>6.1f} %  {}\n", part.name,
                        fmt::format("{:.4g}{:1}", part.mm2, mark(part.extrapolated)),
                        percent(part.mm2, report.total_mm2()), part.what);
  return text + fmt::format(
                    "{:<20} {:>11.4g}  {:>6.1f} %  without wiring and clock tree\n"
                    "{:<20} table {} ({} nm); * is not in its source but "
                    "extrapolated\n",
                    "total", report.total_mm2(), 100.0, "", report::printable(table.name),
                    table.node_nm);
}

}  // namespace systole::energy
