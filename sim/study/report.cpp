// SPDX-License-Identifier: Apache-2.0
// Rows for programs.
#include "sim/study/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/json.h"

namespace systole::study {
namespace {

using Json = nlohmann::ordered_json;

std::string network_name(const StudyVariant& variant) {
  return report::printable(variant.network.file.stem().string());
}

Json break_even_json(const BreakEven& found) {
  constexpr const char* kWhere[] = {"nowhere", "everywhere", "below", "above"};
  if (!found.failure.empty()) return {{"failure", report::printable(found.failure)}};
  Json json = {{"gains", kWhere[static_cast<int>(found.where)]}};
  if (found.where == BreakEven::Where::kBelow || found.where == BreakEven::Where::kAbove)
    json["value"] = found.value;
  return json;
}

void add_figures(const StudyFigures& f, Json& json) {
  json["widths"] = f.widths;
  json["cycles"] = f.cycles;
  json["latency_ms"] = f.latency_ms;
  json["inferences_per_s"] = f.inferences_per_s;
  json["inferences_per_s_mm2"] = f.inferences_per_s_mm2();
  json["inferences_per_s_w"] = f.inferences_per_s_w();
  json["dram_bytes"] = f.dram_bytes;
  json["gb_per_s"] = f.gb_per_s;
  json["share_of_peak"] = f.share_of_peak;
  json["tops"] = f.tops;
  json["effective_tops"] = f.effective_tops;
  json["mac_utilisation"] = f.mac_utilisation;
  json["mxu_busy"] = f.mxu_busy;
  json["energy_per_inference_uj"] = f.energy_per_inference_uj;
  json["average_power_mw"] = f.average_power_mw;
  json["area_mm2"] = f.area_mm2;
  json["bound_by"] = f.bound_by;
  json["largest_stall"] = f.largest_stall;
  json["not_gained"] = f.not_gained;
  json["weight_bytes"] = f.weight_bytes;
  json["formats"] = f.formats;
}

Json row_json(const Study& study, const StudyRow& row, size_t index) {
  const StudyVariant& variant = study.variants[row.variant];
  Json json = {{"row", index},
               {"network", network_name(variant)},
               {"file", report::printable(variant.network.file.string())},
               {"precision", report::printable(variant.precision.name)},
               {"pruning", report::printable(variant.pruning.name)},
               {"batch", row.batch},
               {"machine", fmt::format("{}", fmt::join(row.changes, " "))},
               {"status", row.run.failure.empty() ? "finished" : "failed"}};
  if (!row.run.failure.empty()) {
    json["reason"] = report::printable(row.run.failure);
    return json;
  }
  add_figures(row.run.figures, json);
  json["why"] = row.why;
  if (row.break_even) json["break_even"] = break_even_json(*row.break_even);
  if (!row.top1) return json;
  json["top1"] = *row.top1;
  json["top1_error"] = row.top1_error;
  json["unusable"] = row.unusable;
  json["front"] = row.front;
  return json;
}

constexpr const char* kCsvColumns[] = {"row",
                                       "network",
                                       "precision",
                                       "pruning",
                                       "batch",
                                       "machine",
                                       "status",
                                       "widths",
                                       "cycles",
                                       "latency_ms",
                                       "inferences_per_s",
                                       "inferences_per_s_mm2",
                                       "inferences_per_s_w",
                                       "dram_bytes",
                                       "gb_per_s",
                                       "share_of_peak",
                                       "tops",
                                       "effective_tops",
                                       "mac_utilisation",
                                       "mxu_busy",
                                       "energy_per_inference_uj",
                                       "average_power_mw",
                                       "area_mm2",
                                       "bound_by",
                                       "largest_stall",
                                       "not_gained",
                                       "weight_bytes",
                                       "top1",
                                       "top1_error",
                                       "unusable",
                                       "front",
                                       "why",
                                       "reason"};

}  // namespace

Json study_json(const Study& study, const StudyConditions& conditions) {
  Json json = {{"schema", "systole.study"},
               {"schema_version", kStudySchemaVersion},
               {"network", network_name(study.variants.at(0))},
               {"architecture", report::architecture_json(conditions.arch)},
               {"clock", report::clock_json(conditions.arch, conditions.table.node_nm)},
               {"energy_table", report::printable(conditions.table.name)},
               {"hardware", name_of(conditions.hardware)},
               {"calibration_method", conditions.point.calib_method},
               {"bias_correction", conditions.point.bias_correction},
               {"timing_only", conditions.images == 0}};
  if (conditions.break_even) {
    const BreakEvenRange range = conditions.range();
    json["break_even"] = {{"axis", name_of(range.axis)}, {"low", range.low}, {"high", range.high}};
  }
  if (conditions.images > 0) {
    json["images"] = conditions.images;
    if (study.float32_right)
      json["float32_top1"] = 100.0 * static_cast<double>(*study.float32_right) /
                             static_cast<double>(conditions.images);
  }
  json["rows"] = Json::array();
  for (size_t i = 0; i < study.rows.size(); ++i)
    json["rows"].push_back(row_json(study, study.rows[i], i));
  json["warnings"] = Json::array();
  for (const StudyWarning& warning : study.warnings)
    json["warnings"].push_back(
        {{"text", report::printable(warning.text)}, {"variants", warning.variants}});
  return json;
}

std::string study_csv(const Study& study) {
  std::string text = fmt::format("{}\n", fmt::join(kCsvColumns, ","));
  for (size_t i = 0; i < study.rows.size(); ++i) {
    const Json row = row_json(study, study.rows[i], i);
    std::vector<std::string> fields;
    for (const char* column : kCsvColumns) {
      const auto field = row.find(column);
      const bool is_text = field != row.end() && field->is_string();
      fields.push_back(field == row.end() ? ""
                       : is_text          ? report::csv_field(field->get<std::string>())
                                          : field->dump());
    }
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

}  // namespace systole::study
