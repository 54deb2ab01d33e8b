// SPDX-License-Identifier: Apache-2.0
// Command `study`: the table precision x pruning of one network on one architecture.
#include "sim/study/study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "compiler/quant/calibration_steps.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/look.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/cli/study_inputs.h"
#include "sim/cli/sweep_files.h"
#include "sim/cli/value_checks.h"
#include "sim/process/worker_pool.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
#include "sim/results/fingerprint.h"
#include "sim/study/report.h"

namespace systole::cli {
namespace {

struct StudyCommand {
  CompileOptions compile;
  ArchOptions arch;
  StudyFiles files;
  std::vector<std::string> precisions = {"int8", "W4A8", "W4A4", "W2A8", "W2A2"};
  std::vector<std::string> prunes = {"none",      "unstructured:0.8", "nm:2:4",
                                     "block:0.5", "channel:0.3",      "codebook:16"};
  std::vector<int64_t> batches = {1};
  std::filesystem::path output, json;
  std::string energy = energy::kDefaultEnergyTable, hardware = "given", break_even;
  bool mixed = false;
  int jobs = process::usable_processors();
};

void check_options(const StudyCommand& options) {
  std::vector<std::filesystem::path> networks = {options.compile.network};
  networks.insert(networks.end(), options.files.with.begin(), options.files.with.end());
  for (size_t i = 0; i < networks.size(); ++i) {
    if (session::is_program_file(networks[i]))
      throw Error(networks[i].string() + ": expected an ONNX file");
    if (std::count(networks.begin(), networks.end(), networks[i]) > 1)
      throw Error(networks[i].string() + ": is given twice");
  }
  for (const int64_t batch : options.batches)
    if (std::count(options.batches.begin(), options.batches.end(), batch) > 1)
      throw Error(fmt::format("--batch {}: is given twice", batch));
  if (!options.json.empty() && options.json != "-") check_creatable(options.json);
}

/// Of the whole study or of a policy: without data no row could be run.
void check_steps(const StudyCommand& options,
                 const std::vector<study::StudyPrecision>& precisions) {
  const quant::CalibrationSteps steps =
      quant::parse_way("--calib-method", options.compile.range_method).steps;
  const bool wanted = options.compile.bias_correction || steps.bias_correction ||
                      std::any_of(precisions.begin(), precisions.end(), [](const auto& precision) {
                        return precision.policy.bias_correction;
                      });
  if (wanted && options.compile.calibration.empty())
    throw Error("bias correction: no calibration data to take means from, expected --calib");
  if (steps.channel_ranges && options.compile.calibration.empty())
    throw Error("channel ranges: no calibration data to take ranges from, expected --calib");
  if (steps.gptq && options.compile.calibration.empty())
    throw Error("gptq: no calibration data to take errors from, expected --calib");
}

void print_study_warnings(const study::Study& study) {
  for (const study::StudyWarning& warning : study.warnings)
    print_err("warning: {}{}\n", report::printable(warning.text),
              warning.variants == study.variants.size()
                  ? ""
                  : fmt::format(" ({} of {} variants)", warning.variants, study.variants.size()));
}

study::StudyConditions conditions_of(const StudyCommand& options, const StudyInputs& inputs) {
  study::StudyConditions made;
  made.arch = options.arch.load();
  made.table = *energy_option_table(options.energy, made.arch);
  made.batches = options.batches;
  made.images = inputs.data.items.size();
  for (const study::Hardware one :
       {study::Hardware::kGiven, study::Hardware::kMinimal, study::Hardware::kIsoArea})
    if (options.hardware == study::name_of(one)) made.hardware = one;
  if (!options.break_even.empty()) {
    made.break_even = study::break_even_axis(options.break_even);
    made.range();  // throws
  }
  sweep::SweepPoint& point = made.point;
  point.arch = options.arch.name;
  if (!options.arch.memory.empty()) point.set = session::memory_overrides(options.arch.memory);
  point.set.insert(point.set.end(), options.arch.overrides.begin(), options.arch.overrides.end());
  point.energy_table = options.energy;
  point.shapes = options.compile.shapes;
  point.calib_method = options.compile.range_method;
  point.host_fallback = options.compile.host_fallback;
  point.bias_correction = options.compile.bias_correction;
  point.data = options.files.data;
  point.data_limit = options.files.limit;
  if (!options.files.data.empty()) point.calib = options.compile.calibration;
  return made;
}

/// In a process of its own.
std::optional<uint64_t> right_in_float32(const StudyInputs& inputs,
                                         const pipeline::FrontOptions& front) {
  if (inputs.data.items.empty() || inputs.network.own_widths) return std::nullopt;
  std::optional<uint64_t> right;
  process::run_workers(
      1, 1,
      [&](size_t) { return std::to_string(float32_right(inputs.network, front, inputs.data)); },
      [&](size_t, const process::WorkerResult& result) {
        if (!result.ok) throw Error(result.reason());
        right = std::stoull(result.text);
      });
  return right;
}

/// Prints rows as they come.
study::Study run_shown(const StudyCommand& options,
                       const std::vector<study::StudyVariant>& variants,
                       const study::StudyConditions& conditions, const study::StudyText& text,
                       const std::filesystem::path& database, const Say& say) {
  results::Store store(database, results::program_version(), options.mixed);
  Progress progress("study", "points", 0);
  if (!database.empty()) progress.advise("the same command goes on from there");
  study::StudyWatch watch;
  watch.points = [&](size_t done, size_t total) { progress.update_of(done, total); };
  watch.row = [&](const study::Study& study, size_t row) {
    progress.wipe();
    say(text.row(study, row));
  };
  return study::run_study(variants, conditions, store, options.jobs, watch);
}

void run(const StudyCommand& options) {
  check_options(options);
  const auto precisions = study::parse_study_precisions(options.precisions);
  const auto prunings = study::parse_study_prunings(options.prunes);
  check_steps(options, precisions);
  const arch::ArchConfig arch = options.arch.load();
  energy_option_table(options.energy, arch);  // throws
  if (!options.output.empty()) check_directory(options.output);
  const pipeline::FrontOptions front = options.compile.front_options(arch, nullptr);
  const StudyInputs inputs = load_study_inputs(options.compile, options.files, front);
  const study::StudyConditions conditions = conditions_of(options, inputs);
  const auto variants = study::study_variants(inputs.network, precisions, prunings, inputs.beside);

  const study::StudyText text(variants, conditions, out_width());
  const Say say(options.json == "-", !options.output.empty() || !options.json.empty());
  const std::filesystem::path directory =
      options.output.empty() ? options.output : make_results_directory(options.output);
  say(report::headline(arch, "model for costs, quantised graph for accuracy") + text.head());
  study::Study study = run_shown(options, variants, conditions, text,
                                 directory.empty() ? directory : directory / "results.db", say);
  study.float32_right = right_in_float32(inputs, front);
  const std::string json = study::study_json(study, conditions).dump(1) + "\n";
  if (!directory.empty()) {
    write_output(directory / "study.csv", study::study_csv(study));
    write_output(directory / "study.json", json);
  }
  if (!options.json.empty()) write_output(options.json, json);
  say(text.foot(study));
  print_warnings(report::clock_warnings(arch, conditions.table.node_nm));
  print_study_warnings(study);
  if (std::none_of(study.rows.begin(), study.rows.end(),
                   [](const study::StudyRow& row) { return row.run.failure.empty(); }))
    throw Error(fmt::format("none of the {} rows could be run: {}", study.rows.size(),
                            study.rows.at(0).run.failure));
}

void add_options(CLI::App& command, StudyCommand& options) {
  command.add_option("network", options.compile.network, "Network (.onnx)")
      ->required()
      ->type_name("FILE");
  const auto list = [&](const std::string& name, auto& values, const std::string& help,
                        const std::string& type) {
    return command.add_option(name, values, help)
        ->delimiter(',')
        ->take_all()
        ->allow_extra_args(false)
        ->type_name(type);
  };
  list("--precisions", options.precisions,
       "Bits of weights and activations to compare: int8, W4A8, ..., or policy files", "LIST")
      ->capture_default_str();
  list("--prunes", options.prunes,
       "Prunings to compare: none, or what --prune takes; several at once are joined by +", "LIST")
      ->capture_default_str();
  list("--with", options.files.with,
       "Further networks, pruned or quantised elsewhere; may be repeated", "FILE,...");
  list("--batch", options.batches, "Inputs of a run", "LIST")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
      ->capture_default_str();
  command.add_option("--data", options.files.data, "Images and labels to tell the accuracy with")
      ->type_name("DATASET.yaml");
  command.add_option("--limit", options.files.limit, "Use the first N images of --data; 0: all")
      ->check(whole_number())
      ->type_name("N");
  command.add_option("--calib", options.compile.calibration, "Data to calibrate the ranges with")
      ->type_name("DATASET.yaml");
  options.compile.add_calibration_to(command);
  options.compile.add_shape_to(command);
  options.compile.add_host_fallback_to(command);
  command
      .add_option("--energy", options.energy,
                  "Estimate the energy by TABLE (a name of configs/energy, or a YAML file)")
      ->capture_default_str()
      ->type_name("TABLE");
  command.add_option("-j,--jobs", options.jobs, "Points that run at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--hardware", options.hardware,
                  "Machine of a row: as given, with the options that it uses alone (minimal), or "
                  "that with the area of the first row's (iso-area)")
      ->check(CLI::IsMember({"given", "minimal", "iso-area"}))
      ->capture_default_str()
      ->type_name("WHICH");
  command
      .add_option("--break-even", options.break_even,
                  "Find from which bandwidth, batch or area on each row wins over the first")
      ->check(CLI::IsMember({"bandwidth", "batch", "area"}))
      ->type_name("AXIS");
  command
      .add_option("-o,--output", options.output,
                  "Directory for study.json, study.csv and results.db, from which a stopped study "
                  "goes on")
      ->type_name("DIR");
  command.add_flag("--mixed", options.mixed,
                   "Put points of this version into a database that has points of another one");
  command
      .add_option("--json", options.json,
                  "Write the study as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  options.arch.add_to(command);
}

}  // namespace

void add_study_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "study", "Tell what each precision and each pruning costs and gives, in one table");
  auto options = std::make_shared<StudyCommand>();
  add_options(*command, *options);
  add_wide_flag(*command);
  command->footer(
      "Without --data timing only. A row that cannot be run says why. Results do not depend on "
      "-j.\nA study that was stopped goes on by the same command, if it has -o.\n\n"
      "Examples:\n"
      "  systole study net.onnx --data test.yaml --calib calib.yaml --calib-method mse -o out\n"
      "  systole study net.onnx --precisions int8,W4A8 --prunes none,nm:2:4 --batch 1,8\n"
      "  systole study net.onnx --with net_2to4.onnx,net_w4a4.onnx --prunes none\n"
      "  systole study net.onnx --hardware iso-area --break-even bandwidth -o out");
  command->callback([options] { run(*options); });
}

}  // namespace systole::cli
