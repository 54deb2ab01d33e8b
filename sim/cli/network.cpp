// SPDX-License-Identifier: Apache-2.0
// Loads programs and compiles networks for the commands.
#include "sim/cli/network.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "compiler/lower/compile_back.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/widths.h"
#include "compiler/topology/scale_sim.h"
#include "model/base/error.h"
#include "model/golden/stream_check.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_data.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"

namespace systole {
namespace {

void require_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(file.string() + ": no such file");
  if (!std::filesystem::is_regular_file(file, error))
    throw Error(file.string() + ": not a regular file");
}

void require_network(const std::filesystem::path& file) {
  require_file(file);
  if (file.extension() == ".csv")
    throw Error(file.string() + ": not an ONNX file; a SCALE-Sim topology is given by --topology");
}

// "x=1,3,224,224" for each input that is given dimensions.
InputShapes parse_shapes(const std::vector<std::string>& texts) {
  constexpr int64_t kMost = 1 << 24;
  InputShapes shapes;
  for (const std::string& text : texts) {
    const auto fail = [&] {
      throw Error(
          fmt::format("--shape {}: expected NAME=N,C,... with dimensions in 1..{}", text, kMost));
    };
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) fail();
    std::vector<int64_t> dims;
    const char* at = text.data() + equals + 1;
    const char* const end = text.data() + text.size();
    while (true) {
      int64_t value = 0;
      const auto [rest, error] = std::from_chars(at, end, value);
      if (error != std::errc() || value < 1 || value > kMost) fail();
      dims.push_back(value);
      if (rest == end) break;
      if (*rest != ',') fail();
      at = rest + 1;
    }
    if (!shapes.emplace(text.substr(0, equals), std::move(dims)).second)
      throw Error(fmt::format("--shape {}: the input is given twice", text));
  }
  return shapes;
}

/// What the ranges are taken from: --calib, or in its place the data of the run.
struct Calibration {
  std::optional<Dataset> data;
  std::string stand_in;  ///< the option that gives it, if not --calib
};

Calibration load_calibration(const CompileOptions& options) {
  if (options.calibration.empty() && !options.has_data()) return {};
  const auto taken =
      network_inputs(options.network, parse_shapes(options.shapes), options.host_fallback);
  if (!options.calibration.empty()) {
    Dataset data = load_dataset(options.calibration, taken);
    // What is given by hand is to be seen as it is: no range cuts it.
    if (!options.inputs.empty()) {
      const std::optional<Dataset> given = options.load_data(taken, options.batch);
      data.items.insert(data.items.end(), given->items.begin(), given->items.end());
    }
    return {std::move(data), ""};
  }
  return {options.load_data(taken, options.batch), options.data.empty() ? "--input" : "--data"};
}

// Reads what calibration needs and calls `front` (compile_front or compile_plan). `ir`: null, or
// receives the text of every IR.
template <typename Front>
auto quantise_network(const CompileOptions& options, const ArchConfig& arch, std::string* ir,
                      std::vector<std::string>& warnings, Front front) {
  require_network(options.network);
  Progress progress("calibrating", "operators", 0);  // reading it included
  const Calibration calibration = load_calibration(options);
  FrontOptions front_options =
      options.front_options(arch, calibration.data ? &*calibration.data : nullptr);
  front_options.calibration_stand_in = calibration.stand_in;
  front_options.warnings = &warnings;
  front_options.ir_dump = ir;
  front_options.progress = [&](size_t done, size_t total) { progress.update_of(done, total); };
  return front(options.network, front_options);
}

QGraph read_topology(const CompileOptions& options) {
  require_file(options.topology);
  if (!options.calibration.empty())
    throw Error("--calib: a topology has no values to calibrate, expected an ONNX file");
  if (!options.precision.empty() || options.bias_correction)
    throw Error(
        "--precision, --bias-correction: a topology has no weights, expected an ONNX file; "
        "--weights and --activations give the widths of a topology");
  if (!options.prune.empty())
    throw Error("--prune: a topology has no weights, expected an ONNX file");
  const LayerWidths widths{options.weight_bits != 0 ? options.weight_bits : 8,
                           options.activation_bits != 0 ? options.activation_bits : 8};
  return load_topology(options.topology, options.batch, widths);
}

}  // namespace

