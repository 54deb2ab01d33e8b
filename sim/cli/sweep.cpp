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
#include "sim/results/fingerprint.h"
#include "sim/sweep/identity.h"

namespace systole::cli {
namespace {

using Row = nlohmann::ordered_json;

struct Options {
  std::filesystem::path spec, output;
  sweep::SweepOptions run;
  std::string detail = "layers";
  bool json = false, mixed = false, allow_failed = false;

  bool keeps() const { return !output.empty(); }
  /// Whether the output is a database alone, not a directory.
  bool is_database() const { return output.extension() == ".db"; }
};

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
      hardware_width_ = std::max(hardware_width_, sweep::hardware_text(point).size());
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
        print(std::to_string(next_), network_text(point), sweep::hardware_text(point),
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

/// Prints and writes rows as they come.
class Rows {
 public:
  Rows(const Options& options, const sweep::SweepSpec& spec, SweepFiles* files)
      : files_(files),
        printer_(spec.points, options.json, options.keeps()),
        progress_("sweep", "points", spec.points.size()) {
    if (options.keeps()) progress_.advise("the same command goes on from there");
  }
  void add(const Row& row, bool fresh) {
    if (files_ != nullptr) files_->add(row);
    failed_ += row.at("status") == "failed";
    old_ += !fresh;
    progress_.wipe();
    printer_.add(row);
    progress_.update(++done_);
  }
  size_t failed() const { return failed_; }
  size_t old() const { return old_; }

 private:
  SweepFiles* const files_;
  OrderedPrinter printer_;
  Progress progress_;
  size_t done_ = 0, failed_ = 0, old_ = 0;
};

ExitCode tell_end(const Options& options, size_t points, size_t old, size_t failed) {
  if (old > 0 && options.keeps()) print_err("{} of {} points were there already\n", old, points);
  if (failed == points) throw Error(fmt::format("none of the {} points could be run", failed));
  if (failed > 0) print_err("{} of {} points failed\n", failed, points);
  return failed > 0 && !options.allow_failed ? ExitCode::kIncomplete : ExitCode::kFine;
}

ExitCode sweep(const Options& options) {
  const sweep::SweepSpec spec = sweep::load_sweep(options.spec);
  std::optional<SweepFiles> files;
  if (options.keeps() && !options.is_database()) files.emplace(options.output, spec.keys);
  results::Store store(files ? files->database() : options.output, results::program_version(),
                       options.mixed);
  if (files) files->start();
  sweep::SweepOptions run = options.run;
  run.detail = options.detail == "layers" ? results::Detail::kLayers : results::Detail::kTotals;
  size_t old = 0, failed = 0;
  std::vector<Row> rows;
  {
    Rows coming(options, spec, files ? &*files : nullptr);
    rows = sweep::run_sweep(spec, run, store,
                            [&](const Row& row, bool fresh) { coming.add(row, fresh); });
    old = coming.old();
    failed = coming.failed();
  }
  if (files) files->finish(rows);
  return tell_end(options, rows.size(), old, failed);
}

void add_options(CLI::App& command, Options& options) {
  command.add_option("spec", options.spec, "What to combine (docs/sweep.md)")
      ->required()
      ->type_name("SWEEP.yaml");
  options.run.jobs = process::usable_processors();
  command.add_option("-j,--jobs", options.run.jobs, "Points that run at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("-o,--output", options.output,
                  "Database of results (NAME.db), or directory for results.db, sweep.csv and "
                  "sweep.jsonl; what stands there is not run again")
      ->type_name("NAME.db|DIR");
  command.add_flag("--json", options.json, "Print rows as JSON, one a line");
  command.add_option("--detail", options.detail, "What the database keeps of a point")
      ->check(CLI::IsMember({"totals", "layers"}))
      ->capture_default_str();
  command.add_flag("--retry-failed", options.run.retry_failed,
                   "Run points again that failed in an earlier sweep");
  command.add_flag("--allow-failed", options.allow_failed, "Exit code 0 even if points failed");
  command.add_flag("--mixed", options.mixed,
                   "Put points of this version into a database that has points of another one");
}

}  // namespace

void add_sweep_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Run every combination of networks, widths, prunings, architectures, memories and batches");
  auto options = std::make_shared<Options>();
  add_options(*command, *options);
  command->footer(
      "A point that fails is a row with its reason. Results do not depend on -j. A sweep that was\n"
      "stopped goes on by the same command.\n\n"
      "Examples:\n"
      "  systole sweep configs/sweeps/array.yaml -o out\n"
      "  systole sweep configs/sweeps/array.yaml -o results.db --detail totals\n"
      "  systole sweep configs/sweeps/array.yaml --json | jq -c '[.set, .cycles]'");
  command->callback([options, &exit_code] { exit_code = sweep(*options); });
}

}  // namespace systole::cli
