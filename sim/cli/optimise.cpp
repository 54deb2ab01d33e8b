// SPDX-License-Identifier: Apache-2.0
// Command `optimise`: the front of a space that is too large to enumerate.
#include "sim/optimise/optimise.h"

#include <fmt/format.h>

#include <iterator>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/sweep_table.h"
#include "sim/nsga2/nsga2.h"
#include "sim/optimise/exact.h"
#include "sim/optimise/report.h"
#include "sim/process/worker_pool.h"
#include "sim/results/fingerprint.h"
#include "sim/sweep/identity.h"

namespace systole::cli {
namespace {

struct OptimiseCommand {
  std::filesystem::path spec, output;
  sweep::SweepOptions run;
  std::string detail = results::name_of(results::Detail::kTotals);
  bool json = false, mixed = false, exact = false;
};

/// A database of other prices would give nothing, and its views would mix them.
void check_tables(results::Store& store, const optimise::Problem& problem,
                  const std::filesystem::path& file) {
  const sweep::Position first(problem.space->axes().size());
  const std::string wanted = problem.space->point_at(first).first.energy_table;
  const results::Part table = sweep::energy_table_part(wanted);
  results::Statement other(store.connection(),
                           "SELECT name FROM energy_tables WHERE id IN (SELECT energy_table FROM "
                           "points) AND NOT EXISTS (SELECT 1 FROM energy_tables WHERE identity = "
                           "?)");
  if (!other.with(table.identity).step()) return;
  const std::string name = other.text(0);
  throw Error(fmt::format(
      "{}: its points are priced by {}{}, {} wants {}, expected a database of its own, or one that "
      "`systole reprice` makes",
      file.string(), name == table.name ? "another " : "", name, problem.file, table.name));
}

/// Counts what is run and what was there.
class Counts {
 public:
  explicit Counts(const OptimiseCommand& options, size_t budget)
      : progress_("optimise", "points", budget) {
    if (!options.output.empty()) progress_.advise("the same command goes on from there");
  }
  void add(const nlohmann::ordered_json& row, bool fresh) {
    failed_ += row.at("status") == "failed";
    old_ += !fresh;
    progress_.update(++done_);
  }
  void tell(bool keeps) {
    progress_.wipe();
    if (old_ > 0 && keeps) print_err("{} of {} points were there already\n", old_, done_);
    if (failed_ > 0) print_err("{} of {} points failed\n", failed_, done_);
  }

 private:
  Progress progress_;
  size_t done_ = 0, old_ = 0, failed_ = 0;
};

ExitCode run_optimise(const OptimiseCommand& options) {
  if (!options.exact && !nsga2::has_nsga2()) nsga2::Nsga2({1}, 1);  // says what is missing
  const optimise::Problem problem = optimise::load_problem(options.spec, !options.exact);
  results::Store store(options.output, results::program_version(), options.mixed);
  check_tables(store, problem, options.output);
  sweep::SweepOptions run = options.run;
  run.detail = results::detail_of(options.detail);
  std::string text;
  {
    Counts counts(options, options.exact ? 0 : problem.budget);
    const auto count = [&](const nlohmann::ordered_json& row, bool fresh) {
      counts.add(row, fresh);
    };
    optimise::ExactFront found;
    if (options.exact)
      found = optimise::optimise_exactly(problem, run, store, count);
    else
      found.archive = optimise::optimise(problem, run, store, count);
    counts.tell(!options.output.empty());
    tell_clocks(optimise::front_rows(found.archive), "points of the front");
    text = options.json ? optimise::front_json(problem, found.archive, found.points).dump(2) + "\n"
                        : optimise::front_text(problem, found.archive, found.points, out_width());
  }
  Say(false, !options.output.empty())(text);
  return ExitCode::kFine;
}

}  // namespace

void add_optimise_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "optimise", "Search a space of networks, machines and options for the front of objectives");
  auto options = std::make_shared<OptimiseCommand>();
  command
      ->add_option("spec", options->spec,
                   "A sweep file with objectives and budget (docs/optimise.md)")
      ->required()
      ->type_name("SPEC.yaml");
  options->run.jobs = process::usable_processors();
  command->add_option("-j,--jobs", options->run.jobs, "Points that run at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("-o,--output", options->output,
                   "Database of results; what stands there is not run again")
      ->type_name("NAME.db");
  command->add_option("--detail", options->detail, "What the database keeps of a point")
      ->check(OneOf(std::vector<std::string>(std::begin(results::kDetailNames),
                                             std::end(results::kDetailNames))))
      ->capture_default_str();
  command->add_flag("--mixed", options->mixed,
                    "Put points of this version into a database that has points of another one");
  command->add_flag("--exact", options->exact,
                    "Find the whole front of latency against area, without points that are beaten "
                    "by their lower bounds");
  command->add_flag("--json", options->json, "Print the front as JSON");
  add_wide_flag(*command);
  command->footer(
      "Results do not depend on -j. A search that was stopped goes on by the same command.\n\n"
      "Examples:\n"
      "  systole optimise configs/optimise/mlp.yaml -o results.db\n"
      "  systole optimise configs/optimise/exact.yaml --exact -o results.db\n"
      "  systole optimise configs/optimise/mlp.yaml --json | jq -c '.front[].set'");
  command->callback([options, &exit_code] { exit_code = run_optimise(*options); });
}

}  // namespace systole::cli
