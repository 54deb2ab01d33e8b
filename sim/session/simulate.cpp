// SPDX-License-Identifier: Apache-2.0
// Runs engines, tells how far they are, and finds the window of a waveform.
#include "sim/session/simulate.h"

#include <algorithm>

#include "sim/cosim/divergence.h"
#include "sim/engine/run_process.h"
#include "sim/engine/timed_model.h"
#include "sim/report/format.h"
#include "sim/session/wave_window.h"
#include "sim/trace/wave_words.h"

namespace systole::session {
namespace {

// Runs one engine. `expected_cycles` (0: unknown) lets the watcher say how long it will take.
cosim::Outcome run_engine(engine::Engine& engine, const program::Program& program,
                          platform::DramImage image, platform::RunOptions options,
                          Cycle expected_cycles, const Watcher& watch) {
  const double instructions = static_cast<double>(std::max<size_t>(program.code.size(), 1));
  options.progress = [&](Cycle cycles, uint64_t retired) {
    if (watch)
      watch({engine.name(), "cycles", cycles, expected_cycles,
             static_cast<double>(retired) / instructions});
  };
  if (watch) watch({engine.name(), "cycles", 0, expected_cycles});
  cosim::Outcome outcome{engine.name(), {}, std::move(image)};
  outcome.result = engine::run_in_process(engine, program, outcome.image, options);
  return outcome;
}

/// What the cycles of `wave` hold. `run`: the model's.
void fill(WaveContents& contents, const trace::TracedRun& run, const WaveRequest& wave) {
  contents.from = wave.from;
  contents.to = std::max(wave.from, std::min(wave.to, run.result.cycles));
  contents.words = trace::wave_words(run, wave.from, wave.to);
  constexpr uint16_t kNoLayer = 0;
  uint16_t shown = kNoLayer;
  for (const program::LayerInfo& layer : run.program.layers)
    if (layer.name == wave.layer) shown = layer.tag;
  contents.markers = trace::wave_markers(run, contents.from, contents.to, shown);
  contents.instructions = trace::filter_text(run, contents.from, contents.to);
}

}  // namespace

Simulation simulate(const program::Program& program, const arch::ArchConfig& arch,
                    platform::DramImage image, const SimulateOptions& options,
                    const Watcher& watch) {
  const bool both = options.engine == "both";
  platform::RunOptions run;
  run.cycle_limit = options.cycle_limit;
  run.watchdog_cycles = options.watchdog;
  run.functional = options.functional || both;
  run.count_switching = options.count_switching && options.functional;
  WaveRequest wave = options.wave;
  std::optional<WaveContents> contents;
  const bool needs_model = options.engine != "rtl" || run.count_switching;  // the model counts

  cosim::Outcome model;
  if (needs_model) {
    const auto engine = engine::make_model_engine(arch);
    if (options.engine == "model") {
      model = run_engine(*engine, program, std::move(image), run, 0, watch);
      return {std::move(model.result), std::move(model.image), "", {}};
    }
    model = run_engine(*engine, program, image, run, 0, watch);
  }
  if (!options.wave_file.empty()) {
    // Both engines have the same cycles, so the model's run tells where what is in the waveform.
    const platform::RunResult timed = engine::run_kernel(program, arch, run);
    contents.emplace();
    if (!wave.layer.empty()) {
      const WaveWindow window =
          window_of_layer(program, timed, wave.layer, "--wave layer " + wave.layer);
      wave.from = window.from;
      wave.to = window.to;
      contents->note = "\n" + window_text(window, "layer " + report::printable(wave.layer));
    }
    fill(*contents, {program, arch, timed}, wave);
    run.wave_words = contents->words;
  }
  const auto engine =
      engine::make_rtl_engine(arch, !options.wave_file.empty(), options.allow_large);
  run.snapshots.leave = true;
  run.wave_file = options.wave_file;
  run.wave_from = wave.from;
  run.wave_to = wave.to;
  cosim::Outcome rtl = run_engine(*engine, program, std::move(image), run,
                                  needs_model ? model.result.cycles : 0, watch);
  std::string divergence;
  if (both) divergence = cosim::compare(rtl, model, program);
  if (!divergence.empty())
    if (const auto first = cosim::first_divergence(rtl, model, program, arch))
      divergence = cosim::divergence_text(*first, program) + divergence;
  rtl.result.switching_macs = std::move(model.result.switching_macs);
  return {std::move(rtl.result), std::move(rtl.image), std::move(divergence), std::move(contents)};
}

Simulation time_program(const program::Program& program, const arch::ArchConfig& arch,
                        const SimulateOptions& options) {
  platform::RunOptions run;
  run.cycle_limit = options.cycle_limit;
  run.watchdog_cycles = options.watchdog;
  return {engine::run_kernel(program, arch, run), {}, "", {}};
}

}  // namespace systole::session
