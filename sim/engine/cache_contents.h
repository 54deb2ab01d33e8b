// SPDX-License-Identifier: Apache-2.0
// What the directory of built libraries holds, and how it is emptied without harm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole::engine {

/// A library of the cache with the files beside it, or what a build has left that did not end.
struct CachedLibrary {
  enum class State { kIdle, kInUse, kBuilding, kUnfinished };
  std::string name;  ///< "core-16x16-HASH", "core-16x16-trace-HASH", "core-16x16-debug-HASH"
  State state = State::kIdle;
  uint64_t bytes = 0;         ///< of all its files
  double unused_seconds = 0;  ///< since a process loaded it last, or since it was built

  bool has_waves() const { return name.find("-trace-") != std::string::npos; }
  /// "16x16".
  std::string array() const;
};

/// The libraries in `directory`, by name; files of other names are not Systole's. None if it is not
/// there. Throws Error: it is a file, or cannot be read.
std::vector<CachedLibrary> cached_libraries(const std::filesystem::path& directory);

/// Removes the library `name` with all its files. Returns whether it did: not while a process has
/// it loaded or builds it. Throws Error if files cannot be removed.
bool remove_library(const std::filesystem::path& directory, const std::string& name);

}  // namespace systole::engine
