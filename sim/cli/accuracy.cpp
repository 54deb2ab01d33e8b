// SPDX-License-Identifier: Apache-2.0
// Command `accuracy`: top-1 of the float32 network, of its pruned and of its int8 form over a data
// set, or of a network that arrives quantised.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "compiler/fidelity/layers.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/plan_executor.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/report/classify.h"
#include "sim/report/fidelity.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
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
  JsonOption json;
};

/// The first output of each item of a form of the network, and how often it names the label.
struct Measured {
  std::vector<std::vector<float>> outputs;
  std::vector<bool> is_right;  ///< of each item
  size_t right = 0;
  double seconds = 0;
  double percent() const {
    return 100.0 * static_cast<double>(right) / static_cast<double>(outputs.size());
  }
  /// The standard error of that, as of independent items.
  double percent_error() const {
    const auto items = static_cast<double>(outputs.size());
    const double share = static_cast<double>(right) / items;
    return 100 * std::sqrt(share * (1 - share) / items);
  }
};

template <typename Run>
Measured measure(const std::string& what, const data::Dataset& data, Run run) {
  const auto start = std::chrono::steady_clock::now();
  Progress progress(what, "items", data.items.size());
  Measured measured;
  for (size_t i = 0; i < data.items.size(); ++i) {
    measured.outputs.push_back(run(data.items[i]));
    measured.is_right.push_back(report::is_right(data, i, measured.outputs.back()));
    measured.right += static_cast<size_t>(measured.is_right.back());
    progress.update(i + 1);
  }
  measured.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return measured;
}

/// The standard error of the difference of both percents, of the same items: they are paired.
double paired_error(const Measured& before, const Measured& after) {
  double gained = 0, lost = 0;
  for (size_t i = 0; i < before.is_right.size(); ++i) {
    gained += static_cast<double>(after.is_right[i] && !before.is_right[i]);
    lost += static_cast<double>(before.is_right[i] && !after.is_right[i]);
  }
  const auto items = static_cast<double>(before.is_right.size());
  const double mean = (gained - lost) / items;
  return 100 * std::sqrt(std::max(0.0, (gained + lost) / items - mean * mean) / items);
}

/// Signal to quantisation noise of all outputs, in dB.
double sqnr(const Measured& exact, const Measured& rounded) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < exact.outputs.size(); ++i) {
    for (size_t k = 0; k < exact.outputs[i].size(); ++k) {
      const double y = exact.outputs[i][k], off = rounded.outputs[i][k] - y;
      signal += y * y;
      noise += off * off;
    }
  }
  return 10 * std::log10(signal / noise);
}

/// Tells each form of the network once it is measured.
class Teller {
 public:
  explicit Teller(const JsonOption& json)
      : json_(json), say_(json.is_alone(), !json.target.empty()) {}

  void headline(const arch::ArchConfig& arch, const AccuracyCommand& options) {
    say_(report::headline(arch, "quantised graph, equal to the hardware to the byte"));
    result_ = {{"schema", "systole.accuracy"},
               {"schema_version", 1},
               {"network", report::printable(options.compile.file().stem().string())},
               {"data", report::printable(options.data.string())},
               {"architecture", report::printable(arch.name)},
               {"forms", nlohmann::ordered_json::array()}};
  }
  void form(const std::string& name, const Measured& measured) {
    say_(fmt::format("{:<9} top-1 {:.2f} % +- {:.2f}  ({} of {}) in {:.1f} s\n", name,
                     measured.percent(), measured.percent_error(), measured.right,
                     measured.outputs.size(), measured.seconds));
    result_["forms"].push_back({{"form", name},
                                {"top1", measured.percent() / 100},
                                {"top1_error", measured.percent_error() / 100},
                                {"right", measured.right},
                                {"items", measured.outputs.size()},
                                {"seconds", measured.seconds}});
  }
  /// What quantising changed, of the outputs of `exact`.
  void change(const std::string& name, const Measured& before, const Measured& exact,
              const Measured& quantised) {
    const double points = quantised.percent() - before.percent(), db = sqnr(exact, quantised);
    const double error = paired_error(before, quantised);
    say_(fmt::format("{:<9} {:+.2f} points +- {:.2f}, SQNR {:.1f} dB\n", name + " is", points,
                     error, db));
    result_["top1_change"] = points / 100;
    result_["top1_change_error"] = error / 100;
    result_["sqnr_db"] = db;
  }
  /// Which layer does what, in a table of its own.
  void layers(const fidelity::NetworkFidelity& network) {
    say_("\n" + shown_table(report::fidelity_table(network, out_width())));
    result_["layers"] = report::fidelity_json(network);
  }
  void finish() const { json_.write(result_); }

