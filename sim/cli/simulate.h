// SPDX-License-Identifier: Apache-2.0
// Runs a program on the engine or engines that the user chose, and compares them.
#pragma once

#include <string>

#include "sim/cli/wave_option.h"
#include "sim/engine/engine.h"

namespace systole {

struct SimulateOptions {
  std::string engine = "model";  ///< model | rtl | both
  bool functional = true;        ///< model alone: compute data too
  bool count_switching = false;  ///< if data are computed: give RunResult::switching_macs
  Cycle cycle_limit = 0;
  Cycle watchdog = 10000;
  bool allow_large = false;  ///< build RTL arrays that take many minutes
  std::string wave_file;     ///< empty: none
  WaveRequest wave;
};

struct Simulation {
  RunResult result;  ///< of the RTL if it ran
  DramImage image;
  std::string divergence;  ///< both engines: empty if they agree
  std::string wave_note;   ///< of the window of a layer: its cycles, and whose else they are
};

/// Runs `program` on a memory that holds `image`. Each engine runs in its own process. Throws
/// Error.
Simulation simulate(const Program& program, const ArchConfig& arch, DramImage image,
                    const SimulateOptions& options);

}  // namespace systole
