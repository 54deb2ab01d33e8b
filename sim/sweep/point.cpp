// SPDX-License-Identifier: Apache-2.0
// Architecture, network, program, run, report: one after the other.
#include "sim/sweep/point.h"

#include <fmt/format.h>

#include "compiler/pipeline/plan.h"
#include "compiler/topology/scale_sim.h"
#include "model/base/error.h"
#include "sim/energy/area.h"
#include "sim/energy/energy.h"
#include "sim/report/format.h"
#include "sim/session/timed_run.h"

namespace systole::sweep {
namespace {

using Values = nlohmann::json;

pipeline::NetworkPlan load_network(const SweepPoint& point, const arch::ArchConfig& arch,
                                   std::vector<std::string>& warnings) {
  const prune::PruneOptions prune{prune::parse_joined_prune(point.prune), arch.hw};
  if (point.file.extension() == ".csv") {
    if (!prune.specs.empty())
      throw Error("prune: a topology has no weights, expected an ONNX file");
    if (point.host_fallback)
      throw Error("host_fallback: a topology has nothing for the host, expected an ONNX file");
    if (!point.shapes.empty()) throw Error("shape: a topology has its own, expected an ONNX file");
    return pipeline::lone_stage(topology::load_topology(point.file, point.batch, point.widths));
  }
  session::NetworkRequest request;
  request.batch = point.batch;
  request.weight_bits = point.widths.weights;
  request.activation_bits = point.widths.activations;
  request.shapes = point.shapes;
  request.range_method = point.calib_method;
  request.host_fallback = point.host_fallback;
  request.timing_only = true;
  pipeline::FrontOptions options = request.front_options(arch, nullptr);
  options.prune = prune;
  options.warnings = &warnings;
  return pipeline::compile_front(point.file, options);
}

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

}  // namespace

nlohmann::json run_point(const SweepPoint& point) {
  const arch::ArchConfig arch = arch::load_arch(point.arch, point.set);
  const energy::EnergyTable table = energy::load_energy_table(point.energy_table);
  std::vector<std::string> warnings;
  const session::TimedRun timed =
      session::run_timed(load_network(point, arch, warnings), arch, &table);
  const report::Report& report = timed.run.report;
  const energy::EnergyReport energy = timed.energy();
  const Values figures = {{"cycles", report.cycles},
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
                          {"layer_reference_cycles", report.layer_reference},
                          {"energy_table", table.name},
                          {"energy_per_inference_uj", energy.per_inference_pj() * 1e-6},
                          {"average_power_mw", energy.average_power_mw()},
                          {"area_mm2", energy::estimate_area(table, arch.hw).total_mm2()}};
  Values totals = {{"figures", figures}, {"causes", causes_json(report.units)}};
  if (!warnings.empty()) totals["warnings"] = warnings;
  Values layers = Values::array();
  for (const report::LayerReport& layer : report.layers) layers.push_back(layer_json(layer));
  return {{"totals", totals}, {"layers", layers}};
}

}  // namespace systole::sweep
