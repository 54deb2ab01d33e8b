// SPDX-License-Identifier: Apache-2.0
// The cycles of a run that a waveform of a layer or an instruction covers.
#pragma once

#include <string>
#include <vector>

#include "model/program/program.h"
#include "sim/platform/run.h"

namespace systole::session {

/// From a little before the first fetch to a little after the last end.
struct WaveWindow {
  Cycle from = 0, to = 0;
  Cycle fetched = 0;                ///< cycle of the request for the first of its instructions
  Cycle first = 0, last = 0;        ///< its first start and its last end
  std::vector<std::string> others;  ///< printable names of the other layers at work in it
};

/// Of the layer `name` in a run with its logs. Throws Error, which begins with `option`, where the
/// program has no such layer or the run did not come to it.
WaveWindow window_of_layer(const program::Program& program, const platform::RunResult& result,
                           const std::string& name, const std::string& option);
/// Of the instruction `pc`.
WaveWindow window_of_instruction(const program::Program& program, const platform::RunResult& result,
                                 uint32_t pc, const std::string& option);
/// The layers at work from `from` to `to`, in the order of the program.
std::vector<std::string> layers_in(const program::Program& program,
                                   const platform::RunResult& result, Cycle from, Cycle to);

/// "cycles 100 to 900: layer conv1 fetched from cycle 110, at work from 150 to 868; in them also
/// pool1". `what`: "layer conv1".
std::string window_text(const WaveWindow& window, const std::string& what);

}  // namespace systole::session
