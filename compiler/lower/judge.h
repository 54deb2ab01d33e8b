// SPDX-License-Identifier: Apache-2.0
// What a program takes, told by the core's own kernel: the compiler's last judge.
#pragma once

#include <vector>

#include "model/arch/arch.h"
#include "model/core/events.h"
#include "model/program/program.h"

namespace systole::lower {

struct Verdict {
  Cycle cycles = 0;  ///< those of a run; kNever if `limit` or a fault stopped it
  std::vector<core::RetireEvent> retired;  ///< if asked for: in the order of their ends
};

/// Runs `program` on `arch`, timing only, on the kernel that `systole run` simulates with and the
/// timing model of the memory: cycles are those of a run, to the cycle. Stops after `limit` cycles
/// (0: never).
Verdict judge(const program::Program& program, const arch::ArchConfig& arch, Cycle limit = 0,
              bool keep_log = false);

}  // namespace systole::lower
