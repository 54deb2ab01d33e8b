// SPDX-License-Identifier: Apache-2.0
// Program, run, report: one after the other.
#include "sim/sweep/run_point.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/isa/causes.h"
#include "sim/energy/area.h"
#include "sim/energy/energy.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/sparsity.h"
#include "sim/report/widths.h"
#include "sim/session/timed_run.h"

namespace systole::sweep {
namespace {

using Values = nlohmann::json;

/// Causes that took no cycle are left out.
Values causes_json(const report::UnitCycles& units) {
  Values json = Values::object();
  for (size_t u = 0; u < units.size(); ++u)
    for (size_t c = 0; c < units[u].size(); ++c)
      if (units[u][c] > 0)
        json[fmt::format("{}_{}", isa::unit_name(static_cast<isa::Unit>(u)),
                         isa::cause_name(static_cast<isa::Cause>(c)))] = units[u][c];
  return json;
}

Values events_json(const energy::EnergyEvents& events) {
  Values json = Values::object();
  for (size_t i = 0; i < energy::kEnergyEvents; ++i)
    json[energy::energy_event_info(static_cast<energy::EnergyEvent>(i)).name] = events.counts[i];
  return json;
}

/// A row of the table `layers`.
Values layer_json(const report::LayerReport& layer) {
  return {{"name", report::printable(layer.name)},
          {"operator", report::printable(layer.op)},
          {"cycles", layer.cycles},
          {"useful_macs", layer.useful_macs},
          {"dense_macs", layer.dense_macs},
          {"mac_bits", layer.mac_bits},
          {"dram_weights", layer.bytes.weights},
          {"dram_parameters", layer.bytes.params},
          {"dram_activations_read", layer.bytes.activations_read},
          {"dram_activations_written", layer.bytes.activations_written},
          {"dram_instructions", layer.bytes.instructions},
          {"bound_mxu", layer.bounds.mxu},
          {"bound_vpu", layer.bounds.vpu},
          {"bound_memory", layer.bounds.memory},
          {"causes", causes_json(layer.units)}};
}

/// How weights are stored, and what of them the hardware makes no use of; a topology has none of
/// its own.
void add_weights(const FrontHalf& half, const session::CompiledNetwork& compiled,
                 const arch::ArchConfig& arch, Values& figures) {
  figures["narrowest"] = report::widths_text(compiled.plan.graphs());
  figures["not_gained"] = "";
  if (half.weights.empty()) return;
  const auto weights = session::weight_patterns(compiled, half.weights, arch);
  figures["not_gained"] = fmt::format("{}", fmt::join(report::not_gained(weights), "; "));
  const report::StoredWeights stored = report::stored_weights(weights);
  figures["weight_bytes"] = stored.bytes;
  figures["weight_formats"] = stored.formats_text();
}

}  // namespace

nlohmann::json run_point(const SweepPoint& point, const arch::ArchConfig& arch,
                         const FrontHalf& half, const energy::EnergyTable& table,
                         results::Detail detail, const session::SimulateOptions& simulate) {
  const session::TimedRun timed =
      session::run_timed(half.plan, arch, &table, {point.choices, point.repeat}, simulate);
  const report::Report& report = timed.run.report;
  const energy::EnergyReport energy = timed.energy();
  Values figures = {{"cycles", report.cycles},
                    {"latency_ms", report.latency_ms},
                    {"inferences_per_s", report.inferences_per_s},
                    {"tops", report.tops},
                    {"effective_tops", report.effective_tops},
                    {"peak_tops", report.peak_tops},
                    {"mac_utilisation", report.mac_utilisation},
                    {"mxu_busy", report.mxu_busy},
                    {"dram_bytes", report.bytes.total()},
                    {"bytes_per_cycle", report.bytes_per_cycle},
                    {"peak_bytes_per_cycle", report.peak_bytes_per_cycle},
                    {"lower_bound_cycles", report.lower_bound.largest()},
                    {"bound_by", report.lower_bound.largest_name()},
                    {"largest_stall", report::largest_stall(report.units).name()},
                    {"layer_reference_cycles", report.layer_reference},
                    {"energy_table", table.name},
                    {"energy_per_inference_uj", energy.per_inference_pj() * 1e-6},
                    {"average_power_mw", energy.average_power_mw()},
                    {"area_mm2", energy::estimate_area(table, arch.hw).total_mm2()}};
  add_weights(half, timed.compiled, arch, figures);
  if (const auto derived = report::derived_clock_mhz(arch.hw, table.node_nm))
    figures["derived_clock_mhz"] = *derived;
  if (const auto& steady = report.steady) {
    figures["first_latency_ms"] = steady->first_latency_ms;
    figures["steady_latency_ms"] = steady->steady_latency_ms;
    figures["steady_inferences_per_s"] = steady->inferences_per_s;
  }
  Values totals = {{"figures", figures},
                   {"causes", causes_json(report.units)},
                   {"events", events_json(energy.events)}};
  if (!half.warnings.empty()) totals["warnings"] = half.warnings;
  Values layers = Values::array();
  if (detail == results::Detail::kTotals) return {{"totals", totals}, {"layers", layers}};
  for (size_t i = 0; i < report.layers.size(); ++i) {
    Values layer = layer_json(report.layers[i]);
    if (detail == results::Detail::kAll) layer["events"] = events_json(energy.layers.at(i).events);
    layers.push_back(std::move(layer));
  }
  return {{"totals", totals}, {"layers", layers}};
}

}  // namespace systole::sweep
