// SPDX-License-Identifier: Apache-2.0
// A worker for each machine; figures come back as JSON.
#include "sim/session/change_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/base/error.h"
#include "sim/energy/area.h"
#include "sim/process/worker_pool.h"
#include "sim/session/timed_run.h"

namespace systole::session {
namespace {

constexpr double kMicroPerPico = 1e-6;
constexpr double kMostCycles = 1.01;  // of what takes area away, times those without a change

/// The index of the layer `name`. Throws Error.
size_t find_layer(const report::Report& report, const std::string& name) {
  for (size_t i = 0; i < report.layers.size(); ++i)
    if (report.layers[i].name == name) return i;
  throw Error(fmt::format("the layer '{}' is not there", name));
}

nlohmann::json measure(const TrialConditions& conditions, const arch::ArchConfig& arch) {
  const TimedRun timed =
      run_timed(conditions.plan, arch, conditions.has_energy ? &conditions.table : nullptr,
                {conditions.choices});
  const report::Report& report = timed.run.report;
  const auto energy = timed.run.energy();
  nlohmann::json made = {{"cycles", report.cycles}};
  if (energy) made["energy_uj"] = energy->energy.total() * kMicroPerPico;
  if (conditions.layer.empty()) return made;
  const size_t layer = find_layer(report, conditions.layer);
  made["cycles"] = report.layers[layer].cycles;
  if (energy) made["energy_uj"] = energy->layers.at(layer).energy.total() * kMicroPerPico;
  return made;
}

std::optional<double> ratio_of(std::optional<double> after, std::optional<double> before) {
  if (!after || !before || *before <= 0) return std::nullopt;
  return *after / *before;
}

}  // namespace

double Trials::speedup(const TrialFigures& after) const {
  return static_cast<double>(before.cycles) / static_cast<double>(after.cycles);
}

double Trials::cycles_ratio(const TrialFigures& after) const {
  return static_cast<double>(after.cycles) / static_cast<double>(before.cycles);
}

std::optional<double> Trials::energy_ratio(const TrialFigures& after) const {
  return ratio_of(after.energy_uj, before.energy_uj);
}

double Trials::area_ratio(const TrialFigures& after) const {
  return after.area_mm2 / before.area_mm2;
}

std::optional<double> Trials::gain_per_mm2(const TrialResult& result) const {
  const double added = result.figures.area_mm2 - before.area_mm2;
  if (!result.failure.empty() || result.off_chip || added <= 0 ||
      result.figures.cycles >= before.cycles)
    return std::nullopt;
  return static_cast<double>(before.cycles - result.figures.cycles) / added;
}

std::optional<size_t> Trials::best_gain() const {
  std::optional<size_t> best;
  double most = 0;
  for (size_t i = 0; i < results.size(); ++i)
    if (const auto gain = gain_per_mm2(results[i]); gain && *gain > most) best = i, most = *gain;
  return best;
}

std::optional<size_t> Trials::best_for_nothing() const {
  for (size_t i = 0; i < results.size(); ++i) {  // by their cycles
    const TrialResult& one = results[i];
    if (one.failure.empty() && !one.off_chip && one.figures.area_mm2 <= before.area_mm2 &&
        one.figures.cycles < before.cycles)
      return i;
  }
  return std::nullopt;
}

std::optional<size_t> Trials::largest_saving() const {
  std::optional<size_t> best;
  double least = before.area_mm2;
  for (size_t i = 0; i < results.size(); ++i) {
    const TrialFigures& figures = results[i].figures;
    if (!results[i].failure.empty() || figures.area_mm2 >= least ||
        cycles_ratio(figures) > kMostCycles)
      continue;
    best = i, least = figures.area_mm2;
  }
  return best;
}

Trials try_hardware_changes(const TrialConditions& conditions, int jobs,
                            const std::function<void(size_t)>& progress) {
  std::vector<HardwareChange> machines = hardware_changes(conditions.arch);
  machines.insert(machines.begin(), HardwareChange{"", conditions.arch});
  std::vector<TrialResult> results(machines.size());
  size_t finished = 0;
  process::run_workers(
      machines.size(), jobs, [&](size_t i) { return measure(conditions, machines[i].arch).dump(); },
      [&](size_t i, const process::WorkerResult& result) {
        TrialResult& made = results[i];
        made.name = machines[i].name;
        made.off_chip = machines[i].off_chip;
        if (result.ok) {
          const auto json = nlohmann::json::parse(result.text);
          made.figures.cycles = json.at("cycles").get<Cycle>();
          if (json.contains("energy_uj")) made.figures.energy_uj = json["energy_uj"].get<double>();
          made.figures.area_mm2 =
              energy::estimate_area(conditions.table, machines[i].arch.hw).total_mm2();
        } else {
          made.failure = result.reason();
        }
        progress(++finished);
      });
  if (!results[0].failure.empty()) throw Error(results[0].failure);
  Trials trials{conditions.table.name,
                conditions.layer,
                results[0].figures,
                {results.begin() + 1, results.end()}};
  std::stable_sort(trials.results.begin(), trials.results.end(),
                   [](const TrialResult& a, const TrialResult& b) {
                     if (a.failure.empty() != b.failure.empty()) return a.failure.empty();
                     return a.figures.cycles < b.figures.cycles;
                   });
  return trials;
}

}  // namespace systole::session
