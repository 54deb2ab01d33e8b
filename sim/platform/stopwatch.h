// SPDX-License-Identifier: Apache-2.0
// How long something took.
#pragma once

#include <ctime>

namespace systole::platform {

/// Started when it is made.
class Stopwatch {
 public:
  /// In seconds.
  struct Times {
    double elapsed = 0;
    double cpu = 0;  ///< of this process
  };

  Times times() const {
    return {seconds(CLOCK_MONOTONIC) - begin_.elapsed,
            seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_.cpu};
  }

 private:
  static double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  const Times begin_{seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
};

}  // namespace systole::platform
