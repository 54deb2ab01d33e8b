// SPDX-License-Identifier: Apache-2.0
// The option --wave [FROM:TO | layer NAME], which takes none, one or two words.
#pragma once

#include <string>
#include <vector>

#include "sim/session/simulate.h"

namespace systole::cli {

/// Joins "--wave FROM:TO" and "--wave layer NAME" to one word each, and gives a lone "--wave" the
/// value "all", so that a network named after it is not taken for its value.
std::vector<std::string> join_wave_words(const std::vector<std::string>& arguments);

/// "FROM:TO", either of which may be left out. Throws Error, which names `option` and what is
/// `expected`.
session::WaveRequest parse_wave_window(const std::string& value, const std::string& option,
                                       const char* expected = "FROM:TO in cycles");

/// The window that the joined word's value names. Throws Error.
session::WaveRequest parse_wave(const std::string& value);

}  // namespace systole::cli
