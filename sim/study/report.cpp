// SPDX-License-Identifier: Apache-2.0
// Writes the rows of a study.
#include "sim/study/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "sim/report/format.h"
#include "sim/report/json.h"

namespace systole::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kLongestName = 36;

std::string network_name(const StudyVariant& variant) {
  return report::printable(variant.network.file.stem().string());
}

/// What the row is about, beside its precision: how the first network was pruned, or another one.
std::string subject(const Study& study, const StudyVariant& variant) {
  const bool first = variant.network.file == study.variants.at(0).network.file;
  return first ? report::printable(variant.pruning.name) : network_name(variant);
}

/// "W4A8"; of a network with its own integers "own w4a4".
std::string precision_text(const StudyVariant& variant, const StudyRow& row) {
  if (!variant.network.own_widths) return report::printable(variant.precision.name);
  return fmt::format("own {}", row.widths);
}

/// How a row ends: what makes it special.
const char* mark(const StudyRow& row) {
  if (row.unusable) return "unusable";
  return row.front ? "front" : "";
}

/// Four digits, or all of a whole number.
std::string number_text(double value) {
  if (value < 1000) return fmt::format("{:.4g}", value);
  return report::with_commas(static_cast<uint64_t>(std::llround(value)));
}

std::string figures_text(const StudyRow& row, const StudyRow& first, bool accuracy) {
  const StudyFigures& f = row.run.figures;
  const bool comparable = first.run.failure.empty();
  const std::string faster =
      comparable ? fmt::format("{:.2f}", static_cast<double>(first.run.figures.cycles) /
                                             static_cast<double>(f.cycles))
                 : "-";
  std::string text = fmt::format(
      "{:>13} {:>9.4g} {:>9} {:>6} {:>10} {:>6.2f} {:>6.1f} % {:>6.4f} {:>7.4f} {:>6.1f} % "
      "{:>9} {:>10}",
      report::with_commas(f.cycles), f.latency_ms, number_text(f.inferences_per_s), faster,
      report::bytes_text(f.dram_bytes), f.gb_per_s, 100 * f.share_of_peak, f.tops, f.effective_tops,
      100 * f.mac_utilisation, number_text(f.energy_per_inference_uj),
      report::bytes_text(f.weight_bytes));
  if (accuracy) text += fmt::format(" {:>6.2f} %  {}", *row.top1, mark(row));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string header(bool accuracy) {
  std::string text = fmt::format(
      "{:>13} {:>9} {:>9} {:>6} {:>10} {:>6} {:>8} {:>6} {:>7} {:>8} {:>9} {:>10}", "cycles", "ms",
      "inf/s", "faster", "DRAM", "GB/s", "of peak", "TOPS", "effect.", "util", "uJ/inf", "weights");
  if (accuracy) text += fmt::format(" {:>8}", "top-1");
  return text;
}

std::string about(const Study& study, const StudyConditions& conditions) {
  const std::string name = network_name(study.variants.at(0));
  if (conditions.data == nullptr)
    return name +
           ": synthetic weights/timing only: without --data no accuracy is told, and no front\n";
  const size_t images = conditions.data->items.size();
  std::string text = fmt::format("{}: top-1 of {} images", name, report::with_commas(images));
  if (study.float32_right)
    text += fmt::format(", float32 {:.2f} %", 100.0 * static_cast<double>(*study.float32_right) /
                                                  static_cast<double>(images));
  return text + fmt::format(
                    "\nfront: no other usable row of the batch is as good in latency, energy and "
                    "top-1 and better in one\nunusable: within {} points of chance\n",
                    kPointsAboveChance);
}

Json row_json(const Study& study, const StudyRow& row, size_t index) {
  const StudyVariant& variant = study.variants[row.variant];
  Json json = {{"row", index},
               {"network", network_name(variant)},
               {"file", report::printable(variant.network.file.string())},
               {"precision", report::printable(variant.precision.name)},
               {"pruning", report::printable(variant.pruning.name)},
               {"batch", row.batch},
               {"status", row.run.failure.empty() ? "finished" : "failed"}};
  if (!row.run.failure.empty()) {
    json["reason"] = report::printable(row.run.failure);
    return json;
  }
  const StudyFigures& f = row.run.figures;
  json["widths"] = row.widths;
  json["cycles"] = f.cycles;
  json["latency_ms"] = f.latency_ms;
  json["inferences_per_s"] = f.inferences_per_s;
  json["dram_bytes"] = f.dram_bytes;
  json["gb_per_s"] = f.gb_per_s;
  json["share_of_peak"] = f.share_of_peak;
  json["tops"] = f.tops;
  json["effective_tops"] = f.effective_tops;
  json["mac_utilisation"] = f.mac_utilisation;
  json["energy_per_inference_uj"] = f.energy_per_inference_uj;
  json["bound_by"] = f.bound_by;
  json["largest_stall"] = f.largest_stall;
  json["not_gained"] = f.not_gained;
  json["weight_bytes"] = f.weight_bytes;
  json["formats"] = f.formats;
  if (!row.top1) return json;
  json["top1"] = *row.top1;
  json["unusable"] = row.unusable;
  json["front"] = row.front;
  return json;
}

constexpr const char* kCsvColumns[] = {"row",
                                       "network",
                                       "precision",
                                       "pruning",
                                       "batch",
                                       "status",
                                       "widths",
                                       "cycles",
                                       "latency_ms",
                                       "inferences_per_s",
                                       "dram_bytes",
                                       "gb_per_s",
                                       "share_of_peak",
                                       "tops",
                                       "effective_tops",
                                       "mac_utilisation",
                                       "energy_per_inference_uj",
                                       "bound_by",
                                       "largest_stall",
                                       "not_gained",
                                       "weight_bytes",
                                       "top1",
                                       "unusable",
                                       "front",
                                       "reason"};

}  // namespace

