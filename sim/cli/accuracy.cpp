// SPDX-License-Identifier: Apache-2.0
// Command `accuracy`: a metric of the float32 network, of its pruned and of its int8 form over a
// data set, or of a network that arrives quantised.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "compiler/fidelity/layers.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/plan_executor.h"
#include "sim/cli/accuracy_report.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/progress.h"
#include "sim/report/widths.h"
#include "sim/session/prepared.h"

namespace systole::cli {
namespace {

struct AccuracyCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::filesystem::path data;
  size_t limit = 0;
  bool layers = false;  ///< tell which layer loses the accuracy
  std::string metric = "top-1", metric_command;
  std::optional<size_t> metric_groups;
  JsonOption json;
};

template <typename Run>
Measured measure(const std::string& what, const data::Dataset& data, Run run) {
  const auto start = std::chrono::steady_clock::now();
  Progress progress(what, "items", data.items.size());
  Measured measured;
  for (size_t i = 0; i < data.items.size(); ++i) {
    measured.outputs.push_back(run(data.items[i]));
    progress.update(i + 1);
  }
  measured.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return measured;
}

// The float32 network that is quantised.
Measured measure_pruned(const CompileOptions& options, const arch::ArchConfig& arch,
                        const std::vector<data::NetworkInput>& inputs, const data::Dataset& data) {
  prune::PruneOptions prune = options.prune_options(arch);
  data::Dataset calibration;
  if (!options.calibration.empty()) {
    calibration = data::load_dataset(options.calibration, inputs, 0, data::Labels::kSeveral);
    prune.calibration = &calibration.items;
  }
  const pipeline::FloatNetwork pruned = pipeline::load_float_network(
      options.network, options.input_shapes(), prune, options.host_fallback);
  return measure("pruned", data, [&](const data::Item& item) { return pruned.run_all(item); });
}

MetricChoice metric_choice(const AccuracyCommand& options) {
  constexpr size_t kGroups = 10;
  if (options.metric_groups && options.metric_command.empty())
    throw Error("--metric-groups: given without --metric-command");
  return {metric::metrics().at(options.metric), options.metric_command,
          options.metric_groups.value_or(kGroups)};
}

std::vector<metric::Output> outputs_of(const pipeline::NetworkPlan& plan) {
  std::vector<metric::Output> outputs;
  for (const pipeline::PlanTensor& out : plan.outputs) outputs.push_back({out.name, out.type.dims});
  return outputs;
}

fidelity::NetworkFidelity measure_layers(const pipeline::FloatPlan& real,
                                         const pipeline::NetworkPlan& plan,
                                         const data::Dataset& data) {
  Progress progress("layers", "items", data.items.size());
  return fidelity::compare_layers(real, plan, data, [&](size_t done) { progress.update(done); });
}

/// Of a network that arrives quantised there is no float32 form to compare with.
bool states_own_integers(const std::vector<const graph::QGraph*>& graphs) {
  return !graphs.empty() &&
         std::all_of(graphs.begin(), graphs.end(),
                     [](const graph::QGraph* graph) { return graph->own_scales; });
}

void refuse_without_float32(const AccuracyCommand& options, const MetricChoice& choice) {
  if (!options.layers && !choice.needs_float32()) return;
  throw Error(fmt::format("{}: {} states its own integers, there is no float32 to compare {} with",
                          options.layers ? "--layers" : "--metric " + choice.name(),
                          options.compile.network.string(), options.layers ? "its layers" : "it"));
}

void run_accuracy(const AccuracyCommand& options) {
  const CompileOptions& compile = options.compile;
  if (compile.is_program()) throw Error(compile.network.string() + ": expected an ONNX file");
  options.json.check();
  const MetricChoice choice = metric_choice(options);
  const arch::ArchConfig arch = options.arch.load();
  const pipeline::FloatNetwork network = pipeline::load_float_network(
      compile.network, compile.input_shapes(), {}, compile.host_fallback);
  const data::Dataset data =
      data::load_dataset(options.data, network.inputs(), options.limit, data::Labels::kSeveral);
  // Compiling shows that this hardware runs the network; the int8 form below gives the same bytes.
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const std::vector<metric::Output> outputs = outputs_of(compiled.plan);
  if (choice.command.empty())
    metric::check_labels(choice.metric, data, outputs.at(0).shape, options.data.string());
  const std::vector<const graph::QGraph*> graphs = compiled.plan.graphs();
  const bool own_integers = states_own_integers(graphs);
  if (own_integers) refuse_without_float32(options, choice);
  print_warnings(compiled.warnings);

  AccuracyReport report(options.json, choice, data, outputs);
  report.headline(arch, compile.file().stem().string(), options.data.string());
  const pipeline::PlanExecutor executor(compiled.plan);
  const auto bytes = [&](const data::Item& item) { return executor.all_outputs(item); };
  if (own_integers) {
    const std::string what = compile.prune.empty() ? "as given" : "pruned";
    Measured given = measure(what, data, bytes);
    report.form(what, given);
    return report.finish();
  }
  Measured float32 =
      measure("float32", data, [&](const data::Item& item) { return network.run_all(item); });
  report.form("float32", float32);
  std::optional<Measured> pruned;
  if (!compile.prune.empty()) {
    pruned = measure_pruned(compile, arch, network.inputs(), data);
    report.form("pruned", *pruned, &float32);
  }
  const std::string name = report::widths_text(graphs);
  Measured quantised = measure(name, data, bytes);
  report.form(name, quantised, &float32);
  report.change(name, float32, pruned ? *pruned : float32, quantised);
  if (options.layers)
    report.layers(measure_layers(session::load_prepared(compile, arch), compiled.plan, data));
  report.finish();
}

}  // namespace

