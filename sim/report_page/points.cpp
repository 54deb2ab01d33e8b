// SPDX-License-Identifier: Apache-2.0
// Columns by their key.
#include "sim/report_page/points.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::report_page {
namespace {

struct Known {
  const char *key, *label, *unit;
  Wanted wanted;
};

constexpr Known kKnown[] = {
    {"latency_ms", "latency", "ms", Wanted::kLow},
    {"cycles", "cycles", "", Wanted::kLow},
    {"inferences_per_s", "throughput", "inferences/s", Wanted::kHigh},
    {"first_latency_ms", "first latency", "ms", Wanted::kLow},
    {"steady_latency_ms", "steady latency", "ms", Wanted::kLow},
    {"steady_inferences_per_s", "steady throughput", "inferences/s", Wanted::kHigh},
    {"tops", "TOPS", "", Wanted::kHigh},
    {"effective_tops", "effective TOPS", "", Wanted::kHigh},
    {"peak_tops", "peak TOPS", "", Wanted::kNeither},
    {"mac_utilisation", "utilisation", "share", Wanted::kHigh},
    {"mxu_busy", "matrix unit streams", "share", Wanted::kNeither},
    {"dram_bytes", "DRAM", "bytes", Wanted::kLow},
    {"bytes_per_cycle", "bandwidth", "bytes/cycle", Wanted::kNeither},
    {"peak_bytes_per_cycle", "peak bandwidth", "bytes/cycle", Wanted::kNeither},
    {"gb_per_s", "bandwidth", "GB/s", Wanted::kNeither},
    {"share_of_peak", "share of the peak", "share", Wanted::kNeither},
    {"lower_bound_cycles", "lower bound", "cycles", Wanted::kNeither},
    {"layer_reference_cycles", "layer-by-layer reference", "cycles", Wanted::kNeither},
    {"energy_per_inference_uj", "energy", "µJ/inference", Wanted::kLow},
    {"average_power_mw", "power", "mW", Wanted::kLow},
    {"area_mm2", "area", "mm²", Wanted::kLow},
    {"core_clock_mhz", "clock", "MHz", Wanted::kNeither},
    {"clock", "clock is", "", Wanted::kNeither},
    {"derived_clock_mhz", "derived clock", "MHz", Wanted::kNeither},
    {"inferences_per_s_mm2", "throughput per area", "inferences/s/mm²", Wanted::kHigh},
    {"inferences_per_s_w", "throughput per power", "inferences/s/W", Wanted::kHigh},
    {"top1", "top-1", "percent", Wanted::kHigh},
    {"top1_error", "error of top-1", "percent", Wanted::kNeither},
    {"weight_bytes", "weights stored", "bytes", Wanted::kLow},
    {"bound_by", "bound by", "", Wanted::kNeither},
    {"largest_stall", "largest stall", "", Wanted::kNeither},
    {"not_gained", "not gained", "", Wanted::kNeither},
    {"weight_formats", "formats of weights", "", Wanted::kNeither},
    {"narrowest", "narrowest operands", "", Wanted::kNeither},
    {"limits", "fails the limits", "", Wanted::kNeither},
};

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool has_text(const PointColumn* column, size_t row) {
  return column != nullptr && column->values[row].is_string() &&
         !column->values[row].get_ref<const std::string&>().empty();
}

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
}

}  // namespace

const PointColumn* Points::find(const std::string& key) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const PointColumn& column) { return column.key == key; });
  return found == columns.end() ? nullptr : &*found;
}

PointColumn* Points::find(const std::string& key) {
  return const_cast<PointColumn*>(std::as_const(*this).find(key));
}

PointColumn& Points::add(const std::string& key, Role role) {
  PointColumn column{key, key, "", role, Wanted::kNeither, {}};
  if (key.find('.') == std::string::npos)  // parameters keep the name that --set takes
    std::replace(column.label.begin(), column.label.end(), '_', ' ');
  for (const Known& known : kKnown)
    if (key == known.key) {
      column.label = known.label;
      column.unit = known.unit;
      column.wanted = known.wanted;
    }
  columns.push_back(std::move(column));
  return columns.back();
}

bool Points::is_good(size_t row) const {
  return !has_text(find("reason"), row) && !has_text(find("limits"), row);
}

std::map<std::string, Json> take_constants(Points& points) {
  std::map<std::string, Json> constants;
  std::erase_if(points.columns, [&](const PointColumn& column) {
    const auto& values = column.values;
    if (std::all_of(values.begin(), values.end(), is_empty)) return true;
    if (column.role != Role::kConfiguration || points.rows < 2) return false;
    const bool is_constant = std::all_of(values.begin(), values.end(),
                                         [&](const Json& one) { return one == values.front(); });
    if (is_constant) constants[column.label] = values.front();
    return is_constant;
  });
  return constants;
}

std::vector<PointCase> cases_of(const Points& points) {
  std::vector<PointCase> cases;
  std::map<std::string, size_t> known;
  for (size_t row = 0; row < points.rows; ++row) {
    std::string label;
    for (const std::string& key : points.case_keys) {
      const PointColumn* column = points.find(key);
      if (column == nullptr || is_empty(column->values[row])) continue;
      const std::string text = text_of(column->values[row]);
      label += (label.empty() ? "" : ", ") +
               (column->values[row].is_string() ? text : column->label + " " + text);
    }
    const auto [at, is_new] = known.try_emplace(label, cases.size());
    if (is_new) cases.push_back({label, {}});
    cases[at->second].rows.push_back(row);
  }
  return cases;
}

}  // namespace systole::report_page
