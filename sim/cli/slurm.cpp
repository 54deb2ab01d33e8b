// SPDX-License-Identifier: Apache-2.0
// Writes scripts, calls sbatch, reads states.
#include "sim/cli/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/process/tool.h"
#include "sim/report/format.h"
#include "sim/sweep/shard.h"
#include "sim/sweep/shard_state.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kSilentSeconds = 300;  // longer than this without a word: it may be dead

// Fields: systole, spec, shards, folder, detail, other options.
constexpr const char* kTask = R"(#!/bin/bash
# A shard of a sweep; made by `systole sweep --slurm`.
exec {0} sweep {1} --shard "$SLURM_ARRAY_TASK_ID/{2}" -o {3}/shard-"$SLURM_ARRAY_TASK_ID".db \
  --state {3}/shard-"$SLURM_ARRAY_TASK_ID".state --exclusive --allow-failed --detail {4}{5} \
  -j "${{SLURM_CPUS_PER_TASK:-1}}" >/dev/null
)";
// Fields: systole, folder, output, spec.
constexpr const char* kMerge = R"(#!/bin/bash
# Merges the shards of a sweep; made by `systole sweep --slurm`.
say() {{ echo "$(date +%s) $1 0 0 0 0 $(hostname) $$" >>{1}/merge.state; }}
say running
if {0} merge {1}/shard-*.db -o {2} && {0} sweep {3} -o {2} --dry-run; then
  say finished
else
  say failed
  exit 1
fi
)";

/// For bash.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

fs::path folder_of(const ClusterSweep& job) {
  if (job.output.extension() != ".db")
    throw Error("--slurm, --status: expected -o NAME.db, where shards are merged to");
  return fs::absolute(job.output.string() + ".slurm").lexically_normal();
}

fs::path file_of(const fs::path& folder, size_t shard, const char* kind) {
  return folder / fmt::format("shard-{}.{}", shard, kind);
}

std::vector<sweep::ShardState> states_in(const fs::path& folder) {
  std::vector<sweep::ShardState> states;
  while (const auto state = sweep::last_state(file_of(folder, states.size() + 1, "state")))
    states.push_back(*state);
  return states;
}

/// Seconds since it was heard of.
double silence(const sweep::ShardState& state) {
  return std::max(0.0, std::difftime(std::time(nullptr), state.time));
}

/// What stands there is a sweep of as many shards of which none is at work.
void check_earlier(const fs::path& folder, size_t shards) {
  const std::vector<sweep::ShardState> states = states_in(folder);
  if (!states.empty() && states.size() != shards)
    throw Error(
        fmt::format("{}: has a sweep in {} shards, expected --shards {} to go on with it, "
                    "or another -o",
                    folder.string(), states.size(), states.size()));
  for (size_t i = 0; i < states.size(); ++i)
    if (states[i].name == "running" && silence(states[i]) < kSilentSeconds)
      throw Error(fmt::format(
          "{}: shard {} was at work {} ago on {}, expected it to have ended "
          "(--status)",
          folder.string(), i + 1, report::duration_text(silence(states[i])), states[i].host));
}

/// The number of the job.
std::string call_sbatch(std::vector<std::string> command, const std::string& options,
                        const fs::path& script) {
  std::istringstream words(options);
  for (std::string word; words >> word;) command.push_back(word);
  command.push_back(script.string());
  const fs::path log = script.parent_path() / "sbatch.log";
  const int status =
      process::run_tool(command, script.parent_path(), log, "sbatch",
                        [](double seconds) { return fmt::format("{:.0f} s", seconds); });
  std::ifstream stream(log);
  std::string answer, line;
  while (std::getline(stream, line)) answer = line;
  if (status == 127)
    throw Error("sbatch: not found in PATH, expected Slurm's, or another scheduler with --shard");
  if (status != 0)
    throw Error(fmt::format("sbatch ended with status {}: {}", status, report::printable(answer)));
  return answer.substr(0, answer.find(';'));
}

std::string own_program() { return fs::read_symlink("/proc/self/exe").string(); }

