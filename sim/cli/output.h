// SPDX-License-Identifier: Apache-2.0
// Output files that appear whole or not at all.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace systole {

/// Throws Error if a file or directory `target` cannot be made, before any work is done for it.
void check_creatable(const std::filesystem::path& target);

/// Writes `bytes` to `target` through a temporary file beside it; "-" is standard output.
void write_output(const std::filesystem::path& target, std::string_view bytes);

/// A directory beside `target` for unfinished files. It disappears with this object, and when this
/// process and the simulations that it forked have been killed.
class UnfinishedFiles {
 public:
  explicit UnfinishedFiles(const std::filesystem::path& target);
  ~UnfinishedFiles();
  UnfinishedFiles(const UnfinishedFiles&) = delete;
  UnfinishedFiles& operator=(const UnfinishedFiles&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
  int guardian_pipe_ = -1;  ///< the guardian acts when no process holds it any more
  pid_t guardian_ = -1;
};

/// A file that is written under a temporary name; `commit` puts it where it belongs.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path target);
  /// Where to write it for now.
  std::filesystem::path path() const { return temporary_.path() / target_.filename(); }
  void commit();

 private:
  const std::filesystem::path target_;
  const UnfinishedFiles temporary_;
};

/// A directory that is filled under a temporary name beside it; `commit` moves its files to where
/// they belong, the destructor removes what was not committed.
class OutputDirectory {
 public:
  explicit OutputDirectory(std::filesystem::path target);

  /// Where to write the file `name` for now.
  std::filesystem::path path(const std::string& name) const { return temporary_.path() / name; }
  void write(const std::string& name, std::string_view bytes) const;
  void commit();

 private:
  const std::filesystem::path target_;
  const UnfinishedFiles temporary_;
};

}  // namespace systole
