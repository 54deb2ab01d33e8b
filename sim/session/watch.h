// SPDX-License-Identifier: Apache-2.0
// How far the long tasks of a session are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace systole::session {

/// `done` units of a task are done.
struct Advance {
  std::string task, unit;  ///< "calibrating", "operators"
  uint64_t done = 0;
  uint64_t total = 0;    ///< 0: unknown
  double fraction = -1;  ///< of the work, where the total is unknown; negative: unknown too
};

/// Called often; empty: nobody looks.
using Watcher = std::function<void(const Advance&)>;

}  // namespace systole::session
