// SPDX-License-Identifier: Apache-2.0
// Command `study`: the table precision x pruning of one network on one architecture.
#include "sim/study/study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "compiler/pipeline/plan.h"
#include "compiler/quant/build_qgraph.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/process/worker_pool.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
#include "sim/study/report.h"

namespace systole::cli {
namespace {

struct StudyCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::vector<std::string> precisions = {"int8", "W4A8", "W4A4", "W2A8", "W2A2"};
  std::vector<std::string> prunes = {"none",      "unstructured:0.8", "nm:2:4",
                                     "block:0.5", "channel:0.3",      "codebook:16"};
  std::vector<std::filesystem::path> with;
  std::vector<int64_t> batches = {1};
  std::filesystem::path data, output, json;
  std::string energy = energy::kDefaultEnergyTable;
  size_t limit = 0;
  int jobs = process::usable_processors();
};

void check_options(const StudyCommand& options) {
  std::vector<std::filesystem::path> networks = {options.compile.network};
  networks.insert(networks.end(), options.with.begin(), options.with.end());
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

/// Of the whole study or of a policy: without means no row could be run.
void check_bias_correction(const StudyCommand& options,
                           const std::vector<study::StudyPrecision>& precisions) {
  const bool wanted = options.compile.bias_correction ||
                      std::any_of(precisions.begin(), precisions.end(), [](const auto& precision) {
                        return precision.policy.bias_correction;
                      });
  if (wanted && options.compile.calibration.empty())
    throw Error("bias correction: no calibration data to take means from, expected --calib");
}

/// Reads a network, which throws Error if it is none that can be compiled.
study::StudyNetwork study_network(const std::filesystem::path& file,
                                  const pipeline::FrontOptions& front) {
  study::StudyNetwork network{file, false, false};
  const pipeline::FloatPlan plan = pipeline::load_float_plan(file, front.shapes, front.host);
  for (const graph::Graph* graph : plan.graphs()) {
    network.own_widths |=
        std::any_of(graph->nodes.begin(), graph->nodes.end(), [](const graph::Node& node) {
          const auto* conv = node.if_is<graph::Conv>();
          return conv != nullptr && conv->states_integers();
        });
    network.calibrated |= quant::needs_ranges(*graph);
  }
  return network;
}

/// The networks of a study and what is fed to them.
struct Inputs {
  study::StudyNetwork network;
  std::vector<study::StudyNetwork> beside;
  data::Dataset calibration, data;
};

data::Dataset labelled(const StudyCommand& options, const std::vector<data::NetworkInput>& taken) {
  data::Dataset data = data::load_dataset(options.data, taken, options.limit);
  if (data.items.empty() || data.labels.size() != data.items.size())
    throw Error(options.data.string() + ": labels: missing, a study needs one for each image");
  return data;
}

/// "[1, 3, 32, 32]", of several inputs one behind the other.
std::string shapes_text(const std::vector<data::NetworkInput>& inputs) {
  std::vector<std::string> shapes;
  shapes.reserve(inputs.size());
  for (const data::NetworkInput& input : inputs)
    shapes.push_back(fmt::format("[{}]", fmt::join(input.shape, ", ")));
  return fmt::format("{}", fmt::join(shapes, ", "));
}

/// Whether data for one is data for the other, input by input.
bool same_shapes(const std::vector<data::NetworkInput>& a,
                 const std::vector<data::NetworkInput>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const data::NetworkInput& x, const data::NetworkInput& y) {
                      return x.shape == y.shape && x.integers == y.integers;
                    });
}

Inputs load_inputs(const StudyCommand& options, const pipeline::FrontOptions& front) {
  Inputs inputs;
  inputs.network = study_network(options.compile.network, front);
  for (const auto& file : options.with) inputs.beside.push_back(study_network(file, front));
  if (options.data.empty() && options.compile.calibration.empty()) return inputs;
  const auto taken = options.compile.taken();
  for (const auto& file : options.with) {
    const auto others = pipeline::network_inputs(file, front.shapes, front.host);
    if (!same_shapes(others, taken))
      throw Error(fmt::format("--with {}: takes {}, expected {} as {}", file.string(),
                              shapes_text(others), shapes_text(taken),
                              options.compile.network.string()));
  }
  if (!options.compile.calibration.empty())
    inputs.calibration = data::load_dataset(options.compile.calibration, taken);
  if (!options.data.empty()) inputs.data = labelled(options, taken);
  return inputs;
}

void print_study_warnings(const study::Study& study) {
  for (const study::StudyWarning& warning : study.warnings)
    print_err("warning: {}{}\n", report::printable(warning.text),
              warning.variants == study.variants.size()
                  ? ""
                  : fmt::format(" ({} of {} variants)", warning.variants, study.variants.size()));
}

void run(const StudyCommand& options) {
  check_options(options);
  const auto precisions = study::parse_study_precisions(options.precisions);
  const auto prunings = study::parse_study_prunings(options.prunes);
  check_bias_correction(options, precisions);
  const arch::ArchConfig arch = options.arch.load();
  const energy::EnergyTable table = *energy_option_table(options.energy, arch);
  std::optional<OutputDirectory> directory;
  if (!options.output.empty()) directory.emplace(options.output);
  pipeline::FrontOptions front = options.compile.front_options(arch, nullptr);
  const Inputs inputs = load_inputs(options, front);
  front.timing_only = options.data.empty();
  if (!options.compile.calibration.empty()) front.calibration = &inputs.calibration;
  const study::StudyConditions conditions{
      arch, table, front, options.data.empty() ? nullptr : &inputs.data, options.batches};
  const auto variants = study::study_variants(inputs.network, precisions, prunings, inputs.beside);

  study::Study study;
  {
    Progress progress("study", "variants", variants.size());
    uint64_t done = 0;
    study = study::run_study(variants, conditions, options.jobs,
                             [&] { progress.update(std::min<uint64_t>(++done, variants.size())); });
  }
  const std::string json = study::study_json(study, conditions).dump(1) + "\n";
  if (directory) {
    directory->write("study.json", json);
    directory->write("study.csv", study::study_csv(study, conditions));
    directory->commit({}, "study.json");
  }
  if (!options.json.empty()) write_output(options.json, json);
  if (options.json != "-")
    print_out(report::headline(arch, "model for costs, quantised graph for accuracy") +
              study::study_text(study, conditions));
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
  list("--with", options.with, "Further networks, pruned or quantised elsewhere; may be repeated",
       "FILE,...");
  list("--batch", options.batches, "Inputs of a run", "LIST")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
      ->capture_default_str();
  command.add_option("--data", options.data, "Images and labels to tell the accuracy with")
      ->type_name("DATASET.yaml");
  command.add_option("--limit", options.limit, "Use the first N images of --data; 0: all")
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
  command.add_option("-j,--jobs", options.jobs, "Rows that are measured at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("-o,--output", options.output, "Directory for study.json and study.csv")
      ->type_name("DIR");
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
  command->footer(
      "Without --data timing only. A row that cannot be run says why. Results do not depend on "
      "-j.\n\n"
      "Examples:\n"
      "  systole study net.onnx --data test.yaml --calib calib.yaml --calib-method mse -o out\n"
      "  systole study net.onnx --precisions int8,W4A8 --prunes none,nm:2:4 --batch 1,8\n"
      "  systole study net.onnx --with net_2to4.onnx,net_w4a4.onnx --prunes none");
  command->callback([options] { run(*options); });
}

}  // namespace systole::cli
