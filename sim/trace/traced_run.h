// SPDX-License-Identifier: Apache-2.0
// What traces are made of: a program, the architecture it ran on, and the run with its logs.
#pragma once

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/platform/run.h"

namespace systole::trace {

/// All three outlive it.
struct TracedRun {
  const program::Program& program;
  const arch::ArchConfig& arch;
  const platform::RunResult& result;  ///< with its logs
};

}  // namespace systole::trace
