// SPDX-License-Identifier: Apache-2.0
// Runs a simulation in a process of its own: SystemC's kernel is global, and crashes stay
// contained.
#pragma once

#include "sim/engine/engine.h"

namespace systole::engine {

/// As engine.run, in a forked child; any number of times. `dram` receives the memory image. Throws
/// the Error that the child threw, or one that names the signal if the child was killed. The child
/// dies with its parent.
platform::RunResult run_in_process(Engine& engine, const program::Program& program,
                                   platform::DramImage& dram, const platform::RunOptions& options);

/// As engine.run, here: in a process that has run no simulation, and will run no other. Throws
/// Error that names the engine for whatever it throws.
platform::RunResult run_here(Engine& engine, const program::Program& program,
                             platform::DramImage& dram, const platform::RunOptions& options);

}  // namespace systole::engine
