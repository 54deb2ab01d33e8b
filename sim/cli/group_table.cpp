// SPDX-License-Identifier: Apache-2.0
// A line a machine.
#include "sim/cli/group_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/sweep/groups.h"
#include "sim/sweep/identity.h"

namespace systole::cli {
namespace {

using Row = nlohmann::ordered_json;

/// As the table of points shows it.
std::string shown(const Row& network) {
  return std::filesystem::path(network.get<std::string>()).filename().string();
}

std::string group_figures(const Row& row) {
  if (row.at("status") != "finished")
    return fmt::format("{}: {}", row.at("status").get<std::string>(),
                       row.at("reason").get<std::string>());
  std::string speedup = "-";
  if (row.contains("speedup")) speedup = fmt::format("{:.3f}", row.at("speedup").get<double>());
  std::string worst = shown(row.at("worst"));
  if (row.contains("worst_speedup"))
    worst += fmt::format(" {:.3f}", row.at("worst_speedup").get<double>());
  for (const Row& limit : row.at("failed_limits"))
    worst += fmt::format("  fails {}: {}", shown(limit.at("network")),
                         limit.at("limit").get<std::string>());
  return fmt::format("{:>10.4g} {:>10.4g} {:>8.3f} {:>8}  {}", row.at("latency_ms").get<double>(),
                     row.at("energy_per_inference_uj").get<double>(),
                     row.at("area_mm2").get<double>(), speedup, worst);
}

}  // namespace

void print_groups(const sweep::SweepSpec& spec, const std::vector<Row>& rows, bool json,
                  bool writes_files) {
  const Say say(false, writes_files);
  size_t width = 8;
  for (const sweep::SweepPoint& group : spec.groups)
    width = std::max(width, sweep::hardware_text(group).size());
  if (!json)
    say(fmt::format("\n{:>5}  {:<{}} {:>10} {:>10} {:>8} {:>8}  {}\n", "group", "hardware", width,
                    "sum ms", "sum uJ", "mm2", "speed-up", "worst"));
  for (size_t i = 0; i < rows.size(); ++i)
    say(json ? rows[i].dump() + "\n"
             : fmt::format("{:>5}  {:<{}} {}\n", i, sweep::hardware_text(spec.groups[i]), width,
                           group_figures(rows[i])));
}

void write_groups(const sweep::SweepSpec& spec, const std::vector<Row>& rows,
                  const std::filesystem::path& directory) {
  std::string csv = sweep::group_csv_header(spec), jsonl;
  for (const Row& row : rows) {
    csv += sweep::group_csv_line(spec, row);
    jsonl += row.dump() + "\n";
  }
  write_output(directory / "groups.csv", csv);
  write_output(directory / "groups.jsonl", jsonl);
}

}  // namespace systole::cli
