// SPDX-License-Identifier: Apache-2.0
// Reads and writes the length, byte by byte the same on any machine.
#include "sim/serve/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/base/error.h"
#include "sim/process/descriptor.h"

namespace systole::serve {
namespace {

using Prefix = std::array<unsigned char, 4>;

/// False: the stream has ended before.
bool read_over(int fd, uint64_t bytes) {
  std::array<char, 1 << 16> scratch;
  while (bytes > 0) {
    const size_t part = std::min<uint64_t>(bytes, scratch.size());
    if (!process::read_all(fd, scratch.data(), part)) return false;
    bytes -= part;
  }
  return true;
}

}  // namespace

std::optional<std::string> read_message(int fd) {
  Prefix prefix;
  if (!process::read_all(fd, prefix.data(), prefix.size())) return std::nullopt;
  uint32_t length = 0;
  for (size_t i = 0; i < prefix.size(); ++i) length |= uint32_t{prefix[i]} << (8 * i);
  if (length > kLongestMessage) {
    if (!read_over(fd, length)) return std::nullopt;
    throw Error(fmt::format("message: {} bytes, expected at most {}", length, kLongestMessage));
  }
  std::string text(length, '\0');
  if (!process::read_all(fd, text.data(), text.size())) return std::nullopt;
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
