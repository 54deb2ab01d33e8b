// SPDX-License-Identifier: Apache-2.0
// Architecture, network, program, run, report: one after the other.
#include "sim/sweep/point.h"

#include <fmt/format.h>

#include "compiler/pipeline/plan.h"
#include "compiler/topology/scale_sim.h"
#include "model/base/error.h"
#include "sim/energy/area.h"
#include "sim/energy/energy.h"
#include "sim/session/timed_run.h"

namespace systole::sweep {
namespace {

pipeline::NetworkPlan load_network(const SweepPoint& point, const arch::ArchConfig& arch,
                                   std::vector<std::string>& warnings) {
  const prune::PruneOptions prune{prune::parse_joined_prune(point.prune), arch.hw};
  if (point.file.extension() == ".csv") {
    if (!prune.specs.empty())
      throw Error("prune: a topology has no weights, expected an ONNX file");
    if (point.host_fallback)
      throw Error("host_fallback: a topology has nothing for the host, expected an ONNX file");
    return pipeline::lone_stage(topology::load_topology(point.file, point.batch, point.widths));
  }
  session::NetworkRequest request;
  request.batch = point.batch;
  request.weight_bits = point.widths.weights;
  request.activation_bits = point.widths.activations;
  request.host_fallback = point.host_fallback;
  request.timing_only = true;
  pipeline::FrontOptions options = request.front_options(arch, nullptr);
  options.prune = prune;
  options.warnings = &warnings;
  return pipeline::compile_front(point.file, options);
}

}  // namespace

nlohmann::ordered_json run_point(const SweepPoint& point) {
  const arch::ArchConfig arch = arch::load_arch(point.arch, point.set);
  const energy::EnergyTable table = energy::load_energy_table(point.energy_table);
  std::vector<std::string> warnings;
  const session::TimedRun timed =
      session::run_timed(load_network(point, arch, warnings), arch, &table);
  const report::Report& report = timed.run.report;
  const energy::EnergyReport energy = timed.energy();
  nlohmann::ordered_json figures = {
      {"cycles", report.cycles},
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
  if (!warnings.empty()) figures["warnings"] = warnings;
  return figures;
}

}  // namespace systole::sweep
