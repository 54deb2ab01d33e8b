// SPDX-License-Identifier: Apache-2.0
// Loads programs and compiles networks for the commands.
#include "sim/cli/network.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "compiler/topology/scale_sim.h"
#include "model/arch/error.h"
#include "sim/cli/progress.h"
#include "sim/report/format.h"

namespace systole {
namespace {

void require_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(file.string() + ": no such file");
  if (!std::filesystem::is_regular_file(file, error))
    throw Error(file.string() + ": not a regular file");
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

// Imports, calibrates and quantises an ONNX file. `ir`: null, or receives the text of every IR.
QGraph quantise_network(const CompileOptions& options, std::string* ir,
                        std::vector<std::string>& warnings) {
  require_file(options.network);
  std::optional<Dataset> calibration;
  if (!options.calibration.empty())
    calibration = load_dataset(
        options.calibration,
        load_float_network(options.network, parse_shapes(options.shapes))->input_shape());
  FrontOptions front;
  front.shapes = parse_shapes(options.shapes);
  front.batch = options.batch;
  front.precision = options.precision_policy();
  front.calibration = calibration ? &*calibration : nullptr;
  front.warnings = &warnings;
  front.ir_dump = ir;
  Progress progress("calibrating", "operators", 0);
  front.progress = [&](size_t done, size_t total) {
    progress.update(done, static_cast<double>(done) / static_cast<double>(total));
  };
  return compile_front(options.network, front);
}

QGraph read_topology(const CompileOptions& options, std::vector<std::string>& warnings) {
  require_file(options.topology);
  if (!options.calibration.empty())
    throw Error("--calib: a topology has no values to calibrate, expected an ONNX file");
  if (options.weight_bits != 0 || !options.precision.empty())
    throw Error("--weights, --precision: a topology has no weights, expected an ONNX file");
  return load_topology(options.topology, options.batch, &warnings);
}

}  // namespace

void CompileOptions::add_to(CLI::App& command, const std::string& network_help) {
  command.add_option("network", network, network_help)->required()->type_name("FILE");
  command.add_option("--batch", batch, "Inputs that one run works on")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}))
      ->capture_default_str();
  command.add_option("--calib", calibration, "Data to calibrate the int8 ranges with")
      ->type_name("DATASET.yaml");
  command
      .add_option("--shape", shapes,
                  "Dimensions of an input, where the network leaves them open; may be repeated")
      ->type_name("NAME=N,C,H,W")
      ->take_all()
      ->allow_extra_args(false);
  add_precision_to(command);
  command.add_flag("--dump-ir", dump_ir, "Print the network after each pass of the compiler");
}

void CompileOptions::add_precision_to(CLI::App& command) {
  command
      .add_option("--weights", weight_bits,
                  "Bits of the weights of all layers but the first and the last")
      ->check(CLI::IsMember({8, 4, 2, 1}));
  command.add_option("--precision", precision, "Bits of the weights layer by layer")
      ->type_name("POLICY.yaml");
}

PrecisionPolicy CompileOptions::precision_policy() const {
  PrecisionPolicy policy;
  if (!precision.empty()) policy = load_precision(precision);
  if (weight_bits != 0) policy.weights = weight_bits;
  return policy;
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

void CompiledNetwork::print_warnings() const {
  for (const std::string& warning : warnings)
    fmt::print(stderr, "warning: {}\n", printable(warning));
}

CompiledNetwork compile_network(const CompileOptions& options, const ArchConfig& arch) {
  CompiledNetwork result;
  if (options.file().empty()) throw Error("no network given, expected a file or --topology");
  if (is_program_file(options.network)) {
    require_file(options.network);
    result.program = Program::load(options.network);
    check_program_for(result.program, arch.hw, arch.name);
    if (!options.shapes.empty())
      throw Error("--shape: a program file has its dimensions, expected an ONNX file");
    if (options.dump_ir)
      throw Error("--dump-ir: a program file holds no network, expected an ONNX file");
    if (!options.calibration.empty())
      throw Error("--calib: a program file is already quantised, expected an ONNX file");
    if (options.weight_bits != 0 || !options.precision.empty())
      throw Error(
          "--weights, --precision: a program file is already quantised, expected an ONNX file");
    if (options.batch != 1 && options.batch != result.program.batch)
      throw Error(fmt::format("--batch {}: {} was compiled for a batch of {}", options.batch,
                              options.network.string(), result.program.batch));
    return result;
  }
  std::string ir;
  if (options.topology.empty()) {
    result.graph = quantise_network(options, options.dump_ir ? &ir : nullptr, result.warnings);
    result.graph->name = options.network.stem().string();  // exporters call every graph the same
  } else {
    result.graph = read_topology(options, result.warnings);
  }
  BackOptions back;
  back.ir_dump = options.dump_ir ? &ir : nullptr;
  result.program = compile_back(*result.graph, arch, back);
  if (options.dump_ir) fmt::print("{}", ir);
  return result;
}

}  // namespace systole
