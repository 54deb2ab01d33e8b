// SPDX-License-Identifier: Apache-2.0
// Writes a report as JSON and CSV.
#include "sim/report/json.h"

#include <fmt/format.h>

#include "model/isa/counter_ids.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

using Json = nlohmann::ordered_json;

const char* status_name(platform::RunStatus status) {
  switch (status) {
    case platform::RunStatus::kFinished:
      return "finished";
    case platform::RunStatus::kFault:
      return "fault";
    case platform::RunStatus::kWatchdog:
      return "watchdog";
    case platform::RunStatus::kCycleLimit:
      return "cycle_limit";
  }
  return "?";
}

Json bytes_json(const DramBytes& bytes) {
  return {{"weights", bytes.weights},
          {"parameters", bytes.params},
          {"activations_read", bytes.activations_read},
          {"activations_written", bytes.activations_written},
          {"instructions", bytes.instructions},
          {"total", bytes.total()}};
}

Json bounds_json(const Bounds& bounds) {
  return {{"mxu", bounds.mxu},
          {"vpu", bounds.vpu},
          {"memory", bounds.memory},
          {"largest", bounds.largest_name()}};
}

// Causes that took no cycle are left out.
Json units_json(const UnitCycles& units) {
  Json json;
  for (size_t u = 0; u < units.size(); ++u) {
    Json causes = Json::object();
    for (size_t c = 0; c < units[u].size(); ++c)
      if (units[u][c] > 0) causes[isa::cause_name(static_cast<isa::Cause>(c))] = units[u][c];
    json[isa::unit_name(static_cast<isa::Unit>(u))] = causes;
  }
  return json;
}

Json distance_json(const Distance& distance) {
  Json causes = Json::object();
  for (const auto& term : distance.terms()) causes[term.name] = term.cycles;
  return {{"cycles", distance.cycles}, {"unit", isa::unit_name(distance.unit)}, {"causes", causes}};
}

Json layer_json(const LayerReport& layer) {
  return {{"name", printable(layer.name)},
          {"operator", printable(layer.op)},
          {"cycles", layer.cycles},
          {"useful_macs", layer.useful_macs},
          {"mac_bits", layer.mac_bits},
          {"dense_macs", layer.dense_macs},
          {"mac_utilisation", layer.mac_utilisation},
          {"dram_bytes", bytes_json(layer.bytes)},
          {"bytes_per_cycle", layer.bytes_per_cycle},
          {"lower_bound_cycles", bounds_json(layer.bounds)},
          {"reference_cycles", bounds_json(layer.reference)},
          {"cycles_per_bound", layer.cycles_per_bound},
          {"largest_stall", layer.stall.name()},
          {"unit_cycles", units_json(layer.units)},
          {"distance", distance_json(layer.distance)}};
}

}  // namespace

Json architecture_json(const arch::ArchConfig& arch) {
  Json parameters;
  for (const auto& param : isa::kHwParams) parameters[param.key] = arch.hw.*param.member;
  Json memory = {{"kind", arch.memory.kind}, {"size_mib", arch.memory.size_mib}};
  if (arch.memory.kind == "ideal") {
    memory["bytes_per_cycle"] = arch.memory.bytes_per_cycle;
    memory["latency_cycles"] = arch.memory.latency_cycles;
  } else if (arch.memory.kind == "ddr") {
    memory["preset"] = arch.memory.ddr.name;
    memory["mapping"] = arch.memory.ddr.mapping;
    for (const arch::DdrKey& key : arch::ddr_keys()) memory[key.key] = arch.memory.ddr.*key.member;
  } else {
    memory["seed"] = arch.memory.seed;
  }
  return {{"name", printable(arch.name)},
          {"clock_mhz", arch.clock_mhz},
          {"clock_derived", arch.clock_node_nm != 0},
          {"parameters", parameters},
          {"memory", memory}};
}