/// Submits what stands in `folder`, and tells the jobs.
void submit(const fs::path& folder, const ClusterSweep& job, const SlurmOptions& options,
            size_t points) {
  std::vector<std::string> tasks = {"sbatch",
                                    "--parsable",
                                    "--job-name=systole-sweep",
                                    fmt::format("--array=1-{}", options.shards),
                                    "--requeue",
                                    "--open-mode=append",
                                    "--output=" + (folder / "shard-%a.log").string()};
  if (job.processors > 0) tasks.push_back(fmt::format("--cpus-per-task={}", job.processors));
  const std::string array = call_sbatch(tasks, options.sbatch, folder / "task.sh");
  print_out("job {}: {} shards of {} points, in {}\n", array, options.shards, points,
            folder.string());
  sweep::append_state(folder / "merge.state", {});
  const std::string merge = call_sbatch(
      {"sbatch", "--parsable", "--job-name=systole-merge", "--dependency=afterany:" + array,
       "--open-mode=append", "--output=" + (folder / "merge.log").string()},
      options.sbatch, folder / "merge.sh");
  print_out("job {}: merges them into {} when they have ended\n", merge, job.output.string());
}

}  // namespace

void add_slurm_options(CLI::App& command, SlurmOptions& options) {
  command.add_flag(
      "--slurm", options.submit,
      "Submit shards as an array job of Slurm, and one that merges them into -o NAME.db");
  command.add_option("--shards", options.shards, "Of --slurm")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--sbatch-options", options.sbatch, "Given to sbatch, blanks between them")
      ->type_name("TEXT");
  command.add_flag("--status", options.status, "Tell how far the shards of --slurm are");
}

ExitCode submit_sweep(const ClusterSweep& job, const SlurmOptions& options) {
  const fs::path folder = folder_of(job);
  const sweep::SweepSpec spec = sweep::load_sweep(job.spec);
  check_creatable(job.output);
  check_directory(folder);
  check_earlier(folder, options.shards);
  const bool resumed = fs::exists(folder);
  fs::create_directories(folder);
  for (size_t shard = 1; shard <= options.shards; ++shard) {
    sweep::ShardState state;
    state.total = sweep::shard_of(spec, {shard, options.shards}).points.size();
    sweep::append_state(file_of(folder, shard, "state"), state);
  }
  const std::string systole = quoted(own_program()), place = quoted(folder.string()),
                    text = quoted(fs::absolute(job.spec).lexically_normal().string());
  write_output(folder / "task.sh",
               fmt::format(kTask, systole, text, options.shards, place, job.detail,
                           job.retry_failed ? " --retry-failed" : ""));
  write_output(folder / "merge.sh",
               fmt::format(kMerge, systole, place,
                           quoted(fs::absolute(job.output).lexically_normal().string()), text));
  try {
    submit(folder, job, options, spec.points.size());
  } catch (const Error&) {
    if (!resumed && !fs::exists(folder / "merge.state")) fs::remove_all(folder);
    throw;
  }
  return ExitCode::kFine;
}

ExitCode tell_status(const ClusterSweep& job) {
  const fs::path folder = folder_of(job);
  const std::vector<sweep::ShardState> states = states_in(folder);
  if (states.empty())
    throw Error(
        fmt::format("{}: has no states of shards, expected a sweep that was submitted with "
                    "--slurm",
                    folder.string()));
  size_t done = 0, total = 0, failed = 0;
  double rate = 0;
  print_out("{:>5}  {:<9}{:>13}{:>8}{:>10}  {:<12}{}\n", "shard", "state", "points", "failed",
            "points/s", "heard", "of");
  for (size_t i = 0; i < states.size(); ++i) {
    const sweep::ShardState& state = states[i];
    const bool silent = state.name == "running" && silence(state) >= kSilentSeconds;
    done += state.done;
    total += state.total;
    failed += state.failed;
    if (state.name == "running" && !silent) rate += state.rate;
    print_out(
        "{:>5}  {:<9}{:>13}{:>8}{:>10}  {:<12}{}\n", i + 1, silent ? "silent" : state.name,
        fmt::format("{}/{}", state.done, state.total), state.failed,
        state.rate > 0 ? fmt::format("{:.2f}", state.rate) : "",
        report::duration_text(silence(state)) + " ago",
        state.reason.empty() ? state.host : state.host + ": " + report::printable(state.reason));
  }
  std::string text = fmt::format("{} of {} points, {} failed", done, total, failed);
  if (done < total)
    text += rate > 0 ? fmt::format(", about {} to go",
                                   report::duration_text(static_cast<double>(total - done) / rate))
                     : ", none at work";
  if (const auto merge = sweep::last_state(folder / "merge.state"))
    text += fmt::format("; merge: {}", merge->name);
  print_out(text + "\n");
  return ExitCode::kFine;
}

}  // namespace systole::cli
