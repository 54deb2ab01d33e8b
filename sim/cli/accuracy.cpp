// SPDX-License-Identifier: Apache-2.0
// Command `accuracy`: a metric of the float32 network, of its pruned and of its int8 form over a
// data set, or of a network that arrives quantised.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

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
#include "sim/cli/value_checks.h"
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

/// A form of the network: what it gives for an item, an array for each output.
struct Form {
  std::string name;
  std::function<std::vector<std::vector<float>>(const data::Item&)> run;
  Measured measured = {};
};

/// Runs all forms on one item after the other, of which no more is kept than `report` needs.
/// `has_float32`: the first is that, the others are held against it.
void measure(std::vector<Form>& forms, const data::DatasetFile& data, bool has_float32,
             const AccuracyReport& report) {
  using Clock = std::chrono::steady_clock;
  Progress progress("accuracy", "items", data.size());
  for (size_t i = 0; i < data.size(); ++i) {
    const data::Item item = data.item(i);
    std::vector<float> exact;
    for (size_t f = 0; f < forms.size(); ++f) {
      const Clock::time_point start = Clock::now();
      std::vector<std::vector<float>> outputs = forms[f].run(item);
      forms[f].measured.seconds += std::chrono::duration<double>(Clock::now() - start).count();
      const bool is_exact = has_float32 && f == 0;
      if (is_exact) exact = outputs.at(0);
      report.take(forms[f].measured, i, std::move(outputs),
                  has_float32 && !is_exact ? &exact : nullptr);
    }
    progress.update(i + 1);
  }
}

// The float32 network that is quantised.
pipeline::FloatNetwork pruned_network(const CompileOptions& options, const arch::ArchConfig& arch,
                                      const std::vector<data::NetworkInput>& inputs) {
  prune::PruneOptions prune = options.prune_options(arch);
  data::Dataset calibration;
  if (!options.calibration.empty()) {
    calibration = data::load_dataset(options.calibration, inputs, 0, data::Labels::kSeveral);
    prune.calibration = &calibration.items;
  }
  return pipeline::load_float_network(options.network, options.input_shapes(), prune,
                                      options.host_fallback);
}

MetricChoice metric_choice(const AccuracyCommand& options) {
  constexpr size_t kGroups = 10;
  if (options.metric_groups && options.metric_command.empty())
    throw Error("--metric-groups: given without --metric-command");
  return {metric::metrics().at(options.metric), options.metric_command,
          options.metric_groups.value_or(kGroups)};
}

fidelity::NetworkFidelity measure_layers(const pipeline::FloatPlan& real,
                                         const pipeline::NetworkPlan& plan,
                                         const data::DatasetFile& data) {
  Progress progress("layers", "items", data.size());
  return fidelity::compare_layers(real, plan, data.items(), data.labels().labels,
                                  [&](size_t done) { progress.update(done); });
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
  const data::DatasetFile data(options.data, network.inputs(), options.limit,
                               data::Labels::kSeveral);
  // Compiling shows that this hardware runs the network; the int8 form below gives the same bytes.
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const std::vector<metric::Output> outputs = metric::outputs_of(compiled.plan);
  if (choice.command.empty())
    metric::check_labels(choice.metric, data.labels(), outputs.at(0).shape, options.data.string());
  const bool own_integers = compiled.plan.states_own_integers();
  if (own_integers) refuse_without_float32(options, choice);
  print_warnings(compiled.warnings);

  AccuracyReport report(options.json, choice, data.labels(), outputs);
  report.headline(arch, compile.file().stem().string(), options.data.string());
  const pipeline::PlanExecutor executor(compiled.plan);
  std::vector<Form> forms;
  if (!own_integers)
    forms.push_back({"float32", [&](const data::Item& item) { return network.run_all(item); }});
  if (!own_integers && !compile.prune.empty())
    forms.push_back({"pruned", [pruned = pruned_network(compile, arch, network.inputs())](
                                   const data::Item& item) { return pruned.run_all(item); }});
  const std::string name = !own_integers           ? report::widths_text(compiled.plan.graphs())
                           : compile.prune.empty() ? "as given"
                                                   : "pruned";
  forms.push_back({name, [&](const data::Item& item) { return executor.all_outputs(item); }});
  measure(forms, data, !own_integers, report);
  for (Form& form : forms) report.form(form.name, form.measured);
  if (own_integers) return report.finish();
  // What pruning lost is told by the form before.
  report.change(name, forms[forms.size() - 2].measured, forms.back().measured);
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
  command->add_option("--limit", options->limit, "Use the first N images; 0: all")
      ->check(whole_number())
      ->type_name("N");
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
      ->check(whole_number())
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
