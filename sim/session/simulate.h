// SPDX-License-Identifier: Apache-2.0
// Runs a program on the engine or engines that the user chose, and compares them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/session/watch.h"
#include "sim/trace/wave_view.h"

namespace systole::session {

/// The cycles a waveform covers: all, a window, or those of a layer.
struct WaveRequest {
  Cycle from = 0;
  Cycle to = kNever;
  std::string layer;  ///< not empty: from and to are still to be found

  bool is_window() const { return from != 0 || to != kNever || !layer.empty(); }
};

struct SimulateOptions {
  std::string engine = "model";  ///< model | rtl | both
  bool functional = true;        ///< model alone: compute data too
  bool count_switching = false;  ///< if data are computed: give RunResult::switching_macs
  Cycle cycle_limit = 0;
  Cycle watchdog = 10000;
  bool allow_large = false;    ///< build RTL arrays that take many minutes
  std::string wave_file = {};  ///< empty: none
  WaveRequest wave = {};
};

/// What is in a waveform, for who draws views of it (trace::WaveView).
struct WaveContents {
  Cycle from = 0, to = 0;  ///< both included
  std::shared_ptr<const platform::WaveWords> words;
  std::vector<trace::WaveMarker> markers;
  std::string instructions;  ///< trace::filter_text
  std::string note;          ///< of the window of a layer: its cycles, and whose else they are
};

struct Simulation {
  platform::RunResult result;  ///< of the RTL if it ran
  platform::DramImage image;
  std::string divergence;            ///< both engines: empty if they agree
  std::optional<WaveContents> wave;  ///< if there is a waveform
};

/// Runs `program` on a memory that holds `image`. Each engine runs in its own process, as a rule.
/// Throws Error.
Simulation simulate(const program::Program& program, const arch::ArchConfig& arch,
                    platform::DramImage image, const SimulateOptions& options,
                    const Watcher& watch = {});

/// The same of the model, timing only, in this process and without SystemC (engine::run_kernel).
Simulation time_program(const program::Program& program, const arch::ArchConfig& arch,
                        const SimulateOptions& options);

}  // namespace systole::session
