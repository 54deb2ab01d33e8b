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

/// A directory that is filled under a temporary name beside it; `commit` moves its files to where
/// they belong, the destructor removes what was not committed.
class OutputDirectory {
 public:
  explicit OutputDirectory(std::filesystem::path target);
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  /// Where to write the file `name` for now.
  std::filesystem::path path(const std::string& name) const { return temporary_ / name; }
  void write(const std::string& name, std::string_view bytes) const;
  void commit();

 private:
  const std::filesystem::path target_;
  const std::filesystem::path temporary_;
  int guardian_pipe_ = -1;  ///< the guardian acts when no process holds it any more
  pid_t guardian_ = -1;
};

}  // namespace systole