void add_accuracy_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "accuracy", "Accuracy of a network in float32 and in int8, or as quantised as it is");
  auto options = std::make_shared<AccuracyCommand>();
  command->add_option("network", options->compile.network, "Network (.onnx)")
      ->required()
      ->type_name("FILE");
  command->add_option("--data", options->data, "Images and labels")
      ->required()
      ->type_name("DATASET.yaml");
  command
      ->add_option("--calib", options->compile.calibration,
                   "Data to calibrate the int8 ranges with")
      ->type_name("DATASET.yaml");
  options->compile.add_shape_to(*command);
  options->compile.add_precision_to(*command);
  options->compile.add_prune_to(*command);
  options->compile.add_host_fallback_to(*command);
  command->add_option("--limit", options->limit, "Use the first N images; 0: all")->type_name("N");
  CLI::Option* metric =
      command
          ->add_option("--metric", options->metric,
                       "What to tell: shares of what is right by the labels (token, exact: of "
                       "labels of several an item), or how near to float32")
          ->check(OneOf(metric::metrics()))
          ->capture_default_str();
  command
      ->add_option("--metric-command", options->metric_command,
                   "A command that tells it instead: gets the name of a manifest of the outputs "
                   "(.npy), prints a number last")
      ->type_name("CMD")
      ->excludes(metric);
  command
      ->add_option("--metric-groups", options->metric_groups,
                   "Groups of items that the command is called without, for the standard error; "
                   "0: called once (default: 10)")
      ->type_name("N");
  command->add_flag("--layers", options->layers,
                    "Tell what each layer does alone and in all, the most damaging first");
  options->arch.add_to(*command);
  options->json.add_to(*command);
  add_wide_flag(*command);
  command->footer(
      "Examples:\n  systole accuracy net.onnx --data test.yaml --calib calib.yaml\n"
      "  systole accuracy net.onnx --data test.yaml --calib calib.yaml --weights 4 --layers\n"
      "  systole accuracy net.onnx --data test.yaml --json - | jq '.forms[-1].top1'");
  command->callback([options] { run_accuracy(*options); });
}

}  // namespace systole::cli
