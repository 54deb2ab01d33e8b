// SPDX-License-Identifier: Apache-2.0
// Columns as wide as the longest name, which is known before the first row.
#include "sim/cli/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/look.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/limits.h"
#include "sim/sweep/row.h"

namespace systole::cli {
namespace {

using Row = nlohmann::ordered_json;

/// The network and what is changed of it.
std::string network_text(const sweep::SweepPoint& point) {
  std::string text = report::printable(point.file.filename().string());
  if (!point.precision.empty())
    text += " " + report::printable(point.precision.filename().string());
  else if (point.widths != quant::LayerWidths())
    text += fmt::format(" W{}A{}", point.widths.weights, point.widths.activations);
  if (point.prune != "none") text += " " + report::printable(point.prune);
  for (const std::string& shape : point.shapes) text += " " + report::printable(shape);
  if (point.calib_method != sweep::SweepPoint().calib_method) text += " " + point.calib_method;
  if (point.repeat != 1) text += fmt::format(" repeat {}", point.repeat);
  if (const std::string off = choices::to_text(point.choices); !off.empty()) text += " " + off;
  return text;
}

std::string limits_text(const Row& row) {
  const auto failed = row.find("failed_limits");
  if (failed == row.end() || failed->empty()) return "";
  return "  fails " + sweep::failed_limits_text(*failed);
}

/// Why there are no figures.
std::string failure_text(const Row& row) {
  return fmt::format("{}: {}", row.at("status").get<std::string>(),
                     row.at("reason").get<std::string>());
}

std::vector<std::string> figures_of(const Row& row) {
  const double cycles = row.at("cycles").get<double>();
  const bool given = row.at("clock") == report::kGivenClock;
  std::vector<std::string> cells = {
      report::with_commas(row.at("cycles").get<uint64_t>()),
      fmt::format("{:.4g}", row.at("latency_ms").get<double>()),
      fmt::format("{:.5g}", row.at("inferences_per_s").get<double>()),
      fmt::format("{:.1f} %", 100 * row.at("mac_utilisation").get<double>()),
      fmt::format("{:.2f}", cycles / std::max(row.at("lower_bound_cycles").get<double>(), 1.0)),
      fmt::format("{:.4g} {}", row.at("core_clock_mhz").get<double>(),
                  given ? "given" : "derived")};
  if (row.contains("top1"))
    cells.push_back(fmt::format("{:>6.2f} % +- {:.2f}", row.at("top1").get<double>(),
                                row.at("top1_error").get<double>()));
  return cells;
}

/// The names are known before the first row.
report::Table table_of(const std::vector<sweep::SweepPoint>& points) {
  using enum report::Column::Side;
  size_t network = 7, hardware = 8;
  bool tells_accuracy = false;
  for (const sweep::SweepPoint& point : points) {
    network = std::max(network, report::columns_in(network_text(point)));
    hardware = std::max(hardware, report::columns_in(sweep::hardware_text(point)));
    tells_accuracy = tells_accuracy || !point.data.empty();
  }
  std::vector<report::Column> columns = {{"point", kRight, 5},
                                         {"network", kLeft, network, 0, 2},
                                         {"hardware", kLeft, hardware, 0, 2},
                                         {"batch", kRight, 5, 5, 2},
                                         {"cycles", kRight, 14},
                                         {"ms", kRight, 10, 1},
                                         {"inf/s", kRight, 10, 4},
                                         {"util", kRight, 7, 2},
                                         {"/bound", kRight, 6, 3},
                                         {"MHz", kRight, 12, 6}};
  if (tells_accuracy) columns.push_back({"   top-1", kLeft, 16, 0, 3});
  return report::Table(columns);
}

}  // namespace

SweepTable::SweepTable(const std::vector<sweep::SweepPoint>& points, bool json, bool writes_files)
    : points_(points),
      json_(json),
      width_(out_width()),
      table_(table_of(points)),
      say_(false, writes_files),
      rows_(points.size()) {
  if (!json_) say_(shown_table(table_.text(width_)));
}

void SweepTable::add(const Row& row) {
  rows_.at(row.at("point").get<size_t>()) = row;
  for (; next_ < rows_.size() && rows_[next_]; ++next_)
    say_(json_ ? rows_[next_]->dump() + "\n" : text_of(next_, *rows_[next_]));
}

std::string SweepTable::text_of(size_t number, const Row& row) const {
  const sweep::SweepPoint& point = points_[number];
  std::vector<std::string> cells = {std::to_string(number), network_text(point),
                                    sweep::hardware_text(point), std::to_string(point.batch)};
  const bool finished = row.at("status") == "finished";
  if (finished)
    for (std::string& cell : figures_of(row)) cells.push_back(std::move(cell));
  std::string text = table_.row(cells, width_);
  text.pop_back();
  return text + (finished ? "" : " " + failure_text(row)) + limits_text(row) + "\n";
}

void tell_clocks(const std::vector<Row>& rows, const char* what) {
  const auto above = std::count_if(rows.begin(), rows.end(), sweep::is_clock_above);
  if (above == 0) return;
  double most = 1;
  for (const Row& row : rows)
    if (sweep::is_clock_above(row))
      most = std::max(
          most, row.at("core_clock_mhz").get<double>() / row.at("derived_clock_mhz").get<double>());
  print_err(
      "warning: the given clock of {} of {} {} is above the one derived at the node of the table "
      "of "
      "energies, up to {:.3g} times\n",
      above, rows.size(), what, most);
}

}  // namespace systole::cli
