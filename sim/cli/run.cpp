// SPDX-License-Identifier: Apache-2.0
// Command `run`: a network or program on an architecture, with its report.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "model/program/program_file.h"
#include "sim/cli/commands.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/explain_option.h"
#include "sim/cli/network.h"
#include "sim/cli/npy_writer.h"
#include "sim/cli/output.h"
#include "sim/cli/run_data.h"
#include "sim/cli/run_fallback.h"
#include "sim/cli/run_files.h"
#include "sim/cli/run_options.h"
#include "sim/cli/run_text.h"
#include "sim/cli/simulate.h"
#include "sim/cli/streams.h"
#include "sim/energy/text.h"
#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/report/sparsity.h"
#include "sim/report/table.h"

namespace systole {
namespace {

void check_options(const RunCommand& options) {
  if (!options.wave.empty() && options.simulate.engine == "model")
    throw Error("--wave: waveforms come from the RTL, add --engine rtl or --engine both");
  if (!options.wave.empty() && options.output.empty())
    throw Error("--wave: add -o DIR, where waves.fst is to go");
  if (!options.compile.inputs.empty() && !options.compile.data.empty())
    throw Error("--input: given together with --data, expected one of them");
  if (!options.compile.topology.empty() && options.compile.has_data())
    throw Error("--topology: is timing only, expected no --data or --input");
  if (options.explain && is_program_file(options.compile.network))
    throw Error(fmt::format(
        "--explain: a program file cannot be compiled for other hardware, expected a network: {}",
        options.compile.network.string()));
  if (options.json == "-" && options.compile.dump_ir)
    throw Error("--json -: standard output cannot also take --dump-ir");
  if (!options.json.empty() && options.json != "-") check_creatable(options.json);
}

// The input data of a run, if it has any, and the memory it starts with.
struct Prepared {
  std::optional<Dataset> data;
  std::vector<std::vector<int8_t>> inputs;
  DramImage image;
};

Prepared prepare(const RunCommand& options, const Program& program) {
  Prepared prepared{options.compile.load_data(program), {}, make_image(program)};
  if (prepared.data) {
    prepared.inputs = stored_inputs(program, *prepared.data);
    place_inputs(program, prepared.inputs, prepared.image);
  }
  return prepared;
}

std::vector<std::string> output_names(const Program& program) {
  std::vector<std::string> tensors;
  for (const TensorInfo& info : program.outputs) tensors.push_back(info.name);
  return tensor_file_names(tensors);
}

/// Throws Error if a file of the run could not be put where it belongs.
void check_names(const OutputDirectory& directory, const Program& program, bool functional) {
  for (const char* name : {kResultFile, kLayersFile, kProgramFile}) directory.path(name);
  for (const std::string& name : output_names(program))
    for (const char* ending : {".npy", ".int8.npy"})
      if (functional) directory.path(name + ending);
}

/// All but the result itself.
void write_directory(const OutputDirectory& directory, const Report& report,
                     const std::vector<OutputData>& outputs, const Program& program) {
  if (!report.layers.empty()) directory.write(kLayersFile, layers_csv(report));
  const std::vector<std::string> names = output_names(program);
  for (size_t k = 0; k < outputs.size(); ++k) {
    const OutputData& output = outputs[k];
    std::vector<float> values;
    for (const auto& item : output.items) values.insert(values.end(), item.begin(), item.end());
    directory.write(names[k] + ".npy", to_npy(values, output.info.onnx_shape));
    directory.write(names[k] + ".int8.npy", to_npy(output.stored, output.info.shape));
  }
  directory.write(kProgramFile, program_bytes(program));
}

ExitCode run(RunCommand options) {
  check_options(options);
  if (options.compile.host_fallback) return run_with_host(options);
  const bool has_weights = options.compile.has_weights();
  SimulateOptions& choice = options.simulate;
  const bool both = choice.engine == "both";
  const Say say(options.json == "-", options.writes_files());

  const ArchConfig arch = options.arch.load();
  const std::optional<EnergyTable> table = energy_option_table(options.energy, arch);
  std::optional<OutputDirectory> directory;
  if (!options.output.empty()) directory.emplace(options.output);
  if (!options.wave.empty()) {
    choice.wave = parse_wave(options.wave);
    choice.wave_file = directory->path(kWavesFile).string();
  }
  say(headline(arch, both ? "rtl and model" : choice.engine));
  const CompiledNetwork compiled = compile_network(options.compile, arch);
  const Program& program = compiled.program;
  Prepared prepared = prepare(options, program);
  compiled.print_warnings();
  print_warnings(memory_warnings(arch));
  choice.functional = prepared.data.has_value();
  if (directory) check_names(*directory, program, choice.functional);
  choice.count_switching = table.has_value();
  if (!choice.functional) say("timing only: no --data or --input, so there are no outputs\n");

  const Simulation simulation = simulate(program, arch, std::move(prepared.image), choice);
  const RunResult& result = simulation.result;
  const Report report = make_report(program, arch, result, choice.engine, choice.functional);
  const bool finished = result.status == RunStatus::kFinished;
  if (!report.layers.empty()) say("\n" + layer_table(report));
  if (finished) say("\n" + totals(report) + "\n");
  std::vector<std::optional<WeightPatterns>> weights;
  if (has_weights && (options.compile.sparsity || directory || !options.json.empty()))
    weights = weight_patterns(*compiled.graph, program);
  if (options.compile.sparsity) say(sparsity_table(weights) + "\n");
  if (!finished) say("\n" + reached_text(program, report, result));
  std::optional<EnergyReport> energy;
  if (finished && table && simulation.divergence.empty())
    energy = make_energy(program, arch, result, report, *table);
  if (energy) say(energy_text(*energy) + "\n");
  std::vector<ChangeResult> changes;
  if (finished && !options.explain)
    say("unit   cycles by cause\n" + unit_table(report.units, report.cycles));
  if (finished && options.explain) {
    say(explanation(report) + "\n");
    changes = try_changes(*compiled.graph, arch);
    say(changes_text(changes, report.cycles));
  }

  std::vector<OutputData> outputs;
  std::string wrong_output;
  if (finished && prepared.data) {
    outputs = read_outputs(program, simulation.image);
    if (compiled.graph) wrong_output = check_outputs(*compiled.graph, prepared.inputs, outputs);
    say("\n" + predictions_text(outputs.at(0).items, prepared.data->labels));
  }
  const Agreement agreed{simulation.divergence.empty(), simulation.image.size(),
                         result.retired.size(), result.dram.size()};
  if (both)
    say("\n" + (simulation.divergence.empty() ? agreement_text(agreed) : simulation.divergence));

  nlohmann::ordered_json json = to_json(report, arch, result);
  if (energy) json["energy"] = energy_json(*energy);
  add_weights(weights, json);
  if (both) json["agreement"] = agreement_json(agreed);
  if (finished && options.explain) json["hardware_changes"] = changes_json(changes, report.cycles);
  json["provenance"] = provenance_json(options.compile.file(), report);
  if (directory) write_directory(*directory, report, outputs, program);
  write_result(options.json, directory, json);
  if (!options.wave.empty())
    say(fmt::format(
        "\nwaveform: gtkwave -a waveforms/overview.gtkw {}\n1 ns in it is a cycle, cycle N is at "
        "N ns; at {:.6g} MHz a cycle takes {:.6g} ns{}\n",
        (options.output / kWavesFile).string(), arch.clock_mhz, 1e3 / arch.clock_mhz,
        simulation.wave_note));

  if (!simulation.divergence.empty()) throw Error("RTL and model differ", ExitCode::kDifference);
  if (!wrong_output.empty()) throw Error(wrong_output, ExitCode::kDifference);
  if (!finished) {
    print_err(result.dump);
    throw Error(stop_message(program, result), ExitCode::kStopped);
  }
  return ExitCode::kFine;
}

void add_options(CLI::App& command, RunCommand& options) {
  options.compile.add_to(command, "Network (.onnx) or program (.sysb)");
  options.compile.add_topology_to(command);
  options.compile.add_host_fallback_to(command);
  options.compile.add_sparsity_to(command);
  options.arch.add_to(command);
  command
      .add_option("--engine", options.simulate.engine,
                  "Engine; both: run both and compare everything")
      ->check(CLI::IsMember({"model", "rtl", "both"}))
      ->capture_default_str();
  options.compile.add_data_to(command, "Input from the first items of a data set");
  command
      .add_option("-o,--output", options.output,
                  "Directory for result.json, layers.csv, program.sysb, outputs and waves.fst")
      ->type_name("DIR");
  command
      .add_option("--json", options.json,
                  "Write the result as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  command.add_flag(
      "--explain", options.explain,
      "Tell the cause of every cycle by layer, and which changes of the hardware help");
  command
      .add_flag(
          "--energy{horowitz-45nm}", options.energy,
          "Estimate the energy: --energy, --energy TABLE (a name of configs/energy, or a YAML "
          "file)")
      ->type_name("[TABLE]");
  command
      .add_flag("--wave{all}", options.wave,
                "Write a waveform of the RTL: --wave, --wave FROM:TO (cycles), --wave layer NAME")
      ->type_name("[FROM:TO | layer NAME]");
  command
      .add_option("--cycle-limit", options.simulate.cycle_limit, "Stop after N cycles; 0: never")
      ->type_name("N");
  command
      .add_option("--watchdog", options.simulate.watchdog, "Stop after N cycles without progress")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->capture_default_str()
      ->type_name("N");
  command.add_flag("--yes", options.simulate.allow_large,
                   "Build RTL of large arrays, which takes long");
}

}  // namespace

void add_run_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("run", "Run a network or program and report what it costs");
  auto options = std::make_shared<RunCommand>();
  add_options(*command, *options);
  command->footer(
      "Without --data or --input the run is timing only.\n\n"
      "Examples:\n"
      "  systole run net.onnx --arch edge-16x16 --set array.rows=32\n"
      "  systole run net.onnx --engine both --data test.yaml --calib calib.yaml -o out --wave\n"
      "  systole run net.onnx --engine rtl -o out --wave layer conv1\n"
      "  systole run net.onnx --explain\n"
      "  systole run net.onnx --energy tpuv4i-7nm\n"
      "  systole run --topology configs/topologies/alexnet.csv --arch tpu-v1\n"
      "  systole run net.onnx --json - | jq .totals.cycles");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace systole
