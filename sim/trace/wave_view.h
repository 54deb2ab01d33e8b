// SPDX-License-Identifier: Apache-2.0
// Views for GTKWave that fit a run: its hardware, its window, its layers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/isa/isa.h"
#include "sim/platform/wave_words.h"
#include "sim/trace/traced_run.h"

namespace systole::trace {

/// A place in time that GTKWave marks.
struct WaveMarker {
  Cycle cycle = 0;
  std::string name;
};

/// Where layers that have a name begin to be at work in the window and end, then where instructions
/// of `shown` (a tag) do, as many as GTKWave has letters for; in the order of time.
std::vector<WaveMarker> wave_markers(const TracedRun& run, Cycle from, Cycle to, uint16_t shown);

struct WaveView {
  const isa::HwParams& hw;
  const platform::WaveWords& words;
  const std::vector<WaveMarker>& markers;
  Cycle from = 0, to = 0;  ///< what GTKWave shows at first
  double cycle_ps = 1000;
  std::string instructions;          ///< file of filter_text, as GTKWave is to open it
  std::optional<Cycle> cursor = {};  ///< none: at `from`
};

/// What GTKWave shows in place of program counters: the instructions of `run` in the window, a line
/// each.
std::string filter_text(const TracedRun& run, Cycle from, Cycle to);

/// `text` is a view of waveforms/, which has the widths of edge-16x16: the same with those of
/// `view`, its words for each unit in front, and its markers. `words`: whether they are wanted.
std::string fitted_view(std::string_view text, const WaveView& view, bool words);

}  // namespace systole::trace
