// SPDX-License-Identifier: Apache-2.0
// Reads columns.
#include "sim/report_page/read_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "model/base/error.h"
#include "sim/results/figures.h"
#include "sim/results/open.h"
#include "sim/results/row_value.h"

namespace systole::report_page {
namespace {

using results::Connection;
using results::Statement;

constexpr const char* kConfiguration[] = {
    "network",     "batch",     "repeat", "machine",      "memory",       "weights",
    "activations", "precision", "prune",  "shape",        "calib_method", "host_fallback",
    "choices",     "data",      "calib",  "energy_table", "version"};
constexpr const char* kRemarks[] = {"status", "reason", "checked"};

bool is_figure(const std::string& name) {
  return std::any_of(std::begin(results::kFigures), std::end(results::kFigures),
                     [&](const char* figure) { return name == figure; }) &&
         name != "energy_table" && name != "images";
}

/// Figures that say what a point is, not what it gives.
bool is_remark(const std::string& figure) {
  return results::is_word(figure) || figure.ends_with("clock_mhz");
}

/// The columns of the view `results` that are shown, by their number there.
struct Shown {
  int from;
  size_t to;
};

std::vector<Shown> add_columns(Points& points, const Statement& rows) {
  std::vector<Shown> shown;
  const auto add = [&](const char* name, Role role) {
    for (int i = 0; i < rows.columns(); ++i)
      if (rows.name(i) == name) {
        points.add(name, role);
        shown.push_back({i, points.columns.size() - 1});
      }
  };
  add("point", Role::kName);
  for (const char* name : kConfiguration) add(name, Role::kConfiguration);
  for (const char* name : results::kFigures)
    if (is_figure(name)) add(name, is_remark(name) ? Role::kRemark : Role::kFigure);
  for (const char* name : kRemarks) add(name, Role::kRemark);
  return shown;
}

/// Parameters of hardware and memory by the number of the machine.
std::map<int64_t, std::map<std::string, Json>> parameters_of(Connection& database) {
  std::map<int64_t, std::map<std::string, Json>> machines;
  Statement rows(database,
                 "SELECT m.id, m.parameters, d.parameters, m.clock_mhz FROM machines m "
                 "LEFT JOIN memories d ON d.id = m.memory");
  while (rows.step()) {
    auto& values = machines[rows.integer(0)];
    const auto add = [&](const std::string& text, const char* prefix) {
      if (text.empty()) return;
      const Json parameters = Json::parse(text);
      for (const auto& [key, value] : parameters.items()) values[prefix + key] = value;
    };
    add(rows.text(1), "");
    add(rows.text(2), "memory.");
    values["clock_mhz"] = rows.real(3);
  }
  return machines;
}

/// A column for each parameter; `machine`: of each point.
void add_parameters(Points& points, Connection& database, const std::vector<int64_t>& machine) {
  const auto machines = parameters_of(database);
  std::set<std::string> keys;
  for (const auto& [id, parameters] : machines)
    for (const auto& [key, value] : parameters) keys.insert(key);
  for (const std::string& key : keys) {
    PointColumn& column = points.add(key, Role::kConfiguration);
    for (const int64_t id : machine) {
      const auto& parameters = machines.at(id);
      const auto found = parameters.find(key);
      column.values.push_back(found == parameters.end() ? Json() : found->second);
    }
  }
}

/// The limits that points fail, joined.
void add_limits(Points& points, Connection& database) {
  std::map<int64_t, std::string> limits;
  Statement rows(database, "SELECT point, text FROM failed_limits ORDER BY point, text");
  while (rows.step()) {
    std::string& text = limits[rows.integer(0)];
    text += (text.empty() ? "" : "; ") + rows.text(1);
  }
  if (limits.empty()) return;
  const std::vector<Json> numbers = points.find("point")->values;
  PointColumn& column = points.add("limits", Role::kRemark);
  for (const Json& number : numbers) {
    const auto found = limits.find(number.get<int64_t>());
    column.values.push_back(found == limits.end() ? Json() : Json(found->second));
  }
}

}  // namespace

Points read_database(const std::filesystem::path& file) {
  Connection database = results::open_results(file, results::Access::kRead);
  Points points;
  points.name = file.string();
  points.case_keys = {"network", "batch", "repeat", "shape"};
  Statement rows(database, "SELECT * FROM results ORDER BY point");
  const std::vector<Shown> shown = add_columns(points, rows);
  int machine_column = 0;
  while (rows.name(machine_column) != "machine_id") ++machine_column;
  std::vector<int64_t> machine;
  while (rows.step()) {
    for (const auto& [from, to] : shown)
      points.columns[to].values.push_back(results::row_value(rows, from));
    machine.push_back(rows.integer(machine_column));
    ++points.rows;
  }
  add_parameters(points, database, machine);
  add_limits(points, database);
  Statement networks(database, "SELECT file, path FROM networks");
  while (networks.step()) points.paths[networks.text(0)] = networks.text(1);
  return points;
}

namespace {

/// Where each row of a study gains, of what it looked through; null: it did not look.
Json break_even_of(const Json& study) {
  const auto looked = study.find("break_even");
  if (looked == study.end()) return {};
  Json found = *looked;
  found["rows"] = Json::array();
  const Json &low = looked->at("low"), &high = looked->at("high");
  for (size_t i = 0; i < study.at("rows").size(); ++i) {
    const Json& row = study.at("rows")[i];
    const auto own = row.find("break_even");
    if (own == row.end()) continue;
    Json one = {{"row", i}};
    const std::string gains = own->value("gains", "");
    if (own->contains("failure")) one["failure"] = own->at("failure");
    if (gains == "everywhere" || gains == "below") one["from"] = low;
    if (gains == "everywhere" || gains == "above") one["to"] = high;
    if (gains == "below") one["to"] = own->at("value");
    if (gains == "above") one["from"] = own->at("value");
    found["rows"].push_back(std::move(one));
  }
  return found;
}

}  // namespace

Points study_points(const Json& study) {
  Points points;
  points.case_keys = {"batch"};
  const auto add = [&](const char* key, Role role) {
    PointColumn& column = points.add(key, role);
    for (const Json& row : study.at("rows")) {
      const Json value = row.value(key, Json());
      column.values.push_back(value.is_object() || value.is_boolean() ? Json(value.dump()) : value);
    }
  };
  points.rows = study.at("rows").size();
  add("row", Role::kName);
  for (const char* key : {"network", "pruning", "precision", "widths", "machine", "batch"})
    add(key, Role::kConfiguration);
  for (const char* key :
       {"cycles", "latency_ms", "inferences_per_s", "dram_bytes", "gb_per_s", "share_of_peak",
        "tops", "effective_tops", "mac_utilisation", "mxu_busy", "energy_per_inference_uj",
        "average_power_mw", "area_mm2", "inferences_per_s_mm2", "inferences_per_s_w",
        "weight_bytes", "top1", "top1_error"})
    add(key, Role::kFigure);
  for (const char* key : {"why", "break_even", "formats", "unusable", "status", "reason"})
    add(key, Role::kRemark);
  points.break_even = break_even_of(study);
  return points;
}

}  // namespace systole::report_page
