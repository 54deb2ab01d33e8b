// SPDX-License-Identifier: Apache-2.0
// Command `reprice`: energies, areas and fronts of a database by other prices.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/look.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/energy/prices.h"
#include "sim/reprice/limits.h"
#include "sim/reprice/report.h"
#include "sim/reprice/rewrite.h"
#include "sim/reprice/robust.h"
#include "sim/results/open.h"
#include "sim/sweep/identity.h"

namespace systole::cli {
namespace {

struct RepriceCommand {
  std::filesystem::path database, output;
  std::string energy = energy::kDefaultEnergyTable;
  std::vector<std::string> scales;
  std::string objectives = "latency,energy,area";
  reprice::Robustness robust;
  bool is_robust = false, json = false;
};

struct Priced {
  energy::Prices prices;
  results::Part table;
};

/// The table, scaled, which then is one of its own.
Priced prices_of(const RepriceCommand& options) {
  Priced made{{energy::load_energy_table(options.energy)},
              sweep::energy_table_part(options.energy)};
  for (const std::string& text : options.scales) {
    made.prices.apply(energy::parse_scale(text));
    made.table.name += " " + text;
  }
  if (!options.scales.empty())
    made.table.identity = sweep::identity_of(made.table.identity + made.table.name);
  return made;
}

void check_output(const RepriceCommand& options) {
  std::error_code error;
  if (!options.output.empty() && std::filesystem::exists(options.output, error))
    throw Error(
        fmt::format("{}: is there already, expected a name that is free", options.output.string()));
}

/// Which points are left out of fronts: those that `failed` names.
std::vector<bool> left_out(const reprice::Points& points,
                           const std::vector<reprice::FailedLimit>& failed) {
  std::vector<int64_t> ids;
  ids.reserve(failed.size());
  for (const reprice::FailedLimit& one : failed) ids.push_back(one.point);
  std::sort(ids.begin(), ids.end());
  std::vector<bool> out;
  for (const reprice::Point& point : points.points)
    out.push_back(std::binary_search(ids.begin(), ids.end(), point.id));
  return out;
}

std::vector<double> shares(const RepriceCommand& options, const reprice::Points& points,
                           const energy::Prices& prices, const std::vector<bool>& out) {
  if (!options.is_robust) return {};
  Progress progress("reprice", "draws", static_cast<uint64_t>(options.robust.draws));
  return reprice::shares_on_front(points, prices, out, options.robust, [&](int64_t done) {
    progress.update(static_cast<uint64_t>(done));
  });
}

/// The front by what stands in the database.
std::vector<bool> front_before(results::Connection& database, const reprice::Points& points) {
  std::vector<front::Costs> costs;
  costs.reserve(points.size());
  for (const reprice::Point& point : points.points) costs.push_back(point.costs);
  std::vector<reprice::FailedLimit> failed;
  results::Statement all(database, "SELECT point FROM failed_limits");
  while (all.step()) failed.push_back({all.integer(0), "", {}});
  return reprice::on_front(points, costs, left_out(points, failed));
}

ExitCode reprice_database(const RepriceCommand& options) {
  check_output(options);
  const Priced priced = prices_of(options);
  const auto objectives = front::parse_objectives(options.objectives);
  results::Connection database = results::open_results(options.database, results::Access::kRead);
  const reprice::Points points = reprice::read_points(database, objectives);
  const auto prices = reprice::Pricer(points).price(priced.prices);
  const auto failed = reprice::failed_limits(database, points, prices);
  const std::vector<bool> out = left_out(points, failed);
  const std::vector<bool> is = reprice::on_front(points, reprice::costs_of(points, prices), out);
  reprice::Report report = reprice::make_report(database, priced.table, points, prices, is,
                                                front_before(database, points),
                                                shares(options, points, priced.prices, out));
  for (size_t i = 0; i < points.size(); ++i)
    report.left_out += out[i] || !points.points[i].is_weighed;
  if (!options.output.empty()) {
    OutputFile file(options.output);
    reprice::rewrite(database, {points, prices, failed, priced.table, priced.prices.table.node_nm},
                     file.path());
    file.commit();
  }
  print_out(options.json ? reprice::report_json(report).dump(2) + "\n"
                         : reprice::report_text(report, out_width()));
  return ExitCode::kFine;
}

}  // namespace

void add_reprice_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "reprice", "Energies, areas and fronts of a database by other prices, without simulating");
  auto options = std::make_shared<RepriceCommand>();
  command->add_option("database", options->database, "Of `sweep -o`")
      ->required()
      ->type_name("RESULTS.db");
  command
      ->add_option("--energy", options->energy,
                   "Table of energies: a name or a file (docs/energy.md)")
      ->capture_default_str()
      ->type_name("TABLE");
  command
      ->add_option("--scale", options->scales,
                   "Multiplies figures of the table: sram, dram, mac.bits8, area, ...")
      ->allow_extra_args(false)
      ->type_name("KEY=FACTOR");
  command
      ->add_option("--objectives", options->objectives,
                   "What the front is of, with commas between (docs/results.md)")
      ->capture_default_str()
      ->type_name("LIST");
  command->add_option("-o,--output", options->output, "A new database with these prices")
      ->type_name("NEW.db");
  command->add_flag("--robust", options->is_robust,
                    "How often points stay on the front when each figure of the table varies");
  command->add_option("--draws", options->robust.draws, "Tables that --robust draws")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--seed", options->robust.seed, "Of these draws")
      ->check(whole_number())
      ->capture_default_str()
      ->type_name("S");
  command->add_flag("--json", options->json, "Print the front as JSON");
  add_wide_flag(*command);
  command->footer(
      "Points, cycles and events stay as they are.\n\n"
      "Examples:\n"
      "  systole reprice results.db --energy tpuv4i-7nm\n"
      "  systole reprice results.db --scale sram=1.3 --robust\n"
      "  systole reprice results.db --energy tpuv4i-7nm -o repriced.db");
  command->callback([options, &exit_code] { exit_code = reprice_database(*options); });
}

}  // namespace systole::cli
