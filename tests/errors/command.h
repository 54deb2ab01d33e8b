// SPDX-License-Identifier: Apache-2.0
// Runs the real program in an empty directory and keeps what it said, how it ended and what it left
// behind.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace systole {

struct CommandResult {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out, err;
};

/// A temporary directory for one test; removed at the end.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  /// Writes a file into it; returns its name.
  std::string write(const std::string& name, std::string_view bytes) const;
  /// Runs `systole arguments...` in it.
  CommandResult run(const std::vector<std::string>& arguments) const;
  /// Runs a script of /bin/sh in it, in which $SYSTOLE is the program.
  CommandResult shell(const std::string& script) const;
  /// Runs it in the background and sends SIGINT once `when` says so, asked every 10 ms.
  CommandResult interrupt(const std::vector<std::string>& arguments,
                          const std::function<bool()>& when) const;
  /// Names of the files in it, hidden ones too, sorted, those written by `write` left out.
  std::vector<std::string> left_behind() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  /// Runs `arguments`; `meanwhile` (may be empty) sees the process's id while it runs.
  CommandResult run(const std::vector<std::string>& arguments,
                    const std::function<void(int)>& meanwhile) const;
  const std::filesystem::path path_;
  mutable std::vector<std::string> written_;
};

/// Before a command of a script: it runs as a user who owns nothing, where this one is root.
inline const std::string kAsSomeone = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
/// Whether that can be done here, and that user can read the program and its data.
bool can_run_as_someone(const Workplace& place);

/// The bytes of a file; nothing if it is not there.
std::string read_file(const std::filesystem::path& file);
/// The bytes of a file of the source tree's tests/data.
std::string test_data(const std::string& name);
/// Its path.
std::string test_data_path(const std::string& name);

/// Standard error but for the warning of a sweep or a study that given clocks are above what is
/// derived, which stock architectures have.
std::string without_clock_warning(const std::string& err);

/// Checks that `arguments` end with `exit_code`, say exactly "systole: message\n" on stderr, and
/// leave no file.
void check_refused(const Workplace& place, const std::vector<std::string>& arguments, int exit_code,
                   const std::string& message);

}  // namespace systole
