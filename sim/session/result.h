// SPDX-License-Identifier: Apache-2.0
// The result of a run as JSON (docs/result.schema.json).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "compiler/choices/choices.h"
#include "sim/report/fallback.h"
#include "sim/report/weight_patterns.h"
#include "sim/session/change_trials.h"
#include "sim/session/network_run.h"

namespace systole::session {

/// What a result tells beside the report.
struct ResultParts {
  std::filesystem::path file;                      ///< of the network
  std::optional<report::FallbackReport> fallback;  ///< if the host might help
  std::vector<std::optional<report::WeightPatterns>> weights;
  std::optional<energy::EnergyReport> energy;
  std::optional<int> node_nm;               ///< of its table
  bool compared = false;                    ///< both engines ran
  std::optional<choices::Choices> choices;  ///< none: it was compiled elsewhere
  std::optional<Trials> changes;            ///< of the hardware, with --explain
};

nlohmann::ordered_json result_json(const NetworkRun& run, const arch::ArchConfig& arch,
                                   const ResultParts& parts);

}  // namespace systole::session