std::string study_text(const Study& study, const StudyConditions& conditions) {
  size_t precision_width = 9, subject_width = 7;  // of the heads
  for (const StudyRow& row : study.rows) {
    const StudyVariant& variant = study.variants[row.variant];
    precision_width = std::max(precision_width, precision_text(variant, row).size());
    subject_width = std::max(subject_width, subject(study, variant).size());
  }
  precision_width = std::min(precision_width, kLongestName);
  subject_width = std::min(subject_width, kLongestName);
  const auto line = [&](const std::string& precision, const std::string& what,
                        const std::string& figures) {
    return fmt::format("{:<{}}  {:<{}} {}\n", report::fit(precision, precision_width),
                       precision_width, report::fit(what, subject_width), subject_width, figures);
  };
  const bool accuracy = conditions.data != nullptr;
  std::string text = about(study, conditions);
  const StudyRow* first = nullptr;  // of the batch
  for (const StudyRow& row : study.rows) {
    if (first == nullptr || row.batch != first->batch) {
      first = &row;
      text +=
          fmt::format("\nbatch {}\n", row.batch) + line("precision", "pruning", header(accuracy));
    }
    const StudyVariant& variant = study.variants[row.variant];
    text += line(precision_text(variant, row), subject(study, variant),
                 row.run.failure.empty() ? figures_text(row, *first, accuracy)
                                         : " cannot run: " + report::printable(row.run.failure));
  }
  return text;
}

nlohmann::ordered_json study_json(const Study& study, const StudyConditions& conditions) {
  Json json = {{"schema", "systole.study"},
               {"schema_version", kStudySchemaVersion},
               {"network", network_name(study.variants.at(0))},
               {"architecture", report::architecture_json(conditions.arch)},
               {"energy_table", report::printable(conditions.table.name)},
               {"calibration_method", conditions.front.range_method},
               {"bias_correction", conditions.front.precision.bias_correction},
               {"timing_only", conditions.data == nullptr}};
  if (conditions.data != nullptr) {
    const size_t images = conditions.data->items.size();
    json["images"] = images;
    if (study.float32_right)
      json["float32_top1"] =
          100.0 * static_cast<double>(*study.float32_right) / static_cast<double>(images);
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

std::string study_csv(const Study& study, const StudyConditions&) {
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
