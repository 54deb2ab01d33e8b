// SPDX-License-Identifier: Apache-2.0
// A lock on a directory that commands fill: no file is made for it, and it ends with its process.
#pragma once

#include <filesystem>

namespace systole::cli {

/// Tries to be the only one that writes into `directory`, for as long as this object lives.
class DirectoryLock {
 public:
  /// Waits for another holder for so many seconds at most.
  DirectoryLock(const std::filesystem::path& directory, double seconds);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Another process holds it. A file system without locks: nobody does.
  bool taken_by_another() const { return taken_; }

 private:
  int descriptor_;
  bool taken_ = false;
};

}  // namespace systole::cli
