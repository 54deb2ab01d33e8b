// SPDX-License-Identifier: Apache-2.0
// Messages on a pipe: the length in four bytes, little-endian, then JSON in UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/base/error.h"

namespace systole::serve {

inline constexpr uint32_t kLongestMessage = 64u << 20;

/// The stream is no sequence of messages: nothing behind can be made sense of.
class BrokenStream : public Error {
 public:
  using Error::Error;
};

/// The messages of a stream, and where each begins.
class MessageReader {
 public:
  explicit MessageReader(int fd) : fd_(fd) {}

  /// The next one; none: the stream has ended where one might begin. Throws Error for one that is
  /// longer than kLongestMessage, which the next call reads over; BrokenStream where the stream
  /// ends within a message, or cannot be read.
  std::optional<std::string> next();

 private:
  [[noreturn]] void fail_within(uint64_t length, uint64_t read) const;
  size_t read(char* data, size_t size) const;
  void read_over();

  const int fd_;
  uint64_t begin_ = 0;  ///< of the message that is read, in bytes of the stream
  uint64_t over_ = 0;   ///< bytes of it to be read over
};

/// False: nobody reads any more.
bool write_message(int fd, const std::string& text);

}  // namespace systole::serve
