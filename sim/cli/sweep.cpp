// SPDX-License-Identifier: Apache-2.0
// Command `sweep`: every combination of lists of networks, their widths and prunings,
// architectures, memories and batches.
#include "sim/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "sim/cli/commands.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/sweep_files.h"
#include "sim/process/worker_pool.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

using Row = nlohmann::ordered_json;

struct Options {
  std::filesystem::path spec, output;
  int jobs = process::usable_processors();
  bool json = false;
};

/// The architecture and what is changed of it.
std::string hardware_text(const sweep::SweepPoint& point) {
  std::string text = report::printable(point.arch);
  for (const std::string& assignment : point.set)
    text += fmt::format(" {}", report::printable(assignment));
  return text;
}

/// The network and what is changed of it.
std::string network_text(const sweep::SweepPoint& point) {
  std::string text = report::printable(point.file.filename().string());
  if (point.widths != quant::LayerWidths())
    text += fmt::format(" W{}A{}", point.widths.weights, point.widths.activations);
  if (point.prune != "none") text += " " + report::printable(point.prune);
  return text;
}

std::string figures_text(const Row& row) {
  if (row.at("status") != "finished")
    return fmt::format("failed: {}", row.at("reason").get<std::string>());
  const double cycles = row.at("cycles").get<double>();
  return fmt::format("{:>14} {:>10.4g} {:>10.5g} {:>5.1f} % {:>6.2f}",
                     report::with_commas(row.at("cycles").get<uint64_t>()),
                     row.at("latency_ms").get<double>(), row.at("inferences_per_s").get<double>(),
                     100 * row.at("mac_utilisation").get<double>(),
                     cycles / std::max(row.at("lower_bound_cycles").get<double>(), 1.0));
}

/// Prints rows in the order of the points, each as soon as those before it are there.
class OrderedPrinter {
 public:
  OrderedPrinter(const std::vector<sweep::SweepPoint>& points, bool json, bool writes_files)
      : points_(points), json_(json), say_(false, writes_files), rows_(points.size()) {
    for (const sweep::SweepPoint& point : points) {
      network_width_ = std::max(network_width_, network_text(point).size());
      hardware_width_ = std::max(hardware_width_, hardware_text(point).size());
    }
    if (!json_)
      print("point", "network", "hardware", "batch",
            fmt::format("{:>14} {:>10} {:>10} {:>7} {:>6}", "cycles", "ms", "inf/s", "util",
                        "/bound"));
  }
  void add(const Row& row) {
    rows_.at(row.at("point").get<size_t>()) = row;
    for (; next_ < rows_.size() && rows_[next_]; ++next_) {
      const sweep::SweepPoint& point = points_[next_];
      if (json_)
        say_(rows_[next_]->dump() + "\n");
      else
        print(std::to_string(next_), network_text(point), hardware_text(point),
              std::to_string(point.batch), figures_text(*rows_[next_]));
    }
  }

 private:
  void print(const std::string& number, const std::string& network, const std::string& hardware,
             const std::string& batch, const std::string& figures) const {
    say_(fmt::format("{:>5}  {:<{}}  {:<{}}  {:>5} {}\n", number, network, network_width_, hardware,
                     hardware_width_, batch, figures));
  }

  const std::vector<sweep::SweepPoint>& points_;
  const bool json_;
  const Say say_;
  std::vector<std::optional<Row>> rows_;
  size_t next_ = 0;
  size_t network_width_ = 7, hardware_width_ = 8;  ///< of the heads
};

ExitCode sweep(const Options& options) {
  const sweep::SweepSpec spec = sweep::load_sweep(options.spec);
  std::optional<SweepFiles> files;
  if (!options.output.empty()) files.emplace(options.output, spec.keys);
  OrderedPrinter printer(spec.points, options.json, !options.output.empty());
  size_t done = 0, failed = 0;
  std::vector<Row> rows;
  {
    Progress progress("sweep", "points", spec.points.size());
    rows = sweep::run_sweep(spec, options.jobs, [&](const Row& row) {
      if (files) files->add(row);
      failed += row.at("status") == "failed";
      progress.wipe();
      printer.add(row);
      progress.update(++done);
    });
  }
  if (files) files->finish(rows);
  if (failed == rows.size()) throw Error(fmt::format("none of the {} points could be run", failed));
  if (failed > 0) print_err("{} of {} points failed\n", failed, rows.size());
  return ExitCode::kFine;
}

}  // namespace

void add_sweep_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Run every combination of networks, widths, prunings, architectures, memories and batches");
  auto options = std::make_shared<Options>();
  command->add_option("spec", options->spec, "What to combine (docs/sweep.md)")
      ->required()
      ->type_name("SWEEP.yaml");
  command->add_option("-j,--jobs", options->jobs, "Points that run at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("-o,--output", options->output,
                   "Directory for sweep.csv and sweep.jsonl, a row as soon as a point has ended")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "Print rows as JSON, one a line");
  command->footer(
      "A point that fails is a row with its reason. Results do not depend on -j.\n\n"
      "Examples:\n"
      "  systole sweep configs/sweeps/array.yaml -o out\n"
      "  systole sweep configs/sweeps/array.yaml --json | jq -c '[.set, .cycles]'");
  command->callback([options, &exit_code] { exit_code = sweep(*options); });
}

}  // namespace systole::cli
