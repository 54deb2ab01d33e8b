// SPDX-License-Identifier: Apache-2.0
// A burst that a memory is asked for, and when it crosses the bus.
#pragma once

#include <cstdint>

#include "model/base/cycle.h"

namespace systole::memory {

/// A burst as the memory sees it in the first cycle that AR or AW is on the bus.
struct BurstRequest {
  Cycle cycle = 0;
  uint64_t addr = 0;  ///< of the first beat
  int beats = 1;
  bool write = false;
};

/// The memory's answer to a burst (docs/timing.md, "Burst reader" and "Store").
struct BurstTiming {
  Cycle accept = 0;  ///< cycle in which AR or AW is accepted
  Cycle first = 0;   ///< cycle of the first beat
  Cycle last = 0;    ///< cycle of the last beat
  bool error = false;
};

}  // namespace systole::memory
