// SPDX-License-Identifier: Apache-2.0
// What the host does in a network's stages, and what passes between it and the accelerator.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compiler/pipeline/plan.h"
#include "model/arch/arch.h"
#include "sim/report/report.h"

namespace systole::report {

/// One stage; bytes and work are of the whole batch.
struct StageReport {
  bool device = false;
  Cycle cycles = 0;                      ///< device
  std::vector<std::string> layers;       ///< device: names of its layers
  int64_t from_host = 0, to_host = 0;    ///< device: int8 bytes that it gets from other stages
                                         ///< and gives to them
  std::vector<pipeline::HostWork> work;  ///< host, one item
  int64_t macs = 0, elements = 0;        ///< elements: of its nodes' results
};

struct FallbackReport {
  std::vector<StageReport> stages;
  int64_t to_host = 0, from_host = 0;  ///< bytes, see StageReport
  double dram_share = 0;   ///< of these bytes in them and all bytes that the accelerator moves
  double transfer_ms = 0;  ///< they would take at the memory's peak
  double time_share = 0;   ///< of that in it and the accelerator's latency
  int64_t host_macs = 0, host_elements = 0;
  double mac_share = 0, element_share = 0;  ///< of the host in the network's
  size_t host_nodes() const;
};

/// `parts`: the reports of the device stages that ran, in order; `total`: merged.
FallbackReport make_fallback_report(const pipeline::NetworkPlan& plan,
                                    const std::vector<Report>& parts, const Report& total);

/// A row for each stage, and the host's work and the transfers. `width`: of the terminal that it is
/// for (columns.h).
std::string stage_table(const FallbackReport& report, size_t width = 0);
std::string fallback_totals(const FallbackReport& report);
/// docs/result.schema.json, "host_fallback".
nlohmann::ordered_json fallback_json(const FallbackReport& report);

}  // namespace systole::report