void CompileOptions::add_to(CLI::App& command, const std::string& network_help) {
  command.add_option("network", network, network_help)->required()->type_name("FILE");
  command.add_option("--batch", batch, "Inputs that one run works on")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
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

std::optional<Dataset> CompileOptions::load_data(const std::vector<NetworkInput>& taken,
                                                 int64_t items) const {
  if (!inputs.empty() && !data.empty())
    throw Error("--input: given together with --data, expected one of them");
  if (!data.empty()) return load_batch(taken, items, data);
  if (!inputs.empty()) return load_npy_batch(taken, items, inputs);
  return std::nullopt;
}

std::optional<Dataset> CompileOptions::load_data(const Program& program) const {
  if (!has_data()) return std::nullopt;
  if (is_program_file(network)) return load_data(run_inputs(program), program.batch);
  return load_data(network_inputs(network, parse_shapes(shapes)), program.batch);
}

std::optional<Dataset> CompileOptions::load_data(const NetworkPlan& plan) const {
  if (!has_data()) return std::nullopt;
  return load_data(network_inputs(network, parse_shapes(shapes), true), plan.batch);
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
      ->check(CLI::IsMember(range_method_names()))
      ->capture_default_str();
  command.add_flag("--bias-correction", bias_correction,
                   "Take the mean of what rounding weights adds off the biases; needs --calib");
}

PrecisionPolicy CompileOptions::precision_policy() const {
  PrecisionPolicy policy;
  if (!precision.empty()) policy = load_precision(precision);
  if (weight_bits != 0) policy.widths.weights = weight_bits;
  if (activation_bits != 0) policy.widths.activations = activation_bits;
  if (bias_correction) policy.bias_correction = true;
  return policy;
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

FrontOptions CompileOptions::front_options(const ArchConfig& arch,
                                           const Dataset* calibrated) const {
  FrontOptions front;
  front.batch = batch;
  front.calibration = calibrated;
  front.shapes = parse_shapes(shapes);
  front.prune = prune_options(arch);
  front.precision = precision_policy();
  front.narrowest = narrowest_widths(arch.hw);
  front.range_method = range_method;
  return front;
}

PruneOptions CompileOptions::prune_options(const ArchConfig& arch) const {
  return {parse_prune(prune), arch.hw};
}

void CompileOptions::add_sparsity_to(CLI::App& command) {
  command.add_flag("--sparsity", sparsity,
                   "Tell zeros and patterns of the weights by layer, and what they do not gain");
}

bool CompileOptions::has_weights() const {
  const bool network_given = topology.empty() && !is_program_file(network);
  if (sparsity && !network_given)
    throw Error(fmt::format("--sparsity: {} has no weights to look at, expected an ONNX file",
                            topology.empty() ? "a program file" : "a topology"));
  return network_given;
}

void CompileOptions::add_topology_to(CLI::App& command) {
  CLI::Option* name = command.get_option("network")->required(false);
  command
      .add_option("--topology", topology,
                  "Instead of a network: layers of a SCALE-Sim topology, timing only")
      ->excludes(name)
      ->type_name("FILE.csv");
}

bool is_program_file(const std::filesystem::path& file) { return file.extension() == ".sysb"; }

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) print_err("warning: {}\n", printable(warning));
}

void CompiledNetwork::print_warnings() const { systole::print_warnings(warnings); }

CompiledPlan compile_staged(const CompileOptions& options, const ArchConfig& arch) {
  if (options.network.empty())
    throw Error("--host-fallback: a topology has nothing for the host, expected an ONNX file");
  if (is_program_file(options.network))
    throw Error("--host-fallback: a program file is compiled already, expected an ONNX file");
  CompiledPlan result;
  std::string ir;
  std::string* const text = options.dump_ir ? &ir : nullptr;
  result.plan = quantise_network(options, arch, text, result.warnings, compile_plan);
  result.plan.name = options.network.stem().string();
  BackOptions back;
  back.ir_dump = text;
  size_t part = 0;
  for (PlanStage& stage : result.plan.stages) {
    if (stage.device) {
      stage.device->name = fmt::format("{}-{}", result.plan.name, ++part);
      result.programs.push_back(compile_back(*stage.device, arch, back));
    } else {
      result.programs.emplace_back();
    }
  }
  if (options.dump_ir) print_out(ir);
  return result;
}

CompiledNetwork compile_network(const CompileOptions& options, const ArchConfig& arch) {
  CompiledNetwork result;
  if (options.file().empty()) throw Error("no network given, expected a file or --topology");
  if (is_program_file(options.network)) {
    require_file(options.network);
    result.program = Program::load(options.network);
    check_program_for(result.program, arch.hw, arch.name);
    if (const std::string problem = golden::first_stream_problem(result.program); !problem.empty())
      throw Error(fmt::format("{}: {}", options.network.string(), problem));
    if (!options.shapes.empty())
      throw Error("--shape: a program file has its dimensions, expected an ONNX file");
    if (options.dump_ir)
      throw Error("--dump-ir: a program file holds no network, expected an ONNX file");
    if (!options.calibration.empty())
      throw Error("--calib: a program file is already quantised, expected an ONNX file");
    if (options.sets_precision())
      throw Error(
          "--weights, --activations, --precision, --bias-correction: a program file is already "
          "quantised, expected an ONNX file");
    if (!options.prune.empty())
      throw Error("--prune: a program file is already compiled, expected an ONNX file");
    if (options.batch != 1 && options.batch != result.program.batch)
      throw Error(fmt::format("--batch {}: {} was compiled for a batch of {}", options.batch,
                              options.network.string(), result.program.batch));
    return result;
  }
  std::string ir;
  if (options.topology.empty()) {
    result.graph = quantise_network(options, arch, options.dump_ir ? &ir : nullptr, result.warnings,
                                    compile_front);
    result.graph->name = options.network.stem().string();  // exporters call every graph the same
  } else {
    result.graph = read_topology(options);
  }
  BackOptions back;
  back.ir_dump = options.dump_ir ? &ir : nullptr;
  Progress progress("compiling", "steps", 0);
  back.progress = [&](size_t done, size_t total) { progress.update_of(done, total); };
  result.program = compile_back(*result.graph, arch, back);
  progress.wipe();
  if (options.dump_ir) print_out(ir);
  return result;
}

}  // namespace systole
