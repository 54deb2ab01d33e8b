// SPDX-License-Identifier: Apache-2.0
// The command line: parses arguments, runs a command, turns errors into one line and an exit code.
#include "sim/cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/ending.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/look.h"
#include "sim/cli/mapping_option.h"
#include "sim/cli/parse_error.h"
#include "sim/cli/same_outputs.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/cli/wave_option.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  systole run tests/data/lenet_fmnist.onnx --arch edge-16x16
  systole run tests/data/lenet_fmnist.onnx --engine both --data tests/data/lenet.yaml \
      --calib tests/data/lenet_calib.yaml -o out --wave
  systole cosim --random 20 --seed 1 --arch edge-4x4

Exit codes: 0 fine, 1 a difference was found, 2 bad input, 3 cannot be compiled,
4 fault, watchdog or cycle limit, 5 a fault of Systole, 6 points of a sweep failed,
130 interrupted.
`systole COMMAND --help` tells the options of a command.)";

// One line; a list of reasons (operators that cannot be compiled) keeps a line for each.
int report_error(std::string message, ExitCode code) {
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  std::istringstream lines(message);
  std::string text = styled_err(Style::kBad, "systole:");
  for (std::string line; std::getline(lines, line);)
    text += (line.starts_with(' ') ? "\n" : " ") + report::printable(line);
  print_err(text + "\n");
  return static_cast<int>(code);
}

int parse_and_run(std::vector<std::string> arguments) {
  CLI::App app{"Systole: a cycle-exact simulator of a TPU-like inference accelerator", "systole"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", "systole " SYSTOLE_VERSION);
  ExitCode exit_code = ExitCode::kFine;
  add_run_command(app, exit_code);
  add_compile_command(app, exit_code);
  add_quantise_command(app, exit_code);
  add_asm_command(app, exit_code);
  add_disasm_command(app, exit_code);
  add_wave_command(app, exit_code);
  add_debug_command(app, exit_code);
  add_cosim_command(app, exit_code);
  add_accuracy_command(app, exit_code);
  add_search_precision_command(app, exit_code);
  add_study_command(app, exit_code);
  add_sweep_command(app, exit_code);
  add_optimise_command(app, exit_code);
  add_compare_command(app, exit_code);
  add_report_command(app, exit_code);
  add_reprice_command(app, exit_code);
  add_merge_command(app, exit_code);
  add_verify_command(app, exit_code);
  add_serve_command(app, exit_code);
  add_archs_command(app, exit_code);
  add_memory_command(app, exit_code);
  add_cache_command(app, exit_code);
  add_doctor_command(app, exit_code);
  add_completion_command(app, exit_code);
  add_man_command(app, exit_code);
  add_color_option(app);
  refuse_empty_values(app);
  app.parse_complete_callback([&app] {
    for (const CLI::App* command : app.get_subcommands()) {
      refuse_same_outputs(*command);
      refuse_inputs_as_outputs(*command);
    }
  });
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    const int code = app.exit(success, text, text);
    print_out(text.str());
    return code;
  } catch (const CLI::ParseError& error) {
    return report_error(parse_error_text(app, error), ExitCode::kBadInput);
  }
  return static_cast<int>(exit_code);
}

}  // namespace

namespace {

int run_command(const std::vector<std::string>& arguments) {
  try {
    hold_standard_streams();
    handle_interrupts();
    return parse_and_run(join_mapping_words(join_energy_words(join_wave_words(arguments))));
  } catch (...) {
    const Ending end = ending_of(std::current_exception());
    return end.text.empty() ? static_cast<int>(end.code) : report_error(end.text, end.code);
  }
}

}  // namespace

int run_cli(int argc, char** argv) {
  const int code = run_command({argv + std::min(argc, 1), argv + argc});
  const std::string failure = close_out();
  if (failure.empty()) return code;
  report_error(failure, ExitCode::kBadInput);
  return code == 0 ? static_cast<int>(ExitCode::kBadInput) : code;
}

}  // namespace systole::cli
