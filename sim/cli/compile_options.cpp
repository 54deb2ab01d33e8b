// SPDX-License-Identifier: Apache-2.0
// Adds the options, compiles with progress.
#include "sim/cli/compile_options.h"

#include <fmt/format.h>

#include "compiler/quant/calibration_steps.h"
#include "compiler/quant/range_methods.h"
#include "model/base/error.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/session/request.h"

namespace systole::cli {
namespace {

/// A method of choosing ranges, and steps behind it: "mse+equalise".
class CalibrationWord : public OneOf {
 public:
  CalibrationWord() : OneOf(quant::range_method_names()) {
    func_ = [is_method = func_](std::string& text) -> std::string {
      std::string method = text.substr(0, text.find('+'));
      if (std::string problem = is_method(method); !problem.empty()) return problem;
      try {
        quant::parse_way("calibration", text);
      } catch (const Error& error) {
        return error.what();
      }
      return "";
    };
  }
};

}  // namespace

void CompileOptions::add_to(CLI::App& command, const std::string& network_help) {
  command.add_option("network", network, network_help)->required()->type_name("FILE");
  command.add_option("--batch", batch, "Inputs that one run works on")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
      ->capture_default_str();
  command
      .add_option(
          "--repeat", repeat,
          "Batches that run one behind the other, the next loaded while the last one drains")
      ->check(CLI::Range(int64_t{1}, session::kMostRepetitions))
      ->capture_default_str();
  command.add_option("--calib", calibration, "Data to calibrate the int8 ranges with")
      ->type_name("DATASET.yaml");
  add_shape_to(command);
  add_precision_to(command);
  add_prune_to(command);
  command.add_flag("--dump-ir", dump_ir, "Print the network after each pass of the compiler");
}

void CompileOptions::add_data_to(CLI::App& command, const std::string& data_help) {
  command.add_option("--data", data, data_help)->type_name("DATASET.yaml");
  command
      .add_option("--input", inputs,
                  "Input from values in its shape; NAME= and repeated for several inputs")
      ->type_name("[NAME=]FILE.npy")
      ->take_all()
      ->allow_extra_args(false);
}

void CompileOptions::add_shape_to(CLI::App& command) {
  command
      .add_option("--shape", shapes,
                  "Dimensions of an input, where the network leaves them open; may be repeated")
      ->type_name("NAME=N,C,H,W")
      ->take_all()
      ->allow_extra_args(false);
}

void CompileOptions::add_host_fallback_to(CLI::App& command) {
  command.add_flag("--host-fallback", host_fallback,
                   "Run on the host, in float32, what the accelerator cannot");
}

void CompileOptions::add_precision_to(CLI::App& command) {
  command
      .add_option("--weights", weight_bits,
                  "Bits of the weights of all layers but the first and the last")
      ->check(CLI::IsMember({8, 4, 2, 1}));
  command
      .add_option("--activations", activation_bits,
                  "Bits of the inputs of all layers but the first and the last")
      ->check(CLI::IsMember({8, 4, 2, 1}));
  command.add_option("--precision", precision, "Bits of weights and inputs layer by layer")
      ->type_name("POLICY.yaml");
  add_calibration_to(command);
}

void CompileOptions::add_calibration_to(CLI::App& command) {
  command
      .add_option("--calib-method", range_method,
                  "How the range of a tensor is chosen from the data")
      ->check(CalibrationWord())
      ->capture_default_str();
  command.add_flag("--bias-correction", bias_correction,
                   "Take the mean of what rounding weights adds off the biases; needs --calib");
  command
      .add_option("--calib-steps", calib_steps,
                  "Before rounding: even out weights of layers that follow one another, give each "
                  "channel a range of its own, correct biases")
      ->delimiter(',')
      ->check(OneOf(quant::calibration_step_names()))
      ->allow_extra_args(false);
  command.parse_complete_callback([this] { take_steps(); });
}

void CompileOptions::take_steps() {
  if (calib_steps.empty()) return;
  if (!has_weights())
    throw Error(fmt::format("--calib-steps: {} has no weights to scale, expected an ONNX file",
                            topology.empty() ? "a program file" : "a topology"));
  range_method = quant::with_steps(range_method, "--calib-steps", calib_steps);
}

void CompileOptions::add_prune_to(CLI::App& command) {
  command
      .add_option(
          "--prune", prune,
          "Prune before quantisation, e.g. unstructured:0.8, nm:2:4, block:0.5, channel:0.3@"
          "layer3*; may be repeated (docs/pruning.md)")
      ->type_name("KIND:AMOUNT[@PATTERN]")
      ->take_all()
      ->allow_extra_args(false);
}

void CompileOptions::add_sparsity_to(CLI::App& command) {
  command.add_flag("--sparsity", sparsity,
                   "Tell zeros and patterns of the weights by layer, and what they do not gain");
}

void CompileOptions::add_topology_to(CLI::App& command) {
  CLI::Option* name = command.get_option("network")->required(false);
  CLI::Option* layers =
      command
          .add_option("--topology", topology,
                      "Instead of a network: layers of a SCALE-Sim topology, timing only")
          ->excludes(name)
          ->type_name("FILE.csv");
  command
      .add_option("--depthwise", depthwise,
                  "Depthwise layers of the topology: native, on the diagonals of tiles, or each "
                  "channel a layer, as SCALE-Sim has them; default: native")
      ->needs(layers)
      ->check(OneOf({"native", "scalesim"}));
  command
      .add_option("--timeloop-problem", timeloop_problem,
                  "Instead of a network: a layer as Timeloop writes it, timing only")
      ->excludes(name)
      ->excludes(layers)
      ->type_name("FILE.yaml");
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    print_err("{} {}\n", styled_err(Style::kWarning, "warning:"), report::printable(warning));
}

void CompileOptions::check_sparsity() const {
  if (sparsity && !has_weights())
    throw Error(fmt::format("--sparsity: {} has no weights to look at, expected an ONNX file",
                            !topology.empty()           ? "a topology"
                            : !timeloop_problem.empty() ? "a Timeloop problem"
                                                        : "a program file"));
}

session::CompiledNetwork compile_shown(const CompileOptions& options,
                                       const arch::ArchConfig& arch) {
  ShownProgress shown;
  session::CompiledNetwork compiled =
      session::compile_network(options, arch, options.dump_ir, shown.watcher());
  shown.wipe();
  if (options.dump_ir) print_out(compiled.ir);
  return compiled;
}

}  // namespace systole::cli
