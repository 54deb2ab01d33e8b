// SPDX-License-Identifier: Apache-2.0
// Output files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/destination.h"
#include "sim/process/child.h"

namespace systole::cli {

/// Writes `bytes` to `target`: to a file through a temporary one beside it, to anything else as it
/// is; "-" is standard output.
void write_output(const std::filesystem::path& target, std::string_view bytes);

/// Where files may lie that nobody asked for: what TMPDIR names, if that is a directory, or /tmp.
std::filesystem::path place_of_scratch();

/// A directory for unfinished files. It disappears with this object, and when this process and the
/// simulations that it forked have been killed.
class UnfinishedFiles {
 public:
  /// Made in `parent`; errors name `target`, whose files they are.
  UnfinishedFiles(const std::filesystem::path& parent, const std::filesystem::path& target);
  ~UnfinishedFiles();
  UnfinishedFiles(const UnfinishedFiles&) = delete;
  UnfinishedFiles& operator=(const UnfinishedFiles&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
  process::Descriptor guardian_pipe_;  ///< the guardian acts when no process holds it any more
  process::Child guardian_;
};

/// A file that is written under a temporary name; `commit` puts it where it belongs. A target that
/// is no regular file, a pipe or a device, gets the finished bytes.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path target);
  /// Where to write it for now.
  std::filesystem::path path() const { return temporary_.path() / "unfinished"; }
  void write(std::string_view bytes) const;
  void commit();

 private:
  const std::filesystem::path target_;
  const UnfinishedFiles temporary_;
};

/// A directory that is filled under a temporary name in it, or beside it; `commit` moves its files
/// to where they belong, the destructor removes what was not committed.
class OutputDirectory {
 public:
  explicit OutputDirectory(std::filesystem::path target);

  /// Where to write the file `name` for now. Throws Error if it could not be put into the
  /// directory.
  std::filesystem::path path(const std::string& name) const;
  void write(const std::string& name, std::string_view bytes) const;
  /// Names of what was written so far, sorted.
  std::vector<std::string> names() const;
  /// The directory itself, which need not be there yet.
  const std::filesystem::path& target() const { return target_; }
  /// `earlier`: names of files that an earlier command put there. They are removed, but for those
  /// that are replaced; `last` is put there after all others.
  void commit(const std::vector<std::string>& earlier = {}, const std::string& last = "");

 private:
  const std::filesystem::path named_, target_;
  const UnfinishedFiles temporary_;
};

}  // namespace systole::cli
