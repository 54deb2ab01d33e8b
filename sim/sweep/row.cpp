// SPDX-License-Identifier: Apache-2.0
// Writes rows; a CSV has the same columns for every point of a sweep.
#include "sim/sweep/row.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/report/format.h"
#include "sim/results/figures.h"

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

}  // namespace

nlohmann::ordered_json sweep_row(size_t index, const SweepPoint& point,
                                 const results::StoredPoint& result) {
  nlohmann::ordered_json row = {{"point", index},
                                {"network", report::printable(point.network)},
                                {"weights", point.widths.weights},
                                {"activations", point.widths.activations},
                                {"prune", report::printable(point.prune)},
                                {"architecture", report::printable(point.arch)}};
  auto set = nlohmann::ordered_json::object();
  for (const std::string& assignment : point.set) {
    const size_t equals = assignment.find('=');
    set[assignment.substr(0, equals)] = scalar(assignment.substr(equals + 1));
  }
  row["set"] = set;
  row["batch"] = point.batch;
  row["status"] = result.finished ? "finished" : "failed";
  if (result.finished)
    row.update(result.figures);
  else
    row["reason"] = report::printable(result.reason);
  return row;
}

std::string sweep_csv_header(const std::vector<std::string>& keys) {
  std::vector<std::string> names(std::begin(kSubject), std::end(kSubject));
  for (const std::string& key : keys) names.push_back(report::csv_field(key));
  names.insert(names.end(), {"batch", "status"});
  names.insert(names.end(), std::begin(results::kFigures), std::end(results::kFigures));
  names.emplace_back("reason");
  return fmt::format("{}\n", fmt::join(names, ","));
}

std::string sweep_csv_line(const std::vector<std::string>& keys,
                           const nlohmann::ordered_json& row) {
  std::vector<std::string> fields;
  for (const char* name : kSubject) fields.push_back(field(row, name));
  for (const std::string& key : keys) fields.push_back(field(row.at("set"), key));
  for (const char* name : {"batch", "status"}) fields.push_back(field(row, name));
  for (const char* figure : results::kFigures) fields.push_back(field(row, figure));
  fields.push_back(field(row, "reason"));
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace systole::sweep
