// SPDX-License-Identifier: Apache-2.0
// What is done to a finished waveform: its writer does not tell of a full disk, and writes the
// date.
#pragma once

#include <filesystem>

namespace systole::engine {

/// Whether `file` is an FST whose blocks, each with its length, make up the whole file.
bool is_whole_waveform(const std::filesystem::path& file);

/// Empties the date in the head of the FST `file`, so that equal runs give equal files.
void clear_waveform_date(const std::filesystem::path& file);

}  // namespace systole::engine
