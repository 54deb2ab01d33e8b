// SPDX-License-Identifier: Apache-2.0
// An instruction that passed the checks of dispatch, as it waits in a unit's queue.
#pragma once

#include <cstdint>

#include "model/isa/any_instruction.h"

namespace systole::core {

/// A set of (port, bank) pairs. Bits 0..15: UB read, 16..31: UB write, 32..33: ACC.
using PortSet = uint64_t;

inline constexpr PortSet kUbReadPorts = 0xffff;
inline constexpr int kUbWriteShift = 16;
inline constexpr int kAccShift = 32;

struct Command {
  uint32_t pc = 0;
  isa::Unit unit = isa::Unit::kFetch;
  uint16_t tag = 0;
  uint16_t wait = 0;
  uint16_t signal = 0;
  PortSet ports = 0;
  isa::AnyInstruction instruction;
};

/// Whether the command only waits and signals.
constexpr bool is_sync(const Command& command) {
  return isa::is_sync(opcode_of(command.instruction));
}

}  // namespace systole::core
