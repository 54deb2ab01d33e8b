// SPDX-License-Identifier: Apache-2.0
// Command `debug`: a program on an engine, step by step, forwards and back.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/rtl_build_option.h"
#include "sim/cli/stage_option.h"
#include "sim/cli/streams.h"
#include "sim/debug/commands.h"
#include "sim/debug/dialogue.h"
#include "sim/debug/session.h"
#include "sim/report/format.h"
#include "sim/session/data.h"

namespace systole::cli {
namespace {

struct DebugCommand {
  CompileOptions compile;
  ArchOptions arch;
  StageOption stage;
  std::string engine = "model";
  std::string script;  ///< empty: standard input
  Cycle watchdog = 10000;
  bool quick_build = false;
  bool allow_large = false;
};

/// Whether Ctrl-C was pressed since a command began: a handler has no other place for it.
volatile std::sig_atomic_t interrupted = 0;  // NOLINT

/// Until its end Ctrl-C ends a move, not the process.
class KeepAlive {
 public:
  KeepAlive() {
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before_);
  }
  ~KeepAlive() { sigaction(SIGINT, &before_, nullptr); }
  KeepAlive(const KeepAlive&) = delete;
  KeepAlive& operator=(const KeepAlive&) = delete;

 private:
  struct sigaction before_ = {};
};

/// Opened once: it may be a pipe. Not open where no file is named. Throws Error.
std::ifstream open_script(const std::string& file) {
  if (file.empty()) return {};
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    throw Error(fmt::format("{}: is a directory, expected a file of commands", file));
  std::ifstream script(file);
  if (!script) throw Error(fmt::format("{}: cannot be read: {}", file, std::strerror(errno)));
  return script;
}

void converse_or_read(const DebugCommand& options, std::ifstream& script,
                      debug::Commands& commands) {
  const debug::SayText say = [](const std::string& text) { print_out(text); };
  if (script.is_open())
    return debug::run_script(script, report::printable(options.script), commands, say);
  if (isatty(STDIN_FILENO) == 0)
    return debug::run_script(std::cin, "standard input", commands, say);
  const KeepAlive ctrl_c;
  print_out("`help` tells the commands, `quit` ends the session\n");
  debug::converse(
      commands, [] { interrupted = 0; },
      [](const std::string& text) {
        print_out(text);
        flush_out();
      },
      [](const std::string& text) {
        print_err("{} {}\n", styled_err(Style::kBad, "systole:"), report::printable(text));
      });
}

void debug_program(const DebugCommand& options) {
  if (!options.compile.inputs.empty() && !options.compile.data.empty())
    throw Error("--input: given together with --data, expected one of them");
  std::ifstream script = open_script(options.script);
  CompileOptions compile = options.compile;
  compile.tells_tensors = true;
  const arch::ArchConfig arch = options.arch.load(compile.choices, compile.network);
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const std::optional<data::Dataset> data = session::load_data(compile, compiled);
  const size_t stage = options.stage.choose(compiled, "debug", "");
  const program::Program& program = compiled.programs[stage];
  debug::Subject subject{program, arch, platform::make_image(program), options.watchdog};
  if (!compiled.tensors.empty()) subject.tensors = &compiled.tensors[stage];
  session::place_inputs(program, stage_inputs(compiled, arch, data, stage), subject.image);
  print_warnings(compiled.warnings);
  const auto make_target = [&](const debug::Subject& made) {
    if (options.engine == "rtl")
      return debug::make_rtl_target(
          made, {.quick = options.quick_build, .allow_large = options.allow_large});
    return debug::make_model_target(made);
  };
  debug::Session session(std::move(subject), make_target, [] { return interrupted != 0; });
  print_out("{} on {}: {} instructions, {} layers\n",
            program.name.empty() ? "the program" : report::printable(program.name),
            report::printable(arch.name), program.code.size(), program.layers.size());
  debug::Commands commands(session);
  converse_or_read(options, script, commands);
}

}  // namespace

void add_debug_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "debug", "Go through a program on the accelerator step by step, forwards and back");
  auto options = std::make_shared<DebugCommand>();
  options->compile.add_to(*command, "Network (.onnx) or program (.sysb)");
  options->compile.add_host_fallback_to(*command);
  options->arch.add_to(*command, kArchOfProgram);
  options->compile.add_data_to(*command,
                               "Input from the first items of a data set; default: zeros");
  options->stage.add_to(*command);
  command->add_option("--engine", options->engine, "model or rtl")
      ->check(OneOf({"model", "rtl"}))
      ->capture_default_str()
      ->type_name("ENGINE");
  command
      ->add_option("--script", options->script,
                   "Commands from a file; default: standard input, from a terminal with history "
                   "and completion")
      ->type_name("FILE");
  command->add_option("--watchdog", options->watchdog, "Stop after N cycles without progress")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->capture_default_str()
      ->type_name("N");
  add_rtl_build_to(*command, options->quick_build, options->allow_large);
  command->footer(
      "`help` in the session tells its commands.\n\n"
      "Examples:\n"
      "  systole debug net.onnx --arch edge-4x4\n"
      "  systole debug out/program.sysb --engine rtl --script commands.txt\n"
      "  echo 'run layer conv1' | systole debug net.onnx");
  command->callback([options] { debug_program(*options); });
}

}  // namespace systole::cli
