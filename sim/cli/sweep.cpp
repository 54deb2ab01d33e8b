// SPDX-License-Identifier: Apache-2.0
// Command `sweep`: every combination of lists of networks, their widths and prunings,
// architectures, memories and batches.
#include "sim/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "sim/cli/commands.h"
#include "sim/cli/group_table.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/progress.h"
#include "sim/cli/shard_report.h"
#include "sim/cli/slurm.h"
#include "sim/cli/streams.h"
#include "sim/cli/sweep_files.h"
#include "sim/cli/sweep_table.h"
#include "sim/process/worker_pool.h"
#include "sim/results/fingerprint.h"
#include "sim/results/known.h"
#include "sim/sweep/dry_run.h"
#include "sim/sweep/shard.h"

namespace systole::cli {
namespace {

using Row = nlohmann::ordered_json;

struct SweepCommand {
  std::filesystem::path spec, output;
  SweepExports exports;
  sweep::SweepOptions run;
  std::string detail = "layers", shard;
  std::filesystem::path state;
  SlurmOptions slurm;
  CLI::Option* jobs = nullptr;  ///< -j, if it was given
  bool exclusive = false, json = false, mixed = false, allow_failed = false, dry_run = false;

  bool keeps() const { return !output.empty(); }
  bool writes_files() const { return keeps() || !exports.csv.empty() || !exports.jsonl.empty(); }
  /// Whether the output is a database alone, not a directory.
  bool is_database() const { return output.extension() == ".db"; }
  results::Detail kept() const { return results::detail_of(detail); }
};

/// Prints and writes rows as they come.
class Rows {
 public:
  Rows(const SweepCommand& options, const sweep::SweepSpec& spec, SweepFiles* files,
       ShardReport& report)
      : files_(files), report_(report), progress_("sweep", "points", spec.points.size()) {
    if (!options.exports.to_standard_output())
      printer_.emplace(spec.points, options.json, options.writes_files());
    if (options.keeps()) progress_.advise("the same command goes on from there");
  }
  void add(const Row& row, bool fresh) {
    if (files_ != nullptr) files_->add(row);
    const bool failed = row.at("status") == "failed";
    failed_ += failed;
    old_ += !fresh;
    progress_.wipe();
    if (printer_) printer_->add(row);
    progress_.remark(remark(row));
    progress_.update(++done_);
    report_.add(failed, fresh);
  }
  size_t failed() const { return failed_; }
  size_t old() const { return old_; }

 private:
  /// Failures, and the best so far of the network that `row` is of.
  std::string remark(const Row& row) {
    std::string text;
    if (failed_ > 0) text = fmt::format("{} failed", failed_);
    const auto network = row.at("network").get<std::string>();
    const bool within = !row.contains("failed_limits") || row.at("failed_limits").empty();
    if (row.at("status") == "finished" && within) {
      const auto latency = row.at("latency_ms").get<double>();
      const auto [best, fresh] = best_.try_emplace(network, latency, row.at("point"));
      if (latency < best->second.first) best->second = {latency, row.at("point")};
    }
    if (const auto best = best_.find(network); best != best_.end())
      text += fmt::format("{}best of {} {:.4g} ms (point {})", text.empty() ? "" : ", ", network,
                          best->second.first, best->second.second);
    return text;
  }

