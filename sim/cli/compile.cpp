// SPDX-License-Identifier: Apache-2.0
// Command `compile`: an ONNX network to a program file.
#include <fmt/format.h>

#include <memory>

#include "model/arch/arch_text.h"
#include "model/program/program_file.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/look.h"
#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/report/sparsity.h"

namespace systole::cli {
namespace {

struct CompileCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::filesystem::path output, json;
};

/// The layers of the programs, and their weights: --sparsity and --json.
void write_notes(const CompileCommand& options, const arch::ArchConfig& arch,
                 const session::CompiledNetwork& compiled) {
  if (!options.compile.sparsity && options.json.empty()) return;
  nlohmann::ordered_json json = {
      {"schema", "systole.network"},
      {"schema_version", 1},
      {"network", report::printable(options.compile.file().stem().string())},
      {"architecture", report::printable(arch.name)},
      {"layers", nlohmann::ordered_json::array()}};
  std::vector<std::optional<report::WeightPatterns>> weights;
  if (options.compile.has_weights()) weights = session::weight_patterns(compiled, arch);
  size_t at = 0;
  for (const program::Program& program : compiled.programs) {
    for (const program::LayerInfo& layer : program.layers) {
      nlohmann::ordered_json row = {{"name", report::printable(layer.name)},
                                    {"operator", report::printable(layer.op)},
                                    {"useful_macs", layer.useful_macs},
                                    {"dense_macs", layer.dense_macs}};
      if (at < weights.size() && weights[at]) row["weights"] = report::weights_json(*weights[at]);
      ++at;
      json["layers"].push_back(std::move(row));
    }
  }
  if (options.compile.sparsity && options.json != "-")
    print_out("\n{}", shown_table(report::sparsity_table(weights, out_width())));
  if (!options.json.empty()) write_output(options.json, json.dump(1) + "\n");
}

void print_program(const std::filesystem::path& file, const program::Program& program,
                   const arch::ArchConfig& arch) {
  print_out("{}: {} layers, {} instructions, {} of DRAM, batch {}, for {}\n", file.string(),
            program.layers.size(), program.code.size(),
            report::bytes_text(static_cast<int64_t>(program.dram_bytes)), program.batch,
            report::printable(arch.name));
}

void compile(CompileCommand options) {
  CompileOptions& compile = options.compile;
  if (compile.is_program())
    throw Error(compile.network.string() + ": is compiled already, expected an ONNX file");
  if (options.json == "-" && compile.dump_ir)
    throw Error("--json -: standard output cannot also take --dump-ir");
  compile.check_sparsity();
  if (!options.json.empty() && options.json != "-") check_creatable(options.json);
  const arch::ArchConfig arch = options.arch.load(compile.choices);
  if (options.json != "-") print_out(options.arch.scalesim_text());
  std::filesystem::path output = options.output;
  if (output.empty()) output = compile.file().stem().string() + ".sysb";
  std::vector<std::unique_ptr<OutputFile>> files;  // all of them are there, or none
  if (compile.host_fallback)
    check_creatable(of_stage(output, 0));
  else
    files.push_back(std::make_unique<OutputFile>(output));
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const auto path = [&](size_t stage) {
    return compiled.is_lone() ? output : of_stage(output, stage);
  };
  const std::string text = arch::to_stored_yaml(arch);
  for (const size_t stage : compiled.device_stages()) {
    if (compile.host_fallback) files.push_back(std::make_unique<OutputFile>(path(stage)));
    files.back()->write(program::program_bytes(compiled.programs[stage], text));
  }
  for (const auto& file : files) file->commit();
  print_warnings(compiled.warnings);
  for (size_t s = 0; s < compiled.programs.size() && options.json != "-"; ++s) {
    const pipeline::PlanStage& stage = compiled.plan.stages[s];
    if (stage.on_device())
      print_program(path(s), compiled.programs[s], arch);
    else
      print_out("stage {}: {} nodes on the host\n", s + 1, stage.host->work().size());
  }
  write_notes(options, arch, compiled);
}

}  // namespace

void add_compile_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("compile", "Compile a network to a program file");
  auto options = std::make_shared<CompileCommand>();
  options->compile.add_to(*command, "Network to compile (.onnx)");
  options->compile.add_topology_to(*command);
  options->compile.add_host_fallback_to(*command);
  options->compile.add_sparsity_to(*command);
  options->arch.add_to(*command);
  options->arch.add_scalesim_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "Program file; default: the network's name with .sysb; of a network in several "
                   "stages one for each of the accelerator's, NAME-1.sysb and so on")
      ->type_name("FILE.sysb");
  command
      ->add_option("--json", options->json,
                   "Write layers and weights as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  add_wide_flag(*command);
  command->footer(
      "Examples:\n"
      "  systole compile net.onnx --arch edge-32x32 --calib calib.yaml -o net.sysb\n"
      "  systole compile net.onnx --batch 8 --dump-ir\n"
      "  systole compile net.onnx --prune block:0.5 --sparsity");
  command->callback([options] { compile(*options); });
}

}  // namespace systole::cli
