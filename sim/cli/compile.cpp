// SPDX-License-Identifier: Apache-2.0
// Command `compile`: an ONNX network to a program file.
#include <fmt/format.h>

#include <memory>

#include "model/program/program_file.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/network.h"
#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/report/sparsity.h"

namespace systole {
namespace {

struct Options {
  CompileOptions compile;
  ArchOptions arch;
  std::filesystem::path output, json;
};

/// The layers of the programs that are compiled, and their weights: --sparsity and --json.
class LayerNotes {
 public:
  LayerNotes(const Options& options, const ArchConfig& arch) : options_(options) {
    json_ = {{"schema", "systole.network"},
             {"schema_version", 1},
             {"network", printable(options.compile.file().stem().string())},
             {"architecture", printable(arch.name)},
             {"layers", Json::array()}};
    has_weights_ = options.compile.has_weights();
  }

  void add(const Program& program, const QGraph& graph) {
    if (!options_.compile.sparsity && options_.json.empty()) return;
    std::vector<std::optional<WeightPatterns>> weights(program.layers.size());
    if (has_weights_) weights = weight_patterns(graph, program);
    for (size_t i = 0; i < program.layers.size(); ++i) {
      const LayerInfo& layer = program.layers[i];
      Json row = {{"name", printable(layer.name)},
                  {"operator", printable(layer.op)},
                  {"useful_macs", layer.useful_macs},
                  {"dense_macs", layer.dense_macs}};
      if (weights[i]) row["weights"] = weights_json(*weights[i]);
      json_["layers"].push_back(std::move(row));
    }
    weights_.insert(weights_.end(), weights.begin(), weights.end());
  }

  void write() const {
    if (options_.compile.sparsity && options_.json != "-")
      print_out("\n{}", sparsity_table(weights_));
    if (!options_.json.empty()) write_output(options_.json, json_.dump(1) + "\n");
  }

 private:
  using Json = nlohmann::ordered_json;
  const Options& options_;
  bool has_weights_ = false;
  Json json_;
  std::vector<std::optional<WeightPatterns>> weights_;
};

void print_program(const Options& options, const std::filesystem::path& file,
                   const Program& program, const ArchConfig& arch) {
  if (options.json == "-") return;
  print_out("{}: {} layers, {} instructions, {} of DRAM, batch {}, for {}\n", file.string(),
            program.layers.size(), program.code.size(),
            bytes_text(static_cast<int64_t>(program.dram_bytes)), program.batch,
            printable(arch.name));
}

/// Of stage `index`, from 0: "NET-1.sysb" and so on.
std::filesystem::path stage_path(const std::filesystem::path& output, size_t index) {
  return output.parent_path() /
         fmt::format("{}-{}{}", output.stem().string(), index + 1, output.extension().string());
}

/// A file for each stage of the accelerator.
void compile_stages(const Options& options, const ArchConfig& arch,
                    const std::filesystem::path& output) {
  LayerNotes notes(options, arch);
  check_creatable(stage_path(output, 0));
  const CompiledPlan compiled = compile_staged(options.compile, arch);
  print_warnings(compiled.warnings);
  std::vector<std::unique_ptr<OutputFile>> files;  // all of them are there, or none
  for (size_t s = 0; s < compiled.programs.size(); ++s) {
    if (!compiled.plan.stages[s].device) continue;
    files.push_back(std::make_unique<OutputFile>(stage_path(output, s)));
    files.back()->write(program_bytes(compiled.programs[s]));
  }
  for (const auto& file : files) file->commit();
  for (size_t s = 0; s < compiled.programs.size(); ++s) {
    const PlanStage& stage = compiled.plan.stages[s];
    if (stage.host) {
      if (options.json != "-")
        print_out("stage {}: {} nodes on the host\n", s + 1, stage.host->work().size());
      continue;
    }
    print_program(options, stage_path(output, s), compiled.programs[s], arch);
    notes.add(compiled.programs[s], *stage.device);
  }
  notes.write();
}

void compile(const Options& options) {
  if (is_program_file(options.compile.network))
    throw Error(options.compile.network.string() + ": is compiled already, expected an ONNX file");
  if (options.json == "-" && options.compile.dump_ir)
    throw Error("--json -: standard output cannot also take --dump-ir");
  if (!options.json.empty() && options.json != "-") check_creatable(options.json);
  const ArchConfig arch = options.arch.load();
  std::filesystem::path output = options.output;
  if (output.empty()) output = options.compile.file().stem().string() + ".sysb";
  if (options.compile.host_fallback) return compile_stages(options, arch, output);
  LayerNotes notes(options, arch);
  OutputFile file(output);
  const CompiledNetwork compiled = compile_network(options.compile, arch);
  file.write(program_bytes(compiled.program));
  file.commit();
  compiled.print_warnings();
  print_program(options, output, compiled.program, arch);
  notes.add(compiled.program, *compiled.graph);
  notes.write();
}

}  // namespace

void add_compile_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("compile", "Compile a network to a program file");
  auto options = std::make_shared<Options>();
  options->compile.add_to(*command, "Network to compile (.onnx)");
  options->compile.add_topology_to(*command);
  options->compile.add_host_fallback_to(*command);
  options->compile.add_sparsity_to(*command);
  options->arch.add_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "Program file; default: the network's name with .sysb; with --host-fallback one "
                   "for each stage, NAME-1.sysb and so on")
      ->type_name("FILE.sysb");
  command
      ->add_option("--json", options->json,
                   "Write layers and weights as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  command->footer(
      "Examples:\n"
      "  systole compile net.onnx --arch edge-32x32 --calib calib.yaml -o net.sysb\n"
      "  systole compile net.onnx --batch 8 --dump-ir\n"
      "  systole compile net.onnx --prune block:0.5 --sparsity");
  command->callback([options] { compile(*options); });
}

}  // namespace systole
