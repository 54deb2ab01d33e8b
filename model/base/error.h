// SPDX-License-Identifier: Apache-2.0
// The one error type: a message for the user and the exit code that main returns for it.
#pragma once

#include <stdexcept>
#include <string>

namespace systole {

/// Exit codes of the command line (docs/configuration.md).
enum class ExitCode : int {
  kFine = 0,
  kDifference = 1,  ///< two engines, or an engine and the golden executor, differ
  kBadInput = 2,    ///< a file, key, value or argument is wrong
  kCannotCompile = 3,
  kStopped = 4,        ///< fault, watchdog or cycle limit
  kInternal = 5,       ///< a fault of Systole's own
  kIncomplete = 6,     ///< a sweep has points that could not be run
  kInterrupted = 130,  ///< SIGINT (128 + 2); SIGTERM ends with 143
};

/// Message: lower-case start, no full stop, says what, where and what was expected.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::kBadInput)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }
  /// A fault of ours, which is for nobody to work around.
  bool is_internal() const { return code_ == ExitCode::kInternal; }

 private:
  ExitCode code_;
};

/// What should not be possible, whatever the input: `what` broke and where. The top level adds that
/// this is a fault of Systole, to be reported.
inline Error internal_error(const std::string& what) {
  return Error("internal error: " + what, ExitCode::kInternal);
}

}  // namespace systole
