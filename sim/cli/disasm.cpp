// SPDX-License-Identifier: Apache-2.0
// Command `disasm`: a program file to assembler text.
#include <memory>

#include "model/program/assembler.h"
#include "model/program/program.h"
#include "sim/cli/commands.h"
#include "sim/cli/output.h"

namespace systole::cli {

void add_disasm_command(CLI::App& app, ExitCode&) {
  struct Options {
    std::filesystem::path program, output = "-";
  };
  CLI::App* command = app.add_subcommand("disasm", "Disassemble a program file");
  auto options = std::make_shared<Options>();
  command->add_option("program", options->program, "Program file")
      ->required()
      ->type_name("FILE.sysb");
  command->add_option("-o,--output", options->output, "Text file; default: standard output")
      ->type_name("FILE.s");
  command->footer("Example:\n  systole disasm net.sysb | less");
  command->callback([options] {
    if (options->output != "-") check_creatable(options->output);
    write_output(options->output,
                 program::disassemble_program(program::Program::load(options->program)));
  });
}

}  // namespace systole::cli
