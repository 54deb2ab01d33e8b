// SPDX-License-Identifier: Apache-2.0
// Writes the standard streams and remembers what failed.
#include "sim/cli/streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace systole::cli {
namespace {

// Of the process, as stdout itself is: the reason why it could not be written, 0 so far none.
int failure = 0;                // NOLINT
bool sigpipe_was_ours = false;  // NOLINT: not ignored by whoever started this process

std::string failure_text() {
  return fmt::format("standard output cannot be written: {}", std::strerror(failure));
}

void check(bool written) {
  if (!written && failure == 0) failure = errno == 0 ? EIO : errno;
  if (failure != 0) throw StandardOutputError(failure_text());
}

}  // namespace

void hold_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // Opened the wrong way round: reading, or writing, fails as on a closed one. The lower ones are
    // taken, so this one gets the number.
    if (open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) != stream)
      throw Error("/dev/null: cannot be opened in place of a closed standard stream");
  }
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the shell's limit is an error of its write
  sigpipe_was_ours = std::signal(SIGPIPE, SIG_IGN) != SIG_IGN;
}

void print_out(std::string_view text) {
  if (text.empty()) return;
  errno = 0;
  check(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void flush_out() {
  errno = 0;
  check(std::fflush(stdout) == 0 && std::ferror(stdout) == 0);
}

void print_err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void Say::operator()(std::string_view text) const {
  if (quiet_) return;
  try {
    print_out(text);
    flush_out();
  } catch (const StandardOutputError&) {
    if (!writes_files_) throw;
  }
}

std::string close_out() {
  try {
    flush_out();
  } catch (const StandardOutputError&) {
    if (failure == EPIPE && sigpipe_was_ours) {
      std::signal(SIGPIPE, SIG_DFL);
      std::raise(SIGPIPE);
    }
  }
  return failure == 0 ? "" : failure_text();
}

}  // namespace systole::cli
