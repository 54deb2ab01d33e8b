// SPDX-License-Identifier: Apache-2.0
// The words of a waveform as the verilated library takes them.
#pragma once

#include <vector>

#include "sim/platform/wave_words.h"
#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// Holds the tables that a verilated::WaveStory points to.
class WaveStoryTables {
 public:
  /// `words` and this outlive what it returns.
  const verilated::WaveStory& fill(const platform::WaveWords& words);

 private:
  verilated::WaveTexts list(const std::vector<std::string>& texts);

  std::vector<std::vector<const char*>> lists_;
  std::vector<verilated::WaveInstruction> code_;
  std::vector<verilated::WaveRange> ranges_;
  verilated::WaveStory story_;
};

/// The scopes that hold the signals of waveforms/*.gtkw, as verilated::WaveOptions has them.
const verilated::WaveTexts& view_scopes();

}  // namespace systole::engine
