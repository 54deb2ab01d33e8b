// SPDX-License-Identifier: Apache-2.0
// The figures of a point by name, in the order in which rows have them (docs/sweep.md).
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace systole::results {

/// Columns of the view `results`.
inline constexpr const char* kFigures[] = {"cycles",
                                           "latency_ms",
                                           "inferences_per_s",
                                           "first_latency_ms",
                                           "steady_latency_ms",
                                           "steady_inferences_per_s",
                                           "tops",
                                           "effective_tops",
                                           "peak_tops",
                                           "mac_utilisation",
                                           "mxu_busy",
                                           "dram_bytes",
                                           "bytes_per_cycle",
                                           "peak_bytes_per_cycle",
                                           "lower_bound_cycles",
                                           "bound_by",
                                           "largest_stall",
                                           "not_gained",
                                           "weight_bytes",
                                           "weight_formats",
                                           "narrowest",
                                           "layer_reference_cycles",
                                           "energy_table",
                                           "energy_per_inference_uj",
                                           "average_power_mw",
                                           "area_mm2",
                                           "core_clock_mhz",
                                           "clock",
                                           "derived_clock_mhz",
                                           "top1",
                                           "top1_error",
                                           "metric",
                                           "metric_error",
                                           "images"};

/// Figures that are words, not numbers.
inline constexpr const char* kWords[] = {"bound_by",       "largest_stall", "not_gained",
                                         "weight_formats", "narrowest",     "energy_table",
                                         "clock"};
inline bool is_word(std::string_view figure) {
  return std::find(std::begin(kWords), std::end(kWords), figure) != std::end(kWords);
}

}  // namespace systole::results
