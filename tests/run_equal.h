// SPDX-License-Identifier: Apache-2.0
// Two runs of one program that must be the same.
#pragma once

#include <catch2/catch.hpp>

#include "sim/platform/run.h"

namespace systole {

/// But for how long they took on the host, and what only one of the ways to run tells.
inline void check_equal_runs(const platform::RunResult& a, const platform::RunResult& b) {
  CHECK(a.status == b.status);
  CHECK(a.fault == b.fault);
  CHECK(a.fault_pc == b.fault_pc);
  CHECK(a.cycles == b.cycles);
  CHECK(a.counters == b.counters);
  CHECK(a.memory == b.memory);
  CHECK(a.retired == b.retired);
  CHECK(a.dram == b.dram);
  CHECK(a.causes == b.causes);
}

}  // namespace systole
