// SPDX-License-Identifier: Apache-2.0
// The option --wave [FROM:TO | layer NAME], which takes none, one or two words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/core/events.h"

namespace systole {

/// The cycles a waveform covers: all, a window, or those of a layer.
struct WaveRequest {
  Cycle from = 0;
  Cycle to = ~Cycle{0};
  std::string layer;  ///< not empty: from and to are still to be found
};

/// Joins "--wave FROM:TO" and "--wave layer NAME" to one word each, and gives a lone "--wave" the
/// value "all", so that a network named after it is not taken for its value.
std::vector<std::string> join_wave_words(const std::vector<std::string>& arguments);

/// The window that the joined word's value names. Throws Error.
WaveRequest parse_wave(const std::string& value);

}  // namespace systole
