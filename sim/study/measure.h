// SPDX-License-Identifier: Apache-2.0
// Measures one variant of a study: its runs, and what it classifies.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compiler/pipeline/front.h"
#include "model/arch/arch.h"
#include "sim/energy/table.h"
#include "sim/study/variant.h"

namespace systole::study {

/// Figures of one run (docs/metrics.md).
struct StudyFigures {
  uint64_t cycles = 0;
  double latency_ms = 0, inferences_per_s = 0;
  int64_t dram_bytes = 0;
  double gb_per_s = 0;       ///< reached
  double share_of_peak = 0;  ///< of the bandwidth
  double tops = 0, effective_tops = 0, mac_utilisation = 0;
  double energy_per_inference_uj = 0;
  int64_t weight_bytes = 0;            ///< as the program stores them
  std::map<std::string, int> formats;  ///< layers by the format that their weights are stored in
  std::string bound_by = {}, largest_stall = {}, not_gained = {};  ///< as rows of sweeps have them
};

/// A run, or why it has no figures.
struct StudyRun {
  StudyFigures figures;
  std::string failure;  ///< empty: it has
};

struct StudyMeasurement {
  std::vector<StudyRun> runs;  ///< by batch
  std::string widths;          ///< the narrowest that are multiplied: "int8", "w4a8"
  uint64_t right = 0;          ///< items that are classified as their labels say; 0 without data
  uint64_t classes = 0;        ///< elements of the network's first output
  std::vector<std::string> warnings;
};

/// For the pipe between processes; figures come back as they were.
void to_json(nlohmann::json& json, const StudyMeasurement& measurement);
void from_json(const nlohmann::json& json, StudyMeasurement& measurement);

/// What all variants of a study share. What is pointed to outlives it.
struct StudyConditions {
  const arch::ArchConfig& arch;
  const energy::EnergyTable& table;
  pipeline::FrontOptions
      front;  ///< all but batch, pruning and precision, of which the bias correction counts
  const data::Dataset* data = nullptr;  ///< to classify, with labels; null: timing only
  std::vector<int64_t> batches = {1};
};

/// Compiles and simulates the variant for each batch (timing only, with its true weights), and
/// classifies the data by the bit-exact executor, if any run has figures. Throws nothing for what
/// the architecture cannot run: the runs say why.
StudyMeasurement measure_variant(const StudyVariant& variant, const StudyConditions& conditions);

/// Items of `data` that the float32 network classifies as their labels say.
uint64_t float32_right(const StudyNetwork& network, const pipeline::FrontOptions& front,
                       const data::Dataset& data);

}  // namespace systole::study
