// SPDX-License-Identifier: Apache-2.0
// One run of the RTL, and texts beside its waveform.
#include "sim/cli/wave_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "model/base/data_folder.h"
#include "model/base/error.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/run_process.h"
#include "sim/session/wave_window.h"
#include "sim/trace/wave_view.h"
#include "sim/trace/wave_words.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWave = "waves.fst";
constexpr const char* kInstructions = "instructions.txt";
constexpr const char* kFilter = "instructions.filter";
constexpr const char* kMainView = "overview.gtkw";
constexpr const char* kViews[] = {kMainView,  "issue.gtkw", "dma.gtkw",
                                  "mxu.gtkw", "vpu.gtkw",   "axi.gtkw"};

/// The instructions at work in the window, a line each, and what stands where in DRAM.
std::string instruction_lines(const trace::TracedRun& run, const ShownWindow& window) {
  std::map<uint32_t, core::RetireEvent> retired;
  for (const core::RetireEvent& event : run.result.retired) retired[event.pc] = event;
  std::string text = fmt::format("{}\n\n{:>10} {:>10}  instruction\n", window.text, "start", "end");
  for (const uint32_t pc : trace::instructions_in(run, window.from, window.to)) {
    const auto event = retired.find(pc);
    text += event == retired.end()
                ? fmt::format("{:>10} {:>10}", "-", "-")
                : fmt::format("{:>10} {:>10}", event->second.start, event->second.end);
    text += "  " + trace::instruction_text(run.program, pc) + "\n";
  }
  text += "\nDRAM\n";
  for (const trace::DramName& name : trace::dram_names(run, window.to))
    text += fmt::format("0x{:08x}..0x{:08x}  {}\n", name.from, name.to, name.name);
  return text;
}

std::string file_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error(fmt::format("{}: cannot be read", file.string()));
  return text.str();
}

void write_views(const OutputDirectory& directory, const trace::WaveView& view) {
  for (const char* name : kViews) {
    const std::string text = file_text(data_folder() / "waveforms" / name);
    directory.write(name, trace::fitted_view(text, view, std::string_view(name) == kMainView));
  }
}

/// Those of layers and instructions, or the divergence alone.
std::vector<trace::WaveMarker> markers_of(const trace::TracedRun& run, const ShownWindow& window) {
  if (window.divergence) return {{*window.divergence, "divergence"}};
  return trace::wave_markers(run, window.from, window.to, window.tag);
}

/// What views show at first: all of the window, or so few cycles around a divergence that each can
/// be read.
std::pair<Cycle, Cycle> first_shown(const ShownWindow& window) {
  constexpr Cycle kBefore = 48, kAfter = 24;
  if (!window.divergence) return {window.from, window.to};
  const Cycle from = *window.divergence > kBefore ? *window.divergence - kBefore : 0;
  return {std::max(window.from, from), std::min(window.to, *window.divergence + kAfter)};
}

platform::RunResult run_window(const program::Program& program, const arch::ArchConfig& arch,
                               platform::DramImage image, platform::RunOptions run,
                               const engine::RtlBuildOptions& build) {
  const auto rtl = engine::make_rtl_engine(arch, build);
  Progress progress("rtl", "cycles", run.wave_to + 1);
  run.progress = [&](Cycle cycles, uint64_t) { progress.update(cycles); };
  return engine::run_in_process(*rtl, program, image, run);
}

std::string told(const platform::RunResult& result, const arch::ArchConfig& arch,
                 const ShownWindow& window, const ShowOptions& options) {
  std::string text = window.text + "\n";
  text += result.began_at == 0 ? "from reset"
                               : fmt::format("from the snapshot of cycle {}", result.began_at);
  text += fmt::format(", simulated in {:.1f} s\n", result.host_seconds);
  if (result.cycles <= window.from)
    text += fmt::format("the RTL ended after {} cycles, before the window: the waveform is empty\n",
                        result.cycles);
  text += fmt::format("a cycle takes {:.6g} ns, cycle N begins at N times that\n",
                      1e3 / arch.clock_mhz);
  return text + fmt::format("waveform: gtkwave -a {} {}\n", (options.output / kMainView).string(),
                            (options.output / kWave).string());
}

}  // namespace

void write_main_view(const OutputDirectory& directory, const std::string& name,
                     const trace::WaveView& view) {
  const std::string text = file_text(data_folder() / "waveforms" / kMainView);
  directory.write(name, trace::fitted_view(text, view, true));
}

ShownWindow window_around(Cycle cycle, const program::Program& program,
                          const platform::RunResult& timed) {
  constexpr Cycle kBefore = 1000, kAfter = 200;
  const Cycle from = cycle > kBefore ? cycle - kBefore : 0, to = cycle + kAfter;
  const auto layers = session::layers_in(program, timed, from, to);
  return {from, to, 0,
          fmt::format("cycles {} to {}, around the divergence in cycle {}; at work in them: {}",
                      from, to, cycle,
                      layers.empty() ? "no layer" : fmt::format("{}", fmt::join(layers, ", "))),
          cycle};
}

std::string show_window(const program::Program& program, const arch::ArchConfig& arch,
                        platform::DramImage image, const platform::RunResult& timed,
                        const ShownWindow& window, const ShowOptions& options) {
  OutputDirectory directory(options.output);
  const trace::TracedRun traced{program, arch, timed};
  platform::RunOptions run;
  run.wave_file = directory.path(kWave).string();
  run.wave_from = window.from;
  run.wave_to = window.to;
  run.wave_all = options.all_signals;
  run.wave_words = trace::wave_words(traced, window.from, window.to);
  run.cycle_limit = window.to + 1;
  run.reset_seed = options.reset_seed;
  run.snapshots.leave = !options.from_reset;
  run.snapshots.resume_at = options.from_reset ? 0 : window.from;
  const engine::RtlBuildOptions build = {
      .trace = true, .quick = options.quick_build, .allow_large = options.allow_large};
  const platform::RunResult result = run_window(program, arch, std::move(image), run, build);
  const auto markers = markers_of(traced, window);
  const auto [from, to] = first_shown(window);
  write_views(directory, {program.hw, *run.wave_words, markers, from, to, 1e6 / arch.clock_mhz,
                          fs::absolute(options.output / kFilter).string(), window.divergence});
  directory.write(kInstructions, instruction_lines(traced, window));
  directory.write(kFilter, trace::filter_text(traced, window.from, window.to));
  directory.commit();
  return told(result, arch, window, options);
}

}  // namespace systole::cli
