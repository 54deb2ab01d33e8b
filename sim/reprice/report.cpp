// SPDX-License-Identifier: Apache-2.0
// A line a point of the front.
#include "sim/reprice/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::reprice {
namespace {

constexpr double kPercent = 100;

class Names {
 public:
  explicit Names(results::Connection& database)
      : row_(database,
             "SELECT network, weights, activations, prune, batch, machine FROM results WHERE "
             "point = ?") {}

  FrontPoint find(int64_t id) {
    row_.with(id).step();
    FrontPoint point;
    point.id = id;
    point.network = row_.text(0);
    if (row_.integer(1) != 8 || row_.integer(2) != 8)
      point.network += fmt::format(" W{}A{}", row_.integer(1), row_.integer(2));
    if (row_.text(3) != "none") point.network += " " + row_.text(3);
    point.batch = row_.integer(4);
    point.machine = row_.text(5);
    row_.reset();
    return point;
  }

 private:
  results::Statement row_;
};

std::string count(size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", report::with_commas(number), number == 1 ? one : many);
}

std::string head_text(const Report& report) {
  std::vector<std::string> names;
  for (const front::Objective& one : report.objectives) names.push_back(one.figure);
  std::string text =
      fmt::format("{}, priced by {}, before by {}\n", count(report.points, "point", "points"),
                  report.table, fmt::join(report.tables, " and "));
  if (report.left_out > 0)
    text += fmt::format("{} left out: a limit fails, or a figure is missing\n",
                        count(report.left_out, "point is", "points are"));
  return text + fmt::format("front of {}:\n", fmt::join(names, ", "));
}

std::string end_text(const Report& report) {
  const auto number = [&](bool is, bool was) {
    return static_cast<size_t>(
        std::count_if(report.front.begin(), report.front.end(),
                      [&](const FrontPoint& point) { return point.is == is && point.was == was; }));
  };
  return fmt::format("{} on the front, {} of them new; {} left it\n",
                     number(true, true) + number(true, false), number(true, false),
                     number(false, true));
}

}  // namespace

Report make_report(results::Connection& database, const results::Part& table, const Points& points,
                   const std::vector<Price>& prices, const std::vector<bool>& is,
                   const std::vector<bool>& was, const std::vector<double>& shares) {
  Report report;
  report.table = table.name;
  for (const results::Part& one : points.tables)
    report.tables.push_back(
        (one.name == table.name && one.identity != table.identity ? "another " : "") + one.name);
  report.objectives = points.objectives;
  report.points = points.size();
  Names names(database);
  const std::vector<front::Costs> costs = costs_of(points, prices);
  for (size_t i = 0; i < points.size(); ++i) {
    if (!is[i] && !was[i]) continue;
    FrontPoint point = names.find(points.points[i].id);
    point.price = prices[i];
    for (size_t k = 0; k < costs[i].size(); ++k)
      point.figures.push_back(points.objectives[k].cost(costs[i][k]));  // its own inverse
    point.is = is[i];
    point.was = was[i];
    if (!shares.empty()) point.stays = shares[i];
    report.front.push_back(std::move(point));
  }
  std::stable_sort(
      report.front.begin(), report.front.end(), [](const FrontPoint& a, const FrontPoint& b) {
        return std::tie(a.network, a.batch, a.figures) < std::tie(b.network, b.batch, b.figures);
      });
  return report;
}

std::string report_text(const Report& report, size_t width) {
  using enum report::Column::Side;
  constexpr size_t kNetwork = 8, kHardware = 12;  // at least, where the terminal is narrow
  const bool drawn = !report.front.empty() && report.front[0].stays >= 0;
  std::vector<report::Column> columns = {{"point", kRight, 7},
                                         {"network", kLeft, 7, 0, 2, kNetwork},
                                         {"hardware", kLeft, 8, 0, 2, kHardware},
                                         {"batch", kRight, 5, 2, 2}};
  for (const front::Objective& one : report.objectives)
    columns.push_back({one.figure, kRight, 10, 0, 2});
  columns.push_back({"before", kRight, 6, 3, 2});
  if (drawn) columns.push_back({"stays", kRight, 8, 1, 2});
  report::Table table(columns);
  for (const FrontPoint& point : report.front) {
    if (!point.is) continue;
    std::vector<std::string> cells = {std::to_string(point.id), point.network, point.machine,
                                      std::to_string(point.batch)};
    for (const double figure : point.figures) cells.push_back(fmt::format("{:.4g}", figure));
    cells.push_back(point.was ? "front" : "new");
    if (drawn) cells.push_back(fmt::format("{:.1f} %", kPercent * point.stays));
    table.add(std::move(cells));
  }
  return head_text(report) + table.text(width) + end_text(report);
}

nlohmann::ordered_json report_json(const Report& report) {
  nlohmann::ordered_json json = {{"energy_table", report.table},
                                 {"before", report.tables},
                                 {"points", report.points},
                                 {"left_out", report.left_out}};
  for (const front::Objective& one : report.objectives) json["objectives"].push_back(one.figure);
  json["front"] = json["left"] = nlohmann::ordered_json::array();
  for (const FrontPoint& point : report.front) {
    nlohmann::ordered_json row = {{"point", point.id},
                                  {"network", point.network},
                                  {"batch", point.batch},
                                  {"machine", point.machine}};
    for (size_t k = 0; k < point.figures.size(); ++k)
      row[report.objectives[k].figure] = point.figures[k];
    row["energy_per_inference_uj"] = point.price.energy_per_inference_uj;
    row["average_power_mw"] = point.price.average_power_mw;
    row["area_mm2"] = point.price.area_mm2;
    if (point.is) row["before"] = point.was;
    if (point.stays >= 0) row["stays"] = point.stays;
    json[point.is ? "front" : "left"].push_back(row);
  }
  return json;
}

}  // namespace systole::reprice
