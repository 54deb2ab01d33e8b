// SPDX-License-Identifier: Apache-2.0
// Standard output, which must be written or the command fails, and standard error, which need not.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "model/base/error.h"

namespace systole::cli {

/// Standard output could not be written.
class StandardOutputError : public Error {
 public:
  using Error::Error;
};

/// Once, before any file is opened: a descriptor of the three that is closed is taken, so that no
/// other file gets its number, and stays of no use. A reader of standard output that leaves
/// (`| head`) is an error of the write from now on, not the end of this process.
void hold_standard_streams();

/// Writes to standard output; throws StandardOutputError.
void print_out(std::string_view text);
template <typename... Values>
void print_out(fmt::format_string<Values...> format, Values&&... values) {
  print_out(std::string_view(fmt::format(format, std::forward<Values>(values)...)));
}
/// What was printed reaches its reader now; throws StandardOutputError.
void flush_out();

/// Writes to standard error. If that fails, nobody is left to be told.
void print_err(std::string_view text);
template <typename... Values>
void print_err(fmt::format_string<Values...> format, Values&&... values) {
  print_err(std::string_view(fmt::format(format, std::forward<Values>(values)...)));
}

/// Prints what a command reports while it works. If it writes files too, it goes on for their sake
/// where standard output fails, and `close_out` tells.
class Say {
 public:
  Say(bool quiet, bool writes_files) : quiet_(quiet), writes_files_(writes_files) {}
  void operator()(std::string_view text) const;

 private:
  const bool quiet_, writes_files_;
};

/// At the end of the process: the error of the first write that failed, or "" if all of it was
/// written. Where the reader has left, ends the process by SIGPIPE as other programs end.
std::string close_out();

}  // namespace systole::cli
