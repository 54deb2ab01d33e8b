// SPDX-License-Identifier: Apache-2.0
// How far a shard is, in a text file that those who run it append to and others read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace systole::sweep {

/// A line of the file.
struct ShardState {
  int64_t time = 0;                        ///< seconds since 1970
  std::string name = "waiting";            ///< waiting, running, finished or failed
  size_t done = 0, total = 0, failed = 0;  ///< points
  double rate = 0;                         ///< points a second; 0: unknown
  std::string host = "-";
  int64_t process = 0;
  std::string reason = {};  ///< of a failure
};

/// `state` as of now, by this process, whatever it says of these. Throws Error.
void append_state(const std::filesystem::path& file, ShardState state);

/// The last whole line; nothing if there is none.
std::optional<ShardState> last_state(const std::filesystem::path& file);

}  // namespace systole::sweep
