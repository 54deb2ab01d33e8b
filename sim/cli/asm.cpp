// SPDX-License-Identifier: Apache-2.0
// Command `asm`: assembler text to a program file.
#include <fmt/format.h>

#include <memory>

#include "model/arch/arch_text.h"
#include "model/program/assembler.h"
#include "model/program/program_file.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/input.h"
#include "sim/cli/output.h"
#include "sim/cli/streams.h"

namespace systole::cli {
namespace {

struct AsmCommand {
  std::filesystem::path source, output;
  ArchOptions arch;
};

void assemble_file(const AsmCommand& options) {
  const arch::ArchConfig arch = options.arch.load();
  std::filesystem::path output = options.output;
  if (output.empty()) output = options.source.stem().string() + ".sysb";
  OutputFile file(output);
  const program::Program program =
      program::assemble_program(read_text_file(options.source), options.source.string(), arch.hw);
  // The text may name other hardware, of no architecture that is known.
  const bool fits = program.hw == arch.hw;
  file.write(program::program_bytes(program, fits ? arch::to_stored_yaml(arch) : ""));
  file.commit();
  print_out("{}: {} instructions for {}\n", output.string(), program.code.size(), arch.name);
}

}  // namespace

void add_asm_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("asm", "Assemble text to a program file");
  auto options = std::make_shared<AsmCommand>();
  command->add_option("source", options->source, "Assembler text (docs/assembler.md)")
      ->required()
      ->type_name("FILE.s");
  options->arch.add_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "Program file; default: the source's name with .sysb")
      ->type_name("FILE.sysb");
  command->footer("Example:\n  systole asm test.s --arch edge-4x4 -o test.sysb");
  command->callback([options] { assemble_file(*options); });
}

}  // namespace systole::cli