  SweepFiles* const files_;
  ShardReport& report_;
  std::map<std::string, std::pair<double, size_t>> best_;  ///< latency and point, by network
  std::optional<SweepTable> printer_;
  Progress progress_;
  size_t done_ = 0, failed_ = 0, old_ = 0;
};

ExitCode tell_end(const SweepCommand& options, const std::vector<Row>& rows, size_t old,
                  size_t failed) {
  const size_t points = rows.size();
  if (old > 0 && options.keeps()) print_err("{} of {} points were there already\n", old, points);
  if (failed == points && points > 0 && options.shard.empty())
    throw Error(fmt::format("none of the {} points could be run", failed));
  if (failed > 0) print_err("{} of {} points failed\n", failed, points);
  const auto beyond = std::count_if(rows.begin(), rows.end(), [](const Row& row) {
    return row.contains("failed_limits") && !row.at("failed_limits").empty();
  });
  if (beyond > 0) print_err("{} of {} points fail a limit\n", beyond, points);
  const auto excluded = std::count_if(
      rows.begin(), rows.end(), [](const Row& row) { return row.at("status") == "excluded"; });
  if (excluded > 0)
    print_err("{} of them by their lower bounds, and were not simulated\n", excluded);
  tell_clocks(rows, "points");
  return failed > 0 && !options.allow_failed ? ExitCode::kIncomplete : ExitCode::kFine;
}

ExitCode tell_dry_run(const SweepCommand& options, const sweep::Shard& shard) {
  const Say say(false, false);
  sweep::SweepSpec spec = sweep::load_sweep(options.spec);
  say(sweep::dry_run_text(spec));
  if (shard.count > 1) {
    spec = sweep::shard_of(std::move(spec), shard);
    say(fmt::format("{:>12} of them in shard {}\n", spec.points.size(), shard.text()));
  }
  const std::filesystem::path database =
      options.is_database() ? options.output : options.output / "results.db";
  sweep::TimeEstimator estimator(options.keeps() ? results::seconds_by_network(database)
                                                 : std::map<std::string, double>());
  if (options.keeps()) {
    const auto known = results::known_configurations(database, results::program_version(),
                                                     options.kept(), options.run.retry_failed);
    say(sweep::known_text(spec, known, estimator));
  } else {
    for (const sweep::SweepPoint& point : spec.points) estimator.add(point);
  }
  if (estimator.estimate().points > 0) say(estimator.estimate().text(options.run.jobs) + "\n");
  return ExitCode::kFine;
}

ExitCode run(const SweepCommand& options, const sweep::SweepSpec& spec, ShardReport& report) {
  std::optional<SweepFiles> files;
  if (options.keeps() && !options.is_database()) files.emplace(options.output, spec);
  results::Store store(files ? files->database() : options.output, results::program_version(),
                       options.mixed, options.exclusive);
  if (files) files->start();
  sweep::SweepOptions run = options.run;
  run.detail = options.kept();
  size_t old = 0, failed = 0;
  sweep::SweepRows rows;
  {
    Rows coming(options, spec, files ? &*files : nullptr, report);
    rows = sweep::run_sweep(spec, run, store,
                            [&](const Row& row, bool fresh) { coming.add(row, fresh); });
    old = coming.old();
    failed = coming.failed();
  }
  if (files) files->finish(rows.points);
  options.exports.write(spec, rows.points);
  if (!rows.groups.empty()) {
    if (!options.exports.to_standard_output())
      print_groups(spec, rows.groups, options.json, options.writes_files());
    if (files) write_groups(spec, rows.groups, options.output);
  }
  report.finish();
  return tell_end(options, rows.points, old, failed);
}

ExitCode on_cluster(const SweepCommand& options) {
  const ClusterSweep job{options.spec, options.output, options.detail, options.run.retry_failed,
                         options.jobs->count() > 0 ? options.run.jobs : 0};
  return options.slurm.submit ? submit_sweep(job, options.slurm) : tell_status(job);
}

ExitCode sweep(const SweepCommand& options) {
  if (options.slurm.wanted()) return on_cluster(options);
  options.exports.check();
  if (options.json && options.exports.to_standard_output())
    throw Error("--json: standard output cannot also take --csv or --jsonl");
  const sweep::Shard shard =
      options.shard.empty() ? sweep::Shard() : sweep::parse_shard(options.shard);
  if (options.dry_run) return tell_dry_run(options, shard);
  const sweep::SweepSpec spec = sweep::shard_of(sweep::load_sweep(options.spec), shard);
  ShardReport report(options.state, spec.points.size());
  try {
    return run(options, spec, report);
  } catch (const Error& error) {
    report.fail(error.what());
    throw;
  }
}

void add_options(CLI::App& command, SweepCommand& options) {
  command.add_option("spec", options.spec, "What to combine (docs/sweep.md)")
      ->required()
      ->type_name("SWEEP.yaml");
  options.run.jobs = process::usable_processors();
  options.jobs = command.add_option("-j,--jobs", options.run.jobs, "Points that run at once")
                     ->check(CLI::Range(1, 1024))
                     ->capture_default_str()
                     ->type_name("N");
  command
      .add_option("-o,--output", options.output,
                  "Database of results (NAME.db), or directory for results.db, sweep.csv and "
                  "sweep.jsonl; what stands there is not run again")
      ->type_name("NAME.db|DIR");
  command.add_option("--csv", options.exports.csv, "Rows as CSV when all are there; - is stdout")
      ->type_name("FILE");
  command
      .add_option("--jsonl", options.exports.jsonl,
                  "Rows as JSON, one a line, when all are there; - is stdout")
      ->type_name("FILE");
  command
      .add_option("--shard", options.shard,
                  "Only the I-th of N parts of the points, for a database of its own (merge)")
      ->type_name("I/N");
  command.add_flag("--json", options.json, "Print rows as JSON, one a line");
  add_wide_flag(command);
  command.add_option("--detail", options.detail, "What the database keeps of a point")
      ->check(OneOf(std::vector<std::string>(std::begin(results::kDetailNames),
                                             std::end(results::kDetailNames))))
      ->capture_default_str();
  command.add_flag("--retry-failed", options.run.retry_failed,
                   "Run points again that failed in an earlier sweep");
  command.add_flag("--allow-failed", options.allow_failed, "Exit code 0 even if points failed");
  command.add_flag(
      "--dry-run", options.dry_run,
      "Only tell how many points there are, how many each part of where drops, how many the "
      "database has, and about how long the others take");
  command
      .add_option("--state", options.state,
                  "Appends a line to it every few seconds: how far the sweep is")
      ->type_name("FILE");
  command.add_flag("--exclusive", options.exclusive,
                   "The database is this process's alone, without a log that others share");
  add_slurm_options(command, options.slurm);
  command.add_flag("--mixed", options.mixed,
                   "Put points of this version into a database that has points of another one");
}

}  // namespace

void add_sweep_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Run every combination of networks, widths, prunings, architectures, memories and batches");
  auto options = std::make_shared<SweepCommand>();
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
