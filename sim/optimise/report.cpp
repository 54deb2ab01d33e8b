// SPDX-License-Identifier: Apache-2.0
// A line a point of the front.
#include "sim/optimise/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/clock.h"
#include "sim/report/columns.h"
#include "sim/report/format.h"
#include "sim/sweep/identity.h"

namespace systole::optimise {
namespace {

/// On the front, by their costs.
std::vector<const Evaluated*> sorted_front(const Archive& archive) {
  std::vector<const Evaluated*> front;
  for (const size_t i : archive.front())
    if (archive.all()[i].is_solution) front.push_back(&archive.all()[i]);
  std::stable_sort(front.begin(), front.end(),
                   [](const Evaluated* a, const Evaluated* b) { return a->costs < b->costs; });
  return front;
}

/// The network and what is changed of it; of a machine of a workload what is changed of all.
std::string network_text(const Evaluated& one) {
  std::string text =
      one.point.file.empty() ? "workload" : report::printable(one.point.file.filename().string());
  if (!one.point.precision.empty())
    text += " " + report::printable(one.point.precision.filename().string());
  else if (one.point.widths != quant::LayerWidths())
    text += fmt::format(" W{}A{}", one.point.widths.weights, one.point.widths.activations);
  if (one.point.prune != "none") text += " " + report::printable(one.point.prune);
  if (one.point.batch > 1) text += fmt::format(" batch {}", one.point.batch);
  return text;
}

std::string clock_text(const Evaluated& one) {
  const bool given = one.row.at("clock") == report::kGivenClock;
  return fmt::format("{:.4g} {}", one.row.at("core_clock_mhz").get<double>(),
                     given ? "given" : "derived");
}

}  // namespace

std::vector<nlohmann::ordered_json> front_rows(const Archive& archive) {
  std::vector<nlohmann::ordered_json> rows;
  for (const Evaluated* one : sorted_front(archive)) rows.push_back(one->row);
  return rows;
}

std::string front_text(const Problem& problem, const Archive& archive, size_t points,
                       size_t width) {
  using enum report::Column::Side;
  constexpr size_t kNetwork = 8, kHardware = 12;  // at least, where the terminal is narrow
  const std::vector<const Evaluated*> front = sorted_front(archive);
  std::vector<std::string> figures;
  for (const front::Objective& one : problem.objectives) figures.push_back(one.figure);
  std::string text =
      fmt::format("front of {}: {} of {} points\n", fmt::join(figures, ", "), front.size(),
                  report::with_commas(points > 0 ? points : archive.size()));
  if (points > 0)
    text += fmt::format("exact: {} evaluated ({:.1f} %), the others are beaten by their bounds\n",
                        report::with_commas(archive.size()),
                        100.0 * static_cast<double>(archive.size()) / static_cast<double>(points));
  std::vector<report::Column> columns = {{"network", kLeft, 7, 0, 1, kNetwork},
                                         {"hardware", kLeft, 8, 0, 2, kHardware}};
  for (const std::string& figure : figures) columns.push_back({figure, kRight, 10, 0, 2});
  columns.push_back({"MHz", kRight, 12, 1, 2});
  report::Table table(columns);
  for (const Evaluated* one : front) {
    std::vector<std::string> cells = {network_text(*one), sweep::hardware_text(one->point)};
    for (const std::string& figure : figures)
      cells.push_back(fmt::format("{:.4g}", one->row.at(figure).get<double>()));
    cells.push_back(clock_text(*one));
    table.add(std::move(cells));
  }
  return text + table.text(width);
}

nlohmann::ordered_json front_json(const Problem& problem, const Archive& archive, size_t points) {
  nlohmann::ordered_json json;
  for (const front::Objective& one : problem.objectives)
    json["objectives"].push_back({{"figure", one.figure}, {"maximise", one.maximise}});
  if (points == 0) json["seed"] = problem.seed();
  if (points > 0) json["points"] = points;
  json["evaluated"] = archive.size();
  json["front"] = nlohmann::ordered_json::array();
  for (const Evaluated* one : sorted_front(archive)) {
    nlohmann::ordered_json row = one->row;
    for (const char* number : {"point", "group"}) row.erase(number);  // of its generation
    json["front"].push_back(std::move(row));
  }
  return json;
}

}  // namespace systole::optimise