 private:
  const JsonOption& json_;
  const Say say_;
  nlohmann::ordered_json result_;
};

// The float32 network that is quantised.
Measured measure_pruned(const CompileOptions& options, const arch::ArchConfig& arch,
                        const std::vector<data::NetworkInput>& inputs, const data::Dataset& data) {
  prune::PruneOptions prune = options.prune_options(arch);
  data::Dataset calibration;
  if (!options.calibration.empty()) {
    calibration = data::load_dataset(options.calibration, inputs);
    prune.calibration = &calibration.items;
  }
  const pipeline::FloatNetwork pruned = pipeline::load_float_network(
      options.network, options.input_shapes(), prune, options.host_fallback);
  return measure("pruned", data, [&](const data::Item& item) { return pruned.run(item); });
}

fidelity::NetworkFidelity measure_layers(const pipeline::FloatPlan& real,
                                         const pipeline::NetworkPlan& plan,
                                         const data::Dataset& data) {
  Progress progress("layers", "items", data.items.size());
  return fidelity::compare_layers(real, plan, data, [&](size_t done) { progress.update(done); });
}

void run_accuracy(const AccuracyCommand& options) {
  const CompileOptions& compile = options.compile;
  if (compile.is_program()) throw Error(compile.network.string() + ": expected an ONNX file");
  options.json.check();
  const arch::ArchConfig arch = options.arch.load();
  const pipeline::FloatNetwork network = pipeline::load_float_network(
      compile.network, compile.input_shapes(), {}, compile.host_fallback);
  const data::Dataset data = data::load_dataset(options.data, network.inputs(), options.limit);
  if (data.labels.size() != data.items.size() || data.items.empty())
    throw Error(options.data.string() + ": labels: missing, accuracy needs one for each image");
  // Compiling shows that this hardware runs the network; the int8 form below gives the same bytes.
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const std::vector<const graph::QGraph*> graphs = compiled.plan.graphs();
  // Of a network that arrives quantised there is no float32 form to compare with.
  const bool own_scales =
      !graphs.empty() && std::all_of(graphs.begin(), graphs.end(),
                                     [](const graph::QGraph* graph) { return graph->own_scales; });
  if (own_scales && options.layers)
    throw Error(
        fmt::format("--layers: {} states its own integers, there is no float32 to compare "
                    "its layers with",
                    compile.network.string()));
  print_warnings(compiled.warnings);

  Teller teller(options.json);
  teller.headline(arch, options);
  const pipeline::PlanExecutor executor(compiled.plan);
  const auto bytes = [&](const data::Item& item) { return executor.first_output(item); };
  if (own_scales) {
    const std::string what = compile.prune.empty() ? "as given" : "pruned";
    teller.form(what, measure(what, data, bytes));
    return teller.finish();
  }
  const Measured float32 =
      measure("float32", data, [&](const data::Item& item) { return network.run(item); });
  teller.form("float32", float32);
  std::optional<Measured> pruned;
  if (!compile.prune.empty()) {
    pruned = measure_pruned(compile, arch, network.inputs(), data);
    teller.form("pruned", *pruned);
  }
  const std::string name = report::widths_text(graphs);
  const Measured quantised = measure(name, data, bytes);
  teller.form(name, quantised);
  teller.change(name, float32, pruned ? *pruned : float32, quantised);
  if (options.layers)
    teller.layers(measure_layers(session::load_prepared(compile, arch), compiled.plan, data));
  teller.finish();
}

}  // namespace

void add_accuracy_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "accuracy", "Top-1 accuracy of a network in float32 and in int8, or as quantised as it is");
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
