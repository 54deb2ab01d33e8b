// SPDX-License-Identifier: Apache-2.0
// Command `search-precision`: widths layer by layer of the least cost within a bound on the loss.
#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/one_of.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/nsga2/nsga2.h"
#include "sim/process/worker_pool.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
#include "sim/search/evaluator.h"
#include "sim/search/joint.h"
#include "sim/search/policy_file.h"
#include "sim/search/report.h"

namespace systole::cli {
namespace {

struct SearchPrecisionCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::filesystem::path data, output, json, csv;
  std::string objective = "latency", energy, prunes;
  double max_loss = 1;
  bool all_layers = false, narrow_inputs = false;
  size_t limit = 0, budget = search::SearchOptions().budget;
  search::JointOptions generations;
  int jobs = process::usable_processors();

  bool is_joint() const { return !prunes.empty() || narrow_inputs; }
};

search::Objective objective_of(const std::string& name) {
  if (name == "latency") return search::Objective::kLatency;
  return name == "energy" ? search::Objective::kEnergy : search::Objective::kDram;
}

void check_options(const SearchPrecisionCommand& options) {
  if (options.is_joint() && !nsga2::has_nsga2()) nsga2::Nsga2({1}, 1);  // says what is missing
  if (session::is_program_file(options.compile.network))
    throw Error(options.compile.network.string() + ": expected an ONNX file");
  if (!(options.max_loss >= 0 && options.max_loss <= 100))
    throw Error(
        fmt::format("--max-loss {}: expected points of accuracy in 0..100", options.max_loss));
  std::error_code error;
  if (!options.data.empty() &&
      std::filesystem::equivalent(options.data, options.compile.calibration, error))
    throw Error(options.data.string() +
                ": --data: is the calibration data, expected images that the search does not see");
  for (const auto& file : {options.output, options.json, options.csv})
    if (!file.empty() && file != "-") check_creatable(file);
}

data::Dataset labelled(const std::filesystem::path& file,
                       const std::vector<data::NetworkInput>& inputs, size_t limit) {
  data::Dataset data = data::load_dataset(file, inputs, limit);
  if (data.items.empty() || data.labels.size() != data.items.size())
    throw Error(file.string() + ": labels: missing, search-precision needs one for each image");
  return data;
}

/// The points worth it on the test images, each once.
search::SearchTest run_test(const search::SearchReport& report, const search::Evaluator& evaluator,
                            const data::Dataset& data) {
  search::SearchTest test;
  test.images = data.items.size();
  test.rows = search::test_points(report);
  std::vector<search::Choice> choices;
  for (const search::SearchTest::Row& row : test.rows)
    choices.push_back(report.result.points[row.point].choice);
  Progress progress("test", "points", choices.size() + 1);
  uint64_t done = 0;
  const auto right = evaluator.right(choices, data, [&] { progress.update(++done); });
  test.float32_right = right[0];
  for (size_t i = 0; i < test.rows.size(); ++i) test.rows[i].right = right[i + 1];
  return test;
}

void write_search_files(const SearchPrecisionCommand& options, const search::SearchReport& report) {
  const auto policy = [&] {
    const auto prunes = search::prune_requests(report, report.result.chosen);
    std::string beside = prunes.empty() ? "" : "; goes with";
    for (const std::string& prune : prunes)
      beside += fmt::format(" --prune \"{}\"", report::printable(prune));
    return search::policy_file(
        report.layers, report.result.points[report.result.chosen].choice,
        fmt::format("search-precision {} --arch {} --objective {} --max-loss {} "
                    "--calib-method {}{}{}",
                    report::printable(report.network), report::printable(report.arch),
                    report.objective, options.max_loss, report.range_method,
                    report.bias_correction ? " --bias-correction" : "", beside),
        report.bias_correction);
  };
  for (const bool standard_output : {false, true}) {  // if that fails, the files are there
    const auto write = [&](const std::filesystem::path& file, const auto& text) {
      if (!file.empty() && (file == "-") == standard_output) write_output(file, text());
    };
    write(options.output, policy);
    write(options.json, [&] { return search::search_json(report).dump(1) + "\n"; });
    write(options.csv, [&] { return search::search_csv(report); });
  }
}

void run_search(const SearchPrecisionCommand& options) {
  check_options(options);
  const arch::ArchConfig arch = options.arch.load();
  const std::string table_name = options.energy.empty() && options.objective == "energy"
                                     ? energy::kDefaultEnergyTable
                                     : options.energy;
  const auto table = energy_option_table(table_name, arch);
  const auto inputs = options.compile.taken();
  const data::Dataset calibration = labelled(options.compile.calibration, inputs, 0);
  data::Dataset test_data;
  if (!options.data.empty()) test_data = labelled(options.data, inputs, options.limit);

  std::vector<std::string> warnings;
  pipeline::FrontOptions front = options.compile.front_options(arch, &calibration);
  front.warnings = &warnings;
  std::optional<Progress> progress;
  progress.emplace("calibrating", "operators", 0);
  front.progress = [&](size_t done, size_t total) { progress->update_of(done, total); };
  const quant::LayerWidths narrowest = quant::narrowest_widths(arch.hw);
  const search::Requantiser network(options.compile.network, front);
  const search::SearchSpace space(network.graphs(), narrowest, options.all_layers);
  const search::SearchSpace joint(
      network.graphs(), narrowest, options.all_layers,
      {search::parse_layer_prunes(options.prunes), options.narrow_inputs, arch.hw});
  const search::Evaluator evaluator(network, joint, calibration,
                                    {arch, options.compile.batch, table, options.jobs});
  evaluator.check(space.uniform({}));
  print_warnings(warnings);
  if (table) print_warnings(report::clock_warnings(arch, table->node_nm));

  search::SearchReport report;
  report.network = options.compile.network.stem().string();
  report.arch = arch.name;
  report.objective = options.objective;
  report.range_method = options.compile.range_method;
  report.bias_correction = options.compile.bias_correction;
  report.clock_mhz = arch.clock_mhz;
  report.batch = options.compile.batch;
  if (table) report.energy_table = table->name;
  report.options = {objective_of(options.objective), options.max_loss, calibration.items.size(),
                    options.budget};
  report.layers = space.layers();
  for (const prune::PruneSpec& spec : joint.prunes()) report.prunes.push_back(spec.text);
  report.narrow_inputs = options.narrow_inputs;
  report.seed = options.generations.seed;
  report.float32_right = evaluator.float32_right();
  progress.reset();
  progress.emplace("search", "points", 0);
  uint64_t done = 0;
  const search::Measure measure = [&](const std::vector<search::Choice>& choices) {
    return evaluator.measure(choices, [&] { progress->update(++done); });
  };
  report.result = options.is_joint() ? search::search_jointly(space, joint, report.options,
                                                              options.generations, measure)
                                     : search::search(space, report.options, measure);
  progress.reset();
  if (!options.data.empty()) report.test = run_test(report, evaluator, test_data);
  write_search_files(options, report);
  if (options.json == "-" || options.csv == "-") return;
  print_out("{}{}", report::headline(arch, "model for costs, quantised graph for accuracy"),
            search::search_text(report));
}

void add_options(CLI::App& command, SearchPrecisionCommand& options) {
  CompileOptions& compile = options.compile;
  command.add_option("network", compile.network, "Network (.onnx)")->required()->type_name("FILE");
  command
      .add_option("--calib", compile.calibration,
                  "Images and labels that the search works with, and the ranges come from")
      ->required()
      ->type_name("DATASET.yaml");
  command
      .add_option("--data", options.data, "Images and labels to test the result with, at the end")
      ->type_name("DATASET.yaml");
  command.add_option("--limit", options.limit, "Use the first N images of --data; 0: all")
      ->check(whole_number())
      ->type_name("N");
  command.add_option("--objective", options.objective, "What to minimise")
      ->check(OneOf({"latency", "energy", "dram"}))
      ->capture_default_str();
  command
      .add_option("--max-loss", options.max_loss,
                  "Points of top-1 that may be lost against int8, on the calibration images")
      ->capture_default_str()
      ->type_name("POINTS");
  command.add_flag("--all-layers", options.all_layers,
                   "The first and the last layer may be narrow too");
  command
      .add_option("--budget", options.budget,
                  "Points that are tried after the sensitivities, at most")
      ->check(whole_number())
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--prunes", options.prunes,
                  "Kinds of --prune, joined by ',', one of which each layer may be pruned by: "
                  "nm:2:4,codebook:16")
      ->type_name("LIST");
  command.add_flag("--narrow-inputs", options.narrow_inputs,
                   "Inputs may be narrower than the weights that they meet (W8A4)");
  command
      .add_option("--generations", options.generations.budget,
                  "Points that the optimiser tries then, of --prunes and --narrow-inputs, at most")
      ->check(whole_number())
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--seed", options.generations.seed, "Decides what the optimiser draws")
      ->check(whole_number())
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--batch", compile.batch, "Inputs of the run whose costs count")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
      ->capture_default_str();
  command
      .add_option("--energy", options.energy,
                  "Estimate the energy by TABLE (a name of configs/energy, or a YAML file); for "
                  "--objective energy without it horowitz-45nm")
      ->type_name("TABLE");
  compile.add_calibration_to(command);
  compile.add_shape_to(command);
  compile.add_host_fallback_to(command);
  compile.add_prune_to(command);
  command.add_option("-j,--jobs", options.jobs, "Points that are tried at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("-o,--output", options.output,
                  "Write the cheapest policy within the bound, for --precision")
      ->type_name("POLICY.yaml");
  command
      .add_option("--json", options.json,
                  "Write all points as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  command
      .add_option("--csv", options.csv,
                  "Write all points as CSV; -: to standard output, nothing else")
      ->type_name("-|FILE");
  options.arch.add_to(command);
}

}  // namespace

void add_search_precision_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "search-precision", "Find bits of weights and inputs layer by layer that cost least");
  auto options = std::make_shared<SearchPrecisionCommand>();
  add_options(*command, *options);
  command->footer(
      "Results do not depend on -j.\n\n"
      "Examples:\n"
      "  systole search-precision net.onnx --calib calib.yaml --data test.yaml -o policy.yaml\n"
      "  systole run net.onnx --precision policy.yaml");
  command->callback([options] { run_search(*options); });
}

}  // namespace systole::cli
