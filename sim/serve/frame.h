// SPDX-License-Identifier: Apache-2.0
// Messages on a pipe: the length in four bytes, little-endian, then JSON in UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace systole::serve {

inline constexpr uint32_t kLongestMessage = 64u << 20;

/// The next message of `fd`; none: the stream has ended. A longer one than kLongestMessage is read
/// over. Throws Error that says so.
std::optional<std::string> read_message(int fd);

/// False: nobody reads any more.
bool write_message(int fd, const std::string& text);

}  // namespace systole::serve
