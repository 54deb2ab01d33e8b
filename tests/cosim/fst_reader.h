// SPDX-License-Identifier: Apache-2.0
// What a waveform holds, by GTKWave's own reader of FST, which comes with Verilator.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace systole {

struct FstContents {
  /// "sys_core.cycle_o[47:0]" as views have it, and how often the signal changed in the file.
  std::map<std::string, int> signals;
  /// The texts of the enumeration that a signal is.
  std::map<std::string, std::set<std::string>> texts;
};

/// Throws std::runtime_error if `file` is no FST.
FstContents read_fst(const std::filesystem::path& file);

}  // namespace systole
