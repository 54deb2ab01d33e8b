// SPDX-License-Identifier: Apache-2.0
// The files that show a window of the RTL's run: waveform, views, instructions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/cli/output.h"
#include "sim/platform/run.h"
#include "sim/trace/wave_view.h"

namespace systole::cli {

/// The cycles that are looked at, both included.
struct ShownWindow {
  Cycle from = 0, to = 0;
  uint16_t tag = 0;                      ///< of the layer whose instructions have markers
  std::string text;                      ///< what there is to say of it
  std::optional<Cycle> divergence = {};  ///< views begin with the cycles around it
};

struct ShowOptions {
  std::filesystem::path output;  ///< directory
  bool all_signals = false;      ///< not only those that the views show
  bool from_reset = false;       ///< leave snapshots alone
  bool allow_large = false;
  bool quick_build = false;  ///< RTL that is built sooner and simulates slower
  uint64_t reset_seed = 0;
};

/// Runs the RTL over `window`, from the nearest snapshot, and fills options.output. `timed`: the
/// model's run of the same, with its logs. Returns the lines that tell of it. Throws Error.
std::string show_window(const program::Program& program, const arch::ArchConfig& arch,
                        platform::DramImage image, const platform::RunResult& timed,
                        const ShownWindow& window, const ShowOptions& options);

/// Writes the main view, the overview, fitted to `view`, as the file `name`.
void write_main_view(const OutputDirectory& directory, const std::string& name,
                     const trace::WaveView& view);

/// The cycles around a divergence in `cycle` of a run of which `timed` is the model's.
ShownWindow window_around(Cycle cycle, const program::Program& program,
                          const platform::RunResult& timed);

}  // namespace systole::cli
