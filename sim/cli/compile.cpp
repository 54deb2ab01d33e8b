// SPDX-License-Identifier: Apache-2.0
// Command `compile`: an ONNX network to a program file.
#include <fmt/format.h>

#include <memory>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/network.h"
#include "sim/cli/output.h"
#include "sim/report/format.h"

namespace systole {
namespace {

struct Options {
  CompileOptions compile;
  ArchOptions arch;
  std::filesystem::path output;
};

void print_program(const std::filesystem::path& file, const Program& program,
                   const ArchConfig& arch) {
  fmt::print("{}: {} layers, {} instructions, {} of DRAM, batch {}, for {}\n", file.string(),
             program.layers.size(), program.code.size(),
             bytes_text(static_cast<int64_t>(program.dram_bytes)), program.batch,
             printable(arch.name));
}

/// A file for each stage of the accelerator, "NET-1.sysb" and so on.
void compile_stages(const Options& options, const ArchConfig& arch,
                    const std::filesystem::path& output) {
  const CompiledPlan compiled = compile_staged(options.compile, arch);
  print_warnings(compiled.warnings);
  for (size_t s = 0; s < compiled.programs.size(); ++s) {
    const PlanStage& stage = compiled.plan.stages[s];
    if (stage.host) {
      fmt::print("stage {}: {} nodes on the host\n", s + 1, stage.host->work().size());
      continue;
    }
    const std::string name =
        fmt::format("{}-{}{}", output.stem().string(), s + 1, output.extension().string());
    const std::filesystem::path target = output.parent_path() / name;
    OutputFile file(target);
    compiled.programs[s].save(file.path());
    file.commit();
    print_program(target, compiled.programs[s], arch);
  }
}

void compile(const Options& options) {
  if (is_program_file(options.compile.network))
    throw Error(options.compile.network.string() + ": is compiled already, expected an ONNX file");
  const ArchConfig arch = options.arch.load();
  std::filesystem::path output = options.output;
  if (output.empty()) output = options.compile.file().stem().string() + ".sysb";
  if (options.compile.host_fallback) return compile_stages(options, arch, output);
  OutputFile file(output);
  const CompiledNetwork compiled = compile_network(options.compile, arch);
  compiled.program.save(file.path());
  file.commit();
  compiled.print_warnings();
  print_program(output, compiled.program, arch);
}

}  // namespace

void add_compile_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("compile", "Compile a network to a program file");
  auto options = std::make_shared<Options>();
  options->compile.add_to(*command, "Network to compile (.onnx)");
  options->compile.add_topology_to(*command);
  options->compile.add_host_fallback_to(*command);
  options->arch.add_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "Program file; default: the network's name with .sysb; with --host-fallback one "
                   "for each stage, NAME-1.sysb and so on")
      ->type_name("FILE.sysb");
  command->footer(
      "Examples:\n"
      "  systole compile net.onnx --arch edge-32x32 --calib calib.yaml -o net.sysb\n"
      "  systole compile net.onnx --batch 8 --dump-ir");
  command->callback([options] { compile(*options); });
}

}  // namespace systole
