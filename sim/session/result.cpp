// SPDX-License-Identifier: Apache-2.0
// Puts the sections in their order.
#include "sim/session/result.h"

#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"
#include "sim/energy/text.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/report/sparsity.h"

namespace systole::session {
namespace {

using Json = nlohmann::ordered_json;

Json agreement_json(const Agreement& agreed) {
  return {{"equal", agreed.equal},
          {"instructions", agreed.instructions},
          {"bursts", agreed.bursts},
          {"counters", isa::kCounters},
          {"memory_bytes", agreed.bytes}};
}

Json changes_json(const Trials& trials) {
  Json json = Json::array();
  for (const TrialResult& result : trials.results) {
    Json change = {{"change", result.name}};
    if (!result.failure.empty()) {
      change["failure"] = report::printable(result.failure);
      json.push_back(change);
      continue;
    }
    const TrialFigures& figures = result.figures;
    change["cycles"] = figures.cycles;
    change["speedup"] = trials.speedup(figures);
    change["cycles_ratio"] = trials.cycles_ratio(figures);
    if (figures.energy_uj) change["energy_uj"] = *figures.energy_uj;
    if (const auto ratio = trials.energy_ratio(figures)) change["energy_ratio"] = *ratio;
    change["area_mm2"] = figures.area_mm2;
    change["area_ratio"] = trials.area_ratio(figures);
    if (const auto gain = trials.gain_per_mm2(result)) change["cycles_per_mm2"] = *gain;
    json.push_back(change);
  }
  return json;
}

/// What the changes are held against, and the best of them by name.
Json advice_json(const Trials& trials) {
  Json json = {{"energy_table", trials.table}};
  if (!trials.layer.empty()) json["layer"] = report::printable(trials.layer);
  json["cycles"] = trials.before.cycles;
  if (trials.before.energy_uj) json["energy_uj"] = *trials.before.energy_uj;
  json["area_mm2"] = trials.before.area_mm2;
  const auto name = [&](const char* key, std::optional<size_t> index) {
    if (index) json[key] = trials.results[*index].name;
  };
  name("best_gain_per_mm2", trials.best_gain());
  name("without_more_mm2", trials.best_for_nothing());
  name("largest_saving", trials.largest_saving());
  return json;
}

}  // namespace

Json result_json(const NetworkRun& run, const arch::ArchConfig& arch, const ResultParts& parts) {
  const report::Report& report = run.report;
  Json json = report::to_json(report, arch, run.result());
  json["clock"] = report::clock_json(arch, parts.node_nm);
  if (parts.choices)
    for (const choices::ChoiceInfo& choice : choices::kChoices)
      json["compile"][std::string(choice.key).substr(std::string("compile.").size())] =
          (*parts.choices).*choice.member;
  if (!parts.weights.empty()) report::add_weights(parts.weights, json);
  if (parts.fallback) json["host_fallback"] = report::fallback_json(*parts.fallback);
  if (parts.energy) json["energy"] = energy::energy_json(*parts.energy);
  if (parts.compared) json["agreement"] = agreement_json(run.agreed);
  if (parts.changes) {
    json["hardware_changes"] = changes_json(*parts.changes);
    json["hardware_advice"] = advice_json(*parts.changes);
  }
  json["provenance"] = report::provenance_json(parts.file, report);
  return json;
}

}  // namespace systole::session
