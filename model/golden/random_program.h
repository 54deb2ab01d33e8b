// SPDX-License-Identifier: Apache-2.0
// Random programs, legal but hostile, for co-simulation: any hardware parameters, reproducible by
// seed.
#pragma once

#include <cstdint>

#include "model/isa/isa.h"
#include "model/program/program.h"

namespace systole::golden {

struct RandomOptions {
  int min_instructions = 10;
  int max_instructions = 60;  ///< about; what an instruction needs is added to it
  int64_t cycles = 20000;     ///< about: no more work is added beyond this estimate
  int fault_percent = 20;     ///< programs that end in a fault
  /// Programs with bus errors use addresses from here on; the memory must answer them with an
  /// error.
  uint32_t error_address = 0xc0000000u;
};

/// A program that check_legality accepts, that never deadlocks, and whose results are stored to
/// DRAM. The same arguments give the same program on every platform.
program::Program random_program(const isa::HwParams& hw, uint64_t seed,
                                const RandomOptions& options = {});

}  // namespace systole::golden
