// SPDX-License-Identifier: Apache-2.0
// Which of the gates and flip-flops switch when a unit is used, and in every cycle (docs/energy.md,
// "What is counted").
#pragma once

#include <cstdint>

#include "model/isa/isa.h"
#include "sim/energy/gates.h"

namespace systole::energy {

/// Gates that one use of what is no arithmetic switches: all of an option, of multiplexers one way
/// through them.
struct SwitchedGates {
  double selection = 0;              ///< 2:4, in an element
  double expanded_activation = 0;    ///< of a byte of a UB word
  double unified_buffer_access = 0;  ///< of a word, on its way to a bank or from it
  double expanded_weight = 0, codebook_weight = 0, masked_weight = 0, structured_weight = 0;
  double dma_buffer_byte = 0;  ///< shifted on its way into a burst slot, or out of it
  double queue_read = 0;       ///< of an instruction
};
SwitchedGates switched_gates(const GateTable& table, const isa::HwParams& hw);

/// Flip-flops of the units but for those of the array and those that hold words (queues, burst
/// slots, tables, the line): these are clocked when they are written, which events tell.
int64_t unit_registers(const GateTable& table, const isa::HwParams& hw);

}  // namespace systole::energy
