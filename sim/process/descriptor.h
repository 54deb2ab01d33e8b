// SPDX-License-Identifier: Apache-2.0
// File descriptors that close themselves, and pipes of two of them.
#pragma once

#include <cstddef>
#include <string>

namespace systole::process {

/// A file descriptor, closed with this object.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }
  void close();

 private:
  int fd_ = -1;  ///< -1: none
};

/// What is written to one end is read from the other. Tools that are started do not inherit it,
/// forked processes do.
struct Pipe {
  Descriptor read_end, write_end;
};

/// Throws Error (stopped): "cannot make a pipe for PURPOSE: REASON".
Pipe make_pipe(const std::string& purpose);

/// Writes all of it; false if nobody reads any more. SIGPIPE must be ignored.
bool write_all(int fd, const void* data, size_t size);

/// The same where SIGPIPE may not be ignored; without threads that write.
bool write_unsignalled(int fd, const void* data, size_t size);

/// Reads what there is, waiting for a first byte: the bytes read, 0 at the end.
size_t read_some(int fd, void* data, size_t size);

/// Reads exactly so many bytes; false if the end comes before.
bool read_all(int fd, void* data, size_t size);

}  // namespace systole::process
