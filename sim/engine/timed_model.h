// SPDX-License-Identifier: Apache-2.0
// The engine `model` without its platform: for many runs of which only the time is asked.
#pragma once

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/platform/run.h"

namespace systole::engine {

/// What make_model_engine(arch)->run gives, timing only, of a memory that holds nothing but the
/// program; in this process, any number of times. Of `options` the limit, the watchdog and
/// keep_logs count. Throws Error for hardware that cannot be.
platform::RunResult run_kernel(const program::Program& program, const arch::ArchConfig& arch,
                               const platform::RunOptions& options);

}  // namespace systole::engine