namespace {

Json memory_json(const MemoryReport& memory) {
  Json json = {{"name", memory.name},
               {"share_of_peak", memory.share_of_peak},
               {"matrix_unit_wait", memory.matrix_unit_wait}};
  if (memory.has_rows()) {
    json["row_hits"] = memory.stats.row_hits;
    json["row_misses"] = memory.stats.row_misses;
    json["row_conflicts"] = memory.stats.row_conflicts;
    json["row_hit_rate"] = memory.row_hit_rate;
    json["refreshes"] = memory.stats.refreshes;
    json["turnarounds"] = memory.stats.turnarounds;
    json["lost"] = {{"rows", memory.lost_rows},
                    {"refresh", memory.lost_refresh},
                    {"turnaround", memory.lost_turnaround},
                    {"bank_groups", memory.lost_bank_groups},
                    {"total", memory.lost()}};
  }
  return json;
}

Json totals_json(const Report& report) {
  Json json = {{"cycles", report.cycles},
               {"latency_ms", report.latency_ms},
               {"inferences_per_s", report.inferences_per_s},
               {"useful_macs", report.useful_macs},
               {"dense_macs", report.dense_macs},
               {"tops", report.tops},
               {"effective_tops", report.effective_tops},
               {"peak_tops", report.peak_tops},
               {"mac_utilisation", report.mac_utilisation},
               {"mxu_busy", report.mxu_busy},
               {"dram_bytes", bytes_json(report.bytes)},
               {"bytes_per_cycle", report.bytes_per_cycle},
               {"peak_bytes_per_cycle", report.peak_bytes_per_cycle},
               {"memory", memory_json(report.memory)},
               {"lower_bound_cycles", bounds_json(report.lower_bound)},
               {"layer_reference_cycles", report.layer_reference},
               {"unit_cycles", units_json(report.units)},
               {"distance", distance_json(report.distance)}};
  if (report.steady) {
    json["first_latency_ms"] = report.steady->first_latency_ms;
    json["steady_latency_ms"] = report.steady->steady_latency_ms;
    json["steady_inferences_per_s"] = report.steady->inferences_per_s;
  }
  return json;
}

}  // namespace

Json to_json(const Report& report, const arch::ArchConfig& arch,
             const platform::RunResult& result) {
  Json json = {{"schema", "systole.result"},
               {"schema_version", kResultSchemaVersion},
               {"network", printable(report.network)},
               {"architecture", architecture_json(arch)},
               {"engine", report.engine},
               {"batch", report.batch},
               {"repeat", report.repeat},
               {"functional", report.functional},
               {"status", status_name(report.status)}};
  if (result.status == platform::RunStatus::kFault)
    json["fault"] = {{"code", isa::fault_name(result.fault)}, {"pc", result.fault_pc}};
  json["totals"] = totals_json(report);
  json["layers"] = Json::array();
  for (const LayerReport& layer : report.layers) json["layers"].push_back(layer_json(layer));
  json["host_steps"] = Json::array();
  for (const HostReport& step : report.host)
    json["host_steps"].push_back({{"operator", step.op},
                                  {"tensor", printable(step.tensor)},
                                  {"values", step.values},
                                  {"byte_share", step.byte_share}});
  Json counters;
  for (size_t i = 0; i < isa::kCounterInfo.size(); ++i)
    counters[isa::kCounterInfo[i].name] = result.counters[i];
  json["counters"] = counters;
  return json;
}

std::string layers_csv(const Report& report) {
  std::string text =
      "layer,operator,cycles,useful_macs,dense_macs,mac_utilisation,dram_weights,dram_parameters,"
      "dram_activations_read,dram_activations_written,dram_instructions,bytes_per_cycle,bound_mxu,"
      "bound_vpu,"
      "bound_memory,bound_by,cycles_per_bound,reference,largest_stall,stall_cycles\n";
  for (const LayerReport& layer : report.layers)
    text += fmt::format("{},{},{},{},{},{:.6f},{},{},{},{},{},{:.6f},{},{},{},{},{:.6f},{},{},{}\n",
                        csv_field(printable(layer.name)), csv_field(printable(layer.op)),
                        layer.cycles, layer.useful_macs, layer.dense_macs, layer.mac_utilisation,
                        layer.bytes.weights, layer.bytes.params, layer.bytes.activations_read,
                        layer.bytes.activations_written, layer.bytes.instructions,
                        layer.bytes_per_cycle, layer.bounds.mxu, layer.bounds.vpu,
                        layer.bounds.memory, layer.bounds.largest_name(), layer.cycles_per_bound,
                        layer.reference.largest(), layer.stall.name(), layer.stall.cycles);
  return text;
}

}  // namespace systole::report
