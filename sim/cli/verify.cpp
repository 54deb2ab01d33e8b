// SPDX-License-Identifier: Apache-2.0
// Command `verify`: points of a database once more, on the RTL.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/difference_text.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/process/worker_pool.h"
#include "sim/report/format.h"
#include "sim/results/fingerprint.h"
#include "sim/results/open.h"
#include "sim/verify/run.h"

namespace systole::cli {
namespace {

constexpr size_t kCount = 10;

struct VerifyCommand {
  std::filesystem::path database;
  verify::Request request;
  std::string budget;
  size_t limit = 10;
};

/// "90", "90s", "10m", "2h" as seconds.
double seconds_of(const std::string& text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  const bool positive =
      std::isfinite(value * scale) && value * scale > 0;  // "nan" is a number, too
  if (wrong != std::errc() || !positive)
    throw Error(fmt::format("--budget {}: expected a time as 90s, 10m or 2h", text));
  return value * scale;
}

std::string points_text(size_t count) {
  return fmt::format("{} point{}", count, count == 1 ? "" : "s");
}

std::string plan_text(const verify::Plan& plan, const verify::Request& request) {
  size_t builds = 0, cached = 0, rtl = 0;
  for (const verify::Lot& lot : plan.lots) {
    if (!lot.on_rtl) continue;
    rtl += lot.items.size();
    ++(lot.is_built() ? cached : builds);
  }
  std::string text = fmt::format("{} of {} to run", points_text(plan.points()), plan.finished);
  if (plan.before > 0) text += fmt::format(", {} checked before", plan.before);
  if (plan.points() == 0) return text + "\n";
  text += fmt::format("\n  {} on the RTL: {} to build, {} built before\n", rtl, builds, cached);
  std::string why;
  if (plan.large_array > 0)
    why = fmt::format("{} with an array above {}x{}", plan.large_array, verify::kLargestSide,
                      verify::kLargestSide);
  if (plan.long_run > 0)
    why += fmt::format("{}{} that the RTL would need more than {:.0f} s for",
                       why.empty() ? "" : ", ", plan.long_run, verify::kLongestRun);
  if (!why.empty())
    text += fmt::format("  {} on the model: {}\n", plan.large_array + plan.long_run, why);
  return text + fmt::format("  about {} with {} at once\n",
                            report::duration_text(std::max(1.0, plan.seconds(request.jobs))),
                            request.jobs);
}

std::string verdict_text(const verify::Verdict& verdict, size_t limit) {
  std::string text = fmt::format(
      "point {}: {}, {} cycles, {}: {}\n", verdict.item.point.id, report::printable(verdict.name),
      report::with_commas(static_cast<uint64_t>(verdict.item.point.cycles)), verdict.engine,
      verdict.equal ? "equal" : "differs");
  if (!verdict.reason.empty()) return text + "  " + report::printable(verdict.reason) + "\n";
  if (verdict.equal) return text;
  const std::string parts = difference_text(verdict.difference, limit);
  return text + parts.substr(parts.find('\n') + 1);  // the name stands above
}

/// Open for reading first: what is no database of results is not touched.
results::Connection open_database(const std::filesystem::path& file) {
  { results::open_results(file, results::Access::kRead); }
  return results::open_results(file, results::Access::kWrite);
}

ExitCode verify_points(VerifyCommand& options) {
  verify::Request& request = options.request;
  if (!options.budget.empty()) request.budget_seconds = seconds_of(options.budget);
  if (request.count == 0 && options.budget.empty()) request.count = kCount;
  results::Connection database = open_database(options.database);
  const verify::Plan plan = verify::make_plan(database, results::program_version(), request);
  print_out(plan_text(plan, request));
  flush_out();
  Progress progress("verify", "points", plan.points());
  progress.advise("the same command goes on from there");
  size_t done = 0;
  const verify::Tally tally =
      verify::run_plan(database, plan, request, [&](const verify::Verdict& verdict) {
        progress.wipe();
        print_out(verdict_text(verdict, options.limit));
        flush_out();
        progress.update(++done);
      });
  progress.wipe();
  print_out("{} equal, {} differ\n", points_text(tally.equal), tally.differ);
  if (tally.left > 0)
    print_out("{} left when the budget was spent; the same command goes on from there\n",
              points_text(tally.left));
  return tally.differ > 0 ? ExitCode::kDifference : ExitCode::kFine;
}

void add_options(CLI::App& command, VerifyCommand& options) {
  command.add_option("database", options.database, "Of `sweep -o`")
      ->required()
      ->type_name("RESULTS.db");
  command
      .add_option("--count", options.request.count,
                  "Points, drawn at random; default 10, with --budget all that it holds")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("K");
  command.add_option("--seed", options.request.seed, "Of the draw")
      ->check(whole_number())
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--budget", options.budget,
                  "Time to stop after (90s, 10m, 2h): points that few builds cover come first")
      ->type_name("TIME");
  options.request.jobs = process::usable_processors();
  command.add_option("-j,--jobs", options.request.jobs, "Points that run at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--networks", options.request.networks,
                  "Where the files of networks are now; default: where the sweep found them")
      ->type_name("DIR");
  command.add_option("--limit", options.limit, "Lines of each list of what differs")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace

void add_verify_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("verify", "Run points of a database again on the RTL, and compare");
  auto options = std::make_shared<VerifyCommand>();
  add_options(*command, *options);
  command->footer(
      "Arrays up to 32x32 run on the RTL, which is built for each, if that takes a minute at "
      "most;\n"
      "others on the model. Points that are equal are not run again. Exit code 1 if one "
      "differs.\n\n"
      "Examples:\n"
      "  systole verify results.db --count 20 --seed 1\n"
      "  systole verify results.db --budget 10m");
  command->callback([options, &exit_code] { exit_code = verify_points(*options); });
}

}  // namespace systole::cli
