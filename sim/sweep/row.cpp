// SPDX-License-Identifier: Apache-2.0
// Writes rows; a CSV has the same columns for every point of a sweep.
#include "sim/sweep/row.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/results/figures.h"
#include "sim/sweep/limits.h"

namespace systole::sweep {
namespace {

constexpr const char* kSubject[] = {"point",       "network", "weights",
                                    "activations", "prune",   "architecture"};

std::string field(const nlohmann::ordered_json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  return report::csv_field(found->is_string() ? found->get<std::string>() : found->dump());
}

/// A number where the text is one, so that readers need not convert it.
nlohmann::ordered_json scalar(const std::string& text) {
  const auto number = nlohmann::ordered_json::parse(text, nullptr, false);
  return number.is_number() ? number : nlohmann::ordered_json(report::printable(text));
}

nlohmann::ordered_json subject_of(const SweepPoint& point, const std::string& subject) {
  if (subject == "precision")
    return point.precision.empty() ? "none"
                                   : report::printable(point.precision.filename().string());
  if (subject == "calib_method") return point.calib_method;
  if (subject == "host_fallback") return point.host_fallback;
  if (subject == "repeat") return point.repeat;
  if (subject == "data") return report::printable(point.data.filename().string());
  if (subject == "calib") return report::printable(point.calib.filename().string());
  return report::printable(fmt::format("{}", fmt::join(point.shapes, " ")));
}

nlohmann::ordered_json subject_row(const SweepSpec& spec, size_t index) {
  const SweepPoint& point = spec.points[index];
  nlohmann::ordered_json row = {{"point", index}, {"network", report::printable(point.network)}};
  row.update(point_row(spec, point));
  row["batch"] = point.batch;
  return row;
}

}  // namespace

nlohmann::ordered_json point_row(const SweepSpec& spec, const SweepPoint& point) {
  nlohmann::ordered_json row = {{"weights", point.widths.weights},
                                {"activations", point.widths.activations},
                                {"prune", report::printable(point.prune)},
                                {"architecture", report::printable(point.arch)}};
  auto set = nlohmann::ordered_json::object();
  for (const std::string& assignment : point.set) {
    const size_t equals = assignment.find('=');
    set[assignment.substr(0, equals)] = scalar(assignment.substr(equals + 1));
  }
  for (const choices::ChoiceInfo& choice : choices::kChoices)
    if (std::find(spec.keys.begin(), spec.keys.end(), choice.key) != spec.keys.end())
      set[choice.key] = point.choices.*choice.member;
  row["set"] = set;
  for (const std::string& subject : spec.subjects) row[subject] = subject_of(point, subject);
  return row;
}

nlohmann::ordered_json sweep_row(const SweepSpec& spec, size_t index,
                                 const results::StoredPoint& result,
                                 const std::vector<results::FailedLimit>& failed) {
  nlohmann::ordered_json row = subject_row(spec, index);
  row["status"] = result.finished ? "finished" : "failed";
  for (const auto& [name, figure] : result.figures.items())  // some are of repetitions alone
    if (result.finished && !figure.is_null()) row[name] = figure;
  if (is_clock_above(row)) row["warnings"].push_back(kClockWarning);
  if (!result.finished) row["reason"] = report::printable(result.reason);
  if (result.finished && spec.has_limits()) row["failed_limits"] = failed_limits_json(failed);
  return row;
}

bool is_clock_above(const nlohmann::ordered_json& row) {
  const auto derived = row.find("derived_clock_mhz");
  return derived != row.end() && row.at("clock") == report::kGivenClock &&
         row.at("core_clock_mhz") > *derived;
}

nlohmann::ordered_json excluded_row(const SweepSpec& spec, size_t index, double bound_cycles,
                                    const std::vector<results::FailedLimit>& failed) {
  nlohmann::ordered_json row = subject_row(spec, index);
  row["status"] = "excluded";
  row["reason"] = fmt::format("takes {} cycles at least",
                              report::with_commas(static_cast<uint64_t>(bound_cycles)));
  row["failed_limits"] = failed_limits_json(failed);
  return row;
}

std::string sweep_csv_header(const SweepSpec& spec) {
  std::vector<std::string> names(std::begin(kSubject), std::end(kSubject));
  for (const std::string& key : spec.keys) names.push_back(report::csv_field(key));
  names.insert(names.end(), spec.subjects.begin(), spec.subjects.end());
  names.insert(names.end(), {"batch", "status"});
  names.insert(names.end(), std::begin(results::kFigures), std::end(results::kFigures));
  if (spec.has_limits()) names.emplace_back("failed_limits");
  names.emplace_back("reason");
  return fmt::format("{}\n", fmt::join(names, ","));
}

std::string sweep_csv_line(const SweepSpec& spec, const nlohmann::ordered_json& row) {
  std::vector<std::string> fields;
  for (const char* name : kSubject) fields.push_back(field(row, name));
  for (const std::string& key : spec.keys) fields.push_back(field(row.at("set"), key));
  for (const std::string& subject : spec.subjects) fields.push_back(field(row, subject));
  for (const char* name : {"batch", "status"}) fields.push_back(field(row, name));
  for (const char* figure : results::kFigures) fields.push_back(field(row, figure));
  if (spec.has_limits())
    fields.push_back(row.contains("failed_limits")
                         ? report::csv_field(failed_limits_text(row.at("failed_limits")))
                         : "");
  fields.push_back(field(row, "reason"));
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace systole::sweep
