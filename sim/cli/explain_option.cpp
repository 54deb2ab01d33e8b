// SPDX-License-Identifier: Apache-2.0
// Words the changes of the hardware that were tried.
#include "sim/cli/explain_option.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/cli/look.h"
#include "sim/cli/progress.h"
#include "sim/energy/energy.h"
#include "sim/process/worker_pool.h"
#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

using session::TrialFigures;
using session::TrialResult;
using session::Trials;

bool knows_memory(const energy::EnergyTable& table, const arch::ArchConfig& arch) {
  try {
    energy::event_costs(table, arch);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.3f}", *ratio) : "-";
}

/// A row of the table; `trials`: null, or ratios are told.
std::vector<std::string> cells_of(const std::string& name, const TrialFigures& figures,
                                  const Trials* trials) {
  const auto ratio = [&](auto value) {
    return trials ? ratio_text((trials->*value)(figures)) : std::string();
  };
  return {"  " + name,
          report::with_commas(figures.cycles),
          ratio(&Trials::cycles_ratio),
          figures.energy_uj ? fmt::format("{:.4g}", *figures.energy_uj) : "-",
          ratio(&Trials::energy_ratio),
          fmt::format("{:.4g}", figures.area_mm2),
          ratio(&Trials::area_ratio)};
}

std::string table_text(const Trials& trials) {
  using enum report::Column::Side;
  report::Table table({{"  change", kLeft},
                       {"cycles", kRight, 14},
                       {"ratio", kRight, 7},
                       {"energy, uJ", kRight, 12, 2},
                       {"ratio", kRight, 7, 1},
                       {"mm2", kRight, 10, 2},
                       {"ratio", kRight, 7, 1}});
  table.add(cells_of("as it is", trials.before, nullptr));
  std::string failures;
  for (const TrialResult& one : trials.results) {
    if (one.failure.empty())
      table.add(cells_of(one.name, one.figures, &trials));
    else
      failures += fmt::format("  {}: not possible: {}\n", one.name,
                              report::printable(one.failure.substr(0, one.failure.find('\n'))));
  }
  return shown_table(table.text(out_width())) + failures;
}

/// "3.1 % fewer", "0.2 % more", "the same".
std::string cycles_text(const Trials& trials, const TrialFigures& after) {
  const double percent = 100 * (trials.cycles_ratio(after) - 1);
  if (after.cycles == trials.before.cycles) return "the same cycles";
  return fmt::format("{:.2f} % {} cycles", std::abs(percent), percent < 0 ? "fewer" : "more");
}

std::string best_gain_text(const Trials& trials) {
  const auto best = trials.best_gain();
  if (!best) return "none: no change that adds mm2 saves cycles";
  const TrialResult& one = trials.results[*best];
  return fmt::format("{}: {}, {} saved for an added {:.4g} mm2, {} for each mm2", one.name,
                     cycles_text(trials, one.figures),
                     report::with_commas(trials.before.cycles - one.figures.cycles),
                     one.figures.area_mm2 - trials.before.area_mm2,
                     report::with_commas(static_cast<uint64_t>(*trials.gain_per_mm2(one))));
}

std::string for_nothing_text(const Trials& trials) {
  const auto best = trials.best_for_nothing();
  if (!best) return "none";
  const TrialResult& one = trials.results[*best];
  return fmt::format("{}: {}", one.name, cycles_text(trials, one.figures));
}

std::string largest_saving_text(const Trials& trials) {
  const auto best = trials.largest_saving();
  if (!best) return "none for at most 1 % more cycles";
  const TrialResult& one = trials.results[*best];
  const auto energy = trials.energy_ratio(one.figures);
  return fmt::format("{}: {:.4g} mm2 less ({:.1f} %), {}{}", one.name,
                     trials.before.area_mm2 - one.figures.area_mm2,
                     100 * (1 - trials.area_ratio(one.figures)), cycles_text(trials, one.figures),
                     energy ? fmt::format(", {:.3f} times the energy", *energy) : std::string());
}

}  // namespace

void check_explained_layer(const session::CompiledNetwork& compiled, const std::string& name) {
  std::vector<std::string> names;
  for (const program::Program& program : compiled.programs)
    for (const program::LayerInfo& layer : program.layers) {
      if (layer.name == name) return;
      names.push_back(report::printable(layer.name));
    }
  throw Error(fmt::format("--layer {}: unknown, {}", report::printable(name),
                          expected_one_of(report::printable(name), names)));
}

Trials try_changes(const session::CompiledNetwork& compiled, const arch::ArchConfig& arch,
                   const choices::Choices& choices, const std::optional<energy::EnergyTable>& table,
                   const std::string& layer) {
  Progress progress("changes of the hardware", "tried", session::hardware_changes(arch).size() + 1);
  const energy::EnergyTable used =
      table ? *table : energy::load_energy_table(energy::kDefaultEnergyTable);
  const session::TrialConditions conditions{
      compiled.plan, arch, choices, used, knows_memory(used, arch), layer};
  return session::try_hardware_changes(conditions, process::usable_processors(),
                                       [&](size_t done) { progress.update(done); });
}

std::string changes_text(const Trials& trials) {
  std::string text =
      fmt::format("what would help{}, of {} changes simulated; estimates by {}\n",
                  trials.layer.empty() ? std::string() : " in " + report::printable(trials.layer),
                  trials.results.size(), trials.table);
  text += table_text(trials);
  text += fmt::format("{:<20}{}\n", "best gain per mm2", best_gain_text(trials));
  text += fmt::format("{:<20}{}\n", "without more mm2", for_nothing_text(trials));
  text += fmt::format("{:<20}{}\n", "largest saving", largest_saving_text(trials));
  return text;
}

}  // namespace systole::cli
