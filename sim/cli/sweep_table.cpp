// SPDX-License-Identifier: Apache-2.0
// Columns as wide as the longest name, which is known before the first row.
#include "sim/cli/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>

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
  if (point.widths != quant::LayerWidths())
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

std::string figures_text(const Row& row) {
  if (row.at("status") != "finished")
    return fmt::format("{}: {}", row.at("status").get<std::string>(),
                       row.at("reason").get<std::string>()) +
           limits_text(row);
  const double cycles = row.at("cycles").get<double>();
  const bool given = row.at("clock") == report::kGivenClock;
  const std::string clock =
      fmt::format("{:.4g} {}", row.at("core_clock_mhz").get<double>(), given ? "given" : "derived");
  const std::string accuracy =
      row.contains("top1") ? fmt::format("   {:>6.2f} % +- {:.2f}", row.at("top1").get<double>(),
                                         row.at("top1_error").get<double>())
                           : "";
  return fmt::format("{:>14} {:>10.4g} {:>10.5g} {:>5.1f} % {:>6.2f} {:>12}",
                     report::with_commas(row.at("cycles").get<uint64_t>()),
                     row.at("latency_ms").get<double>(), row.at("inferences_per_s").get<double>(),
                     100 * row.at("mac_utilisation").get<double>(),
                     cycles / std::max(row.at("lower_bound_cycles").get<double>(), 1.0), clock) +
         accuracy + limits_text(row);
}

}  // namespace

SweepTable::SweepTable(const std::vector<sweep::SweepPoint>& points, bool json, bool writes_files)
    : points_(points),
      json_(json),
      tells_accuracy_(std::any_of(points.begin(), points.end(),
                                  [](const auto& point) { return !point.data.empty(); })),
      say_(false, writes_files),
      rows_(points.size()) {
  for (const sweep::SweepPoint& point : points) {
    network_width_ = std::max(network_width_, network_text(point).size());
    hardware_width_ = std::max(hardware_width_, sweep::hardware_text(point).size());
  }
  if (!json_)
    print("point", "network", "hardware", "batch",
          fmt::format("{:>14} {:>10} {:>10} {:>7} {:>6} {:>12}{}", "cycles", "ms", "inf/s", "util",
                      "/bound", "MHz", tells_accuracy_ ? "      top-1" : ""));
}

void SweepTable::add(const Row& row) {
  rows_.at(row.at("point").get<size_t>()) = row;
  for (; next_ < rows_.size() && rows_[next_]; ++next_) {
    const sweep::SweepPoint& point = points_[next_];
    if (json_)
      say_(rows_[next_]->dump() + "\n");
    else
      print(std::to_string(next_), network_text(point), sweep::hardware_text(point),
            std::to_string(point.batch), figures_text(*rows_[next_]));
  }
}

void SweepTable::print(const std::string& number, const std::string& network,
                       const std::string& hardware, const std::string& batch,
                       const std::string& figures) const {
  say_(fmt::format("{:>5}  {:<{}}  {:<{}}  {:>5} {}\n", number, network, network_width_, hardware,
                   hardware_width_, batch, figures));
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
