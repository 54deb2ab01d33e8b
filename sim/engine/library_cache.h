// SPDX-License-Identifier: Apache-2.0
// The user's directory of built libraries: where it is, whom it must belong to, and its locks.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace systole::engine {

/// $SYSTOLE_CACHE, or "systole" in $XDG_CACHE_HOME or ~/.cache; absolute. Throws Error.
std::filesystem::path find_library_cache();

/// Makes the directory, for its owner to write alone, if it is not there. Throws Error.
void make_library_cache(const std::filesystem::path& directory);

/// Code is loaded from here: throws Error if `path`, the cache or a library in it, belongs to
/// somebody else than this user or root, or can be written by everybody.
void require_own(const std::filesystem::path& path);

/// Holds an exclusive lock on a file for its lifetime; the kernel releases that of a dead process.
class FileLock {
 public:
  /// Waits at most `patience` seconds for another holder, with a line that names it on a terminal,
  /// then throws Error that does.
  FileLock(const std::filesystem::path& path, double patience);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// The lock, or null if another holds it. Throws Error if the file cannot be written.
  static std::unique_ptr<FileLock> try_lock(const std::filesystem::path& path);

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Whether `path` still names the file that is open as `descriptor`: it may have been removed or
/// replaced since.
bool still_names(const std::filesystem::path& path, int descriptor);

}  // namespace systole::engine
