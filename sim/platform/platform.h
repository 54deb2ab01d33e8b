// SPDX-License-Identifier: Apache-2.0
// The SystemC top: a core, whichever engine it is, its DRAM and its host.
#pragma once

#include <functional>
#include <memory>

#include "model/arch/arch.h"
#include "model/core/core_module.h"
#include "model/program/program.h"
#include "sim/platform/dram_image.h"
#include "sim/platform/run.h"

namespace systole::platform {

/// Makes the core during elaboration, with the period of its clock.
using CoreFactory =
    std::function<std::unique_ptr<core::CoreModule>(const sc_core::sc_time& period)>;

/// A run that goes on in its middle: `make_core` gives a core that is at work, `dram` holds what
/// was written so far.
struct Resumption {
  const std::vector<core::DramEvent>& bursts;  ///< all that the memory was asked for, in order
  ByteRange written;
};

/// Simulates `program` on `make_core`'s core with `dram` as memory, in place. Once per process
/// (SystemC's kernel is global); throws Error on a second call, or if the simulation itself fails.
RunResult run_platform(const arch::ArchConfig& arch, const program::Program& program,
                       DramImage& dram, const RunOptions& options, const CoreFactory& make_core,
                       const Resumption* resumption = nullptr);

}  // namespace systole::platform
