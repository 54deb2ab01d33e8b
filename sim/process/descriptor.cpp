// SPDX-License-Identifier: Apache-2.0
// Pipes, and reads and writes that interrupts and short counts do not break.
#include "sim/process/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "model/base/error.h"

namespace systole::process {

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);  // the other closes what this one had
  return *this;
}

void Descriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Pipe make_pipe(const std::string& purpose) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(fmt::format("cannot make a pipe for {}: {}", purpose, std::strerror(errno)),
                ExitCode::kStopped);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool write_all(int fd, const void* data, size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t done = ::write(fd, next, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    next += done;
    size -= static_cast<size_t>(done);
  }
  return true;
}

bool write_unsignalled(int fd, const void* data, size_t size) {
  const auto handler = signal(SIGPIPE, SIG_IGN);
  const bool all = write_all(fd, data, size);
  signal(SIGPIPE, handler);
  return all;
}

size_t read_some(int fd, void* data, size_t size) {
  for (;;) {
    const ssize_t done = ::read(fd, data, size);
    if (done < 0 && errno == EINTR) continue;
    return done < 0 ? 0 : static_cast<size_t>(done);
  }
}

bool read_all(int fd, void* data, size_t size) {
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const size_t done = read_some(fd, next, size);
    if (done == 0) return false;
    next += done;
    size -= done;
  }
  return true;
}

}  // namespace systole::process
