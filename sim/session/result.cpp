// SPDX-License-Identifier: Apache-2.0
// Puts the sections in their order.
#include "sim/session/result.h"

#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"
#include "sim/energy/text.h"
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

Json changes_json(const std::vector<ChangeResult>& results, Cycle cycles) {
  Json json = Json::array();
  for (const ChangeResult& result : results) {
    Json change = {{"change", result.name}};
    if (result.failure.empty()) {
      change["cycles"] = result.cycles;
      change["speedup"] = result.speedup(cycles);
    } else {
      change["failure"] = report::printable(result.failure);
    }
    json.push_back(change);
  }
  return json;
}

}  // namespace

Json result_json(const NetworkRun& run, const arch::ArchConfig& arch, const ResultParts& parts) {
  const report::Report& report = run.report;
  Json json = report::to_json(report, arch, run.result());
  if (parts.choices)
    for (const choices::ChoiceInfo& choice : choices::kChoices)
      json["compile"][std::string(choice.key).substr(std::string("compile.").size())] =
          (*parts.choices).*choice.member;
  if (!parts.weights.empty()) report::add_weights(parts.weights, json);
  if (parts.fallback) json["host_fallback"] = report::fallback_json(*parts.fallback);
  if (parts.energy) json["energy"] = energy::energy_json(*parts.energy);
  if (parts.compared) json["agreement"] = agreement_json(run.agreed);
  if (parts.changes) json["hardware_changes"] = changes_json(*parts.changes, report.cycles);
  json["provenance"] = report::provenance_json(parts.file, report);
  return json;
}

}  // namespace systole::session
