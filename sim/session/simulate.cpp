// SPDX-License-Identifier: Apache-2.0
// Runs engines, tells how far they are, and finds the window of a waveform.
#include "sim/session/simulate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/cosim/compare.h"
#include "sim/engine/run_process.h"
#include "sim/engine/timed_model.h"
#include "sim/report/format.h"

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

// From the first start to the last end of the layer's instructions, with some cycles around.
// Returns what there is to say of it.
std::string find_layer_window(WaveRequest& wave, const program::Program& program,
                              const platform::RunResult& result) {
  constexpr Cycle kMargin = 32;
  const auto layer =
      std::find_if(program.layers.begin(), program.layers.end(),
                   [&](const program::LayerInfo& l) { return l.name == wave.layer; });
  if (layer == program.layers.end()) {
    std::vector<std::string> names;
    for (const program::LayerInfo& l : program.layers) names.push_back(l.name);
    throw Error(fmt::format("--wave layer {}: unknown, {}", wave.layer,
                            expected_one_of(wave.layer, names)));
  }
  Cycle first = result.cycles, last = 0;
  for (const core::RetireEvent& event : result.retired) {
    if (event.tag != layer->tag) continue;
    first = std::min(first, event.start);
    last = std::max(last, event.end);
  }
  wave.from = first > kMargin ? first - kMargin : 0;
  wave.to = last + kMargin;
  std::set<uint16_t> others;
  for (const core::RetireEvent& event : result.retired)
    if (event.tag != layer->tag && event.start <= wave.to && event.end >= wave.from)
      others.insert(event.tag);
  std::vector<std::string> names;
  for (const program::LayerInfo& l : program.layers)
    if (others.count(l.tag) != 0) names.push_back(report::printable(l.name));
  return fmt::format("\ncycles {} to {}: layer {} at work from {} to {}{}", wave.from, wave.to,
                     report::printable(wave.layer), first, last,
                     names.empty() ? "" : fmt::format("; in them also {}", fmt::join(names, ", ")));
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
  std::string wave_note;
  const bool needs_model =
      options.engine != "rtl" || !wave.layer.empty() || run.count_switching;  // the model counts

  cosim::Outcome model;
  if (needs_model) {
    const auto engine = engine::make_model_engine(arch);
    const bool alone = options.engine == "model";
    model = run_engine(*engine, program, alone ? std::move(image) : image, run, 0, watch);
    if (alone) return {std::move(model.result), std::move(model.image), "", ""};
    // Both engines have the same cycles, so the model's run tells where the layer is in the
    // waveform.
    if (!wave.layer.empty()) wave_note = find_layer_window(wave, program, model.result);
  }
  const auto engine =
      engine::make_rtl_engine(arch, !options.wave_file.empty(), options.allow_large);
  run.wave_file = options.wave_file;
  run.wave_from = wave.from;
  run.wave_to = wave.to;
  cosim::Outcome rtl = run_engine(*engine, program, std::move(image), run,
                                  needs_model ? model.result.cycles : 0, watch);
  std::string divergence;
  if (both) divergence = cosim::compare(rtl, model, program);
  rtl.result.switching_macs = std::move(model.result.switching_macs);
  return {std::move(rtl.result), std::move(rtl.image), std::move(divergence), std::move(wave_note)};
}

Simulation time_program(const program::Program& program, const arch::ArchConfig& arch,
                        const SimulateOptions& options) {
  platform::RunOptions run;
  run.cycle_limit = options.cycle_limit;
  run.watchdog_cycles = options.watchdog;
  return {engine::run_kernel(program, arch, run), {}, "", ""};
}

}  // namespace systole::session
