// SPDX-License-Identifier: Apache-2.0
// Whether a waveform was written to its end: its writer does not tell of a full disk.
#pragma once

#include <filesystem>

namespace systole::engine {

/// Whether `file` is an FST whose blocks, each with its length, make up the whole file.
bool is_whole_waveform(const std::filesystem::path& file);

}  // namespace systole::engine
