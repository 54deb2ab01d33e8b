// SPDX-License-Identifier: Apache-2.0
// A run of a topology as the three reports that SCALE-Sim writes (docs/topologies.md).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/program/program.h"
#include "sim/platform/run.h"
#include "sim/report/report.h"

namespace systole::scale_sim {

inline constexpr const char* kComputeFile = "COMPUTE_REPORT.csv";
inline constexpr const char* kBandwidthFile = "BANDWIDTH_REPORT.csv";
inline constexpr const char* kAccessFile = "DETAILED_ACCESS_REPORT.csv";

/// Name and text of each. `result`, of the finished run of `program`, has its logs; `report` is its
/// report.
std::vector<std::pair<std::string, std::string>> make_reports(const program::Program& program,
                                                              const platform::RunResult& result,
                                                              const report::Report& report);

}  // namespace systole::scale_sim
