// SPDX-License-Identifier: Apache-2.0
// Command `wave`: the waveform of a layer, an instruction or some cycles, with views that fit it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/output.h"
#include "sim/cli/stage_option.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/cli/wave_files.h"
#include "sim/cli/wave_option.h"
#include "sim/cosim/cosim.h"
#include "sim/engine/engine.h"
#include "sim/engine/run_process.h"
#include "sim/engine/timed_model.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
#include "sim/session/data.h"
#include "sim/session/wave_window.h"
#include "sim/trace/wave_words.h"

namespace systole::cli {
namespace {

struct WaveCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::string layer, cycles;
  std::optional<uint32_t> pc;
  StageOption stage;
  bool around_divergence = false;
  ShowOptions show = {.output = "wave"};
};

void check_options(const WaveCommand& options) {
  const int given =
      static_cast<int>(!options.layer.empty()) + static_cast<int>(!options.cycles.empty()) +
      static_cast<int>(options.pc.has_value()) + static_cast<int>(options.around_divergence);
  if (given != 1)
    throw Error(
        "wave: expected one of --layer NAME, --cycles FROM:TO, --pc N and --around-divergence");
  if (!options.compile.inputs.empty() && !options.compile.data.empty())
    throw Error("--input: given together with --data, expected one of them");
  check_directory(options.show.output);
}

ShownWindow wanted_cycles(const WaveCommand& options, const program::Program& program,
                          const platform::RunResult& timed) {
  const session::WaveRequest window = parse_wave_window(options.cycles, "--cycles");
  if (window.from >= timed.cycles)
    throw Error(fmt::format("--cycles {}: the run has {} cycles", options.cycles, timed.cycles));
  const Cycle to = std::min(window.to, timed.cycles - 1);
  const auto layers = session::layers_in(program, timed, window.from, to);
  return {window.from, to, 0,
          fmt::format("cycles {} to {}; at work in them: {}", window.from, to,
                      layers.empty() ? "no layer" : fmt::format("{}", fmt::join(layers, ", ")))};
}

ShownWindow wanted_window(const WaveCommand& options, const program::Program& program,
                          const platform::RunResult& timed) {
  if (!options.cycles.empty()) return wanted_cycles(options, program, timed);
  session::WaveWindow window;
  std::string what;
  uint16_t tag = 0;
  if (options.pc) {
    window = session::window_of_instruction(program, timed, *options.pc,
                                            fmt::format("--pc {}", *options.pc));
    tag = isa::Header::decode(program.code.at(*options.pc)).tag;
    what = "instruction " + trace::instruction_text(program, *options.pc);
  } else {
    window = session::window_of_layer(program, timed, options.layer, "--layer " + options.layer);
    for (const program::LayerInfo& layer : program.layers)
      if (layer.name == options.layer) tag = layer.tag;
    what = "layer " + report::printable(options.layer);
  }
  window.to = std::min(window.to, timed.cycles - 1);
  return {window.from, window.to, tag, session::window_text(window, what)};
}

/// The cycles around the first divergence of the RTL from model or golden executor, if there is
/// any.
std::optional<ShownWindow> window_of_divergence(const WaveCommand& options,
                                                const arch::ArchConfig& arch,
                                                const program::Program& program,
                                                const platform::DramImage& image,
                                                const platform::RunResult& timed) {
  cosim::CosimOptions how;
  how.allow_large = options.show.allow_large;
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, how);
  if (!result.first) return std::nullopt;
  ShownWindow window = window_around(result.first->cycle, program, timed);
  window.text = cosim::divergence_text(*result.first, program) + window.text;
  return window;
}

ExitCode wave(const WaveCommand& options) {
  check_options(options);
  CompileOptions compile = options.compile;
  const arch::ArchConfig arch = options.arch.load(compile.choices, compile.network);
  print_out(report::headline(arch, "rtl"));
  const session::CompiledNetwork compiled = compile_shown(compile, arch);
  const std::optional<data::Dataset> data = session::load_data(compile, compiled);
  const size_t stage = options.stage.choose(compiled, "wave", options.layer);
  const program::Program& program = compiled.programs[stage];
  const platform::RunResult timed = engine::run_kernel(program, arch, {});
  std::optional<ShownWindow> window;
  if (!options.around_divergence) window = wanted_window(options, program, timed);
  print_warnings(compiled.warnings);
  platform::DramImage image = platform::make_image(program);
  session::place_inputs(program, stage_inputs(compiled, arch, data, stage), image);
  if (options.around_divergence) {
    window = window_of_divergence(options, arch, program, image, timed);
    if (!window) {
      print_out("no divergence: RTL, model and golden executor agree\n");
      return ExitCode::kFine;
    }
  }
  print_out(show_window(program, arch, std::move(image), timed, *window, options.show));
  return options.around_divergence ? ExitCode::kDifference : ExitCode::kFine;
}

void add_options(CLI::App& command, WaveCommand& options) {
  options.compile.add_to(command, "Network (.onnx) or program (.sysb)");
  options.compile.add_host_fallback_to(command);
  options.arch.add_to(command, kArchOfProgram);
  options.compile.add_data_to(command, "Input from the first items of a data set; default: zeros");
  command.add_option("--layer", options.layer, "From a layer's first fetch to its end")
      ->type_name("NAME");
  command.add_option("--cycles", options.cycles, "Some cycles")->type_name("FROM:TO");
  command.add_option("--pc", options.pc, "From an instruction's fetch to its end")
      ->check(whole_number())
      ->type_name("N");
  command.add_flag("--around-divergence", options.around_divergence,
                   "Around the first difference of RTL, model and golden executor");
  options.stage.add_to(command);
  command
      .add_option("-o,--output", options.show.output,
                  "Directory for waves.fst, views for GTKWave and instructions.txt")
      ->capture_default_str()
      ->type_name("DIR");
  command.add_flag("--all-signals", options.show.all_signals,
                   "Write every signal, not only those that the views show");
  command.add_flag("--from-reset", options.show.from_reset,
                   "Begin at reset, and leave the snapshots in the cache alone");
  command.add_flag("--yes", options.show.allow_large,
                   "Build RTL of large arrays, which takes long");
}

}  // namespace

void add_wave_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("wave", "Write the RTL's waveform of a layer or of some cycles");
  auto options = std::make_shared<WaveCommand>();
  add_options(*command, *options);
  command->footer(
      "The first run leaves snapshots of the RTL in the cache; later ones begin from the "
      "nearest.\n\n"
      "Examples:\n"
      "  systole wave net.onnx --layer conv1 -o out\n"
      "  systole wave out/program.sysb --cycles 1200:1400\n"
      "  systole wave net.onnx --data test.yaml --calib calib.yaml --pc 42 --all-signals");
  command->callback([options, &exit_code] { exit_code = wave(*options); });
}

}  // namespace systole::cli
