// SPDX-License-Identifier: Apache-2.0
// The figures of a row of a study, from the row of a sweep that ran it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace systole::study {

/// Figures of one run (docs/metrics.md).
struct StudyFigures {
  uint64_t cycles = 0;
  double latency_ms = 0, inferences_per_s = 0;
  int64_t dram_bytes = 0;
  double gb_per_s = 0;       ///< reached
  double share_of_peak = 0;  ///< of the bandwidth
  double tops = 0, effective_tops = 0, mac_utilisation = 0;
  double mxu_busy = 0;  ///< share of the cycles in which the array streams
  double energy_per_inference_uj = 0, average_power_mw = 0;
  double area_mm2 = 0;
  int64_t weight_bytes = 0;            ///< as the program stores them
  std::map<std::string, int> formats;  ///< layers by the format that their weights are stored in
  std::string widths;                  ///< the narrowest that are multiplied: "int8", "w4a8"
  std::string bound_by, largest_stall, not_gained;

  double inferences_per_s_mm2() const { return inferences_per_s / area_mm2; }
  double inferences_per_s_w() const { return inferences_per_s / (average_power_mw * 1e-3); }
};

/// A run, or why it has no figures.
struct StudyRun {
  StudyFigures figures;
  std::string failure;  ///< empty: it has
};

/// Of a row of a sweep.
StudyRun run_of(const nlohmann::ordered_json& row);

}  // namespace systole::study
