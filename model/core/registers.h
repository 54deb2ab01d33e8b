// SPDX-License-Identifier: Apache-2.0
// The registers of a core that say where its instructions are: what a debugger shows, of either
// engine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/base/cycle.h"
#include "model/core/command.h"

namespace systole::core {

/// An instruction from its start to its end.
struct FlyingInstruction {
  uint32_t pc = 0;
  Cycle start = 0;
  bool operator==(const FlyingInstruction&) const = default;
};

/// Of the front of a unit (docs/timing.md, "Issue").
struct FrontRegisters {
  enum class State : uint8_t { kWait, kLock, kRun };
  State state = State::kWait;
  uint32_t pc = 0;                        ///< of the instruction in LOCK or RUN; 0 in WAIT
  std::vector<uint32_t> queue;            ///< oldest first
  std::vector<FlyingInstruction> flying;  ///< oldest first
  PortSet held = 0;
  bool operator==(const FrontRegisters&) const = default;
};

/// As they stand in a cycle: what its decisions are made on.
struct Registers {
  uint32_t dispatched = 0;                           ///< instructions
  std::array<FrontRegisters, isa::kUnits> fronts{};  ///< by isa::Unit; that of fetch is empty
  std::array<std::array<uint16_t, isa::kUnits>, isa::kUnits> tokens{};  ///< [producer][consumer]
  int ready_tiles = 0;                                                  ///< of the ring: complete
  int free_tiles = 0;                                                   ///< of the ring: credits
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;  ///< 0 without a fault
  bool operator==(const Registers&) const = default;
};

}  // namespace systole::core
