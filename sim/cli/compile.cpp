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

void compile(const Options& options) {
  if (is_program_file(options.compile.network))
    throw Error(options.compile.network.string() + ": is compiled already, expected an ONNX file");
  const ArchConfig arch = options.arch.load();
  std::filesystem::path output = options.output;
  if (output.empty()) output = options.compile.file().stem().string() + ".sysb";
  OutputFile file(output);
  const CompiledNetwork compiled = compile_network(options.compile, arch);
  compiled.program.save(file.path());
  file.commit();
  compiled.print_warnings();
  fmt::print("{}: {} layers, {} instructions, {} of DRAM, batch {}, for {}\n", output.string(),
             compiled.program.layers.size(), compiled.program.code.size(),
             bytes_text(static_cast<int64_t>(compiled.program.dram_bytes)), compiled.program.batch,
             printable(arch.name));
}

}  // namespace

void add_compile_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("compile", "Compile a network to a program file");
  auto options = std::make_shared<Options>();
  options->compile.add_to(*command, "Network to compile (.onnx)");
  options->compile.add_topology_to(*command);
  options->arch.add_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "Program file; default: the network's name with .sysb")
      ->type_name("FILE.sysb");
  command->footer(
      "Examples:\n"
      "  systole compile net.onnx --arch edge-32x32 --calib calib.yaml -o net.sysb\n"
      "  systole compile net.onnx --batch 8 --dump-ir");
  command->callback([options] { compile(*options); });
}

}  // namespace systole
