// SPDX-License-Identifier: Apache-2.0
// Reads and writes the length, byte by byte the same on any machine.
#include "sim/serve/frame.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "sim/process/descriptor.h"

namespace systole::serve {
namespace {

using Prefix = std::array<char, 4>;

constexpr const char* kExpected =
    "expected the length in four bytes, little-endian, at most 67108864, then so much JSON";
static_assert(kLongestMessage == 67'108'864);

}  // namespace

/// Fewer than `size`: the stream has ended.
size_t MessageReader::read(char* data, size_t size) const {
  size_t all = 0;
  while (all < size) {
    const ssize_t some = ::read(fd_, data + all, size - all);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0)
      throw BrokenStream(
          fmt::format("--stdio: byte {}: cannot be read: {}", begin_ + all, std::strerror(errno)));
    if (some == 0) break;
    all += static_cast<size_t>(some);
  }
  return all;
}

void MessageReader::fail_within(uint64_t length, uint64_t read) const {
  throw BrokenStream(
      fmt::format("--stdio: byte {}: the stream ends after {} of the {} bytes of a message, {}",
                  begin_, read, length, kExpected));
}

void MessageReader::read_over() {
  std::array<char, 1 << 16> scratch;
  for (uint64_t left = over_; left > 0;) {
    const size_t part = std::min<uint64_t>(left, scratch.size());
    const size_t some = read(scratch.data(), part);
    left -= some;
    if (some < part) fail_within(over_, over_ - left);
  }
  begin_ += Prefix().size() + over_;
  over_ = 0;
}

std::optional<std::string> MessageReader::next() {
  if (over_ > 0) read_over();
  Prefix prefix;
  const size_t some = read(prefix.data(), prefix.size());
  if (some == 0) return std::nullopt;
  if (some < prefix.size())
    throw BrokenStream(fmt::format("--stdio: byte {}: the stream ends after {}, {}", begin_,
                                   some == 1 ? "1 byte" : fmt::format("{} bytes", some),
                                   kExpected));
  uint32_t length = 0;
  for (size_t i = 0; i < prefix.size(); ++i)
    length |= uint32_t{static_cast<unsigned char>(prefix[i])} << (8 * i);
  if (length > kLongestMessage) {
    over_ = length;
    throw Error(
        fmt::format("--stdio: byte {}: a message of {} bytes, {}", begin_, length, kExpected));
  }
  std::string text(length, '\0');
  if (const size_t got = read(text.data(), text.size()); got < length) fail_within(length, got);
  begin_ += prefix.size() + length;
  return text;
}

bool write_message(int fd, const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < Prefix().size(); ++i)
    bytes += static_cast<char>(text.size() >> (8 * i) & 0xff);
  bytes += text;
  return process::write_all(fd, bytes.data(), bytes.size());
}

}  // namespace systole::serve
