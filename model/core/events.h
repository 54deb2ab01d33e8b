// SPDX-License-Identifier: Apache-2.0
// What both engines log: retired instructions, DRAM bursts, and the cause of every cycle.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "model/base/cycle.h"
#include "model/isa/causes.h"
#include "model/isa/isa.h"

namespace systole::core {

/// One retired instruction.
struct RetireEvent {
  uint32_t pc = 0;
  isa::Unit unit = isa::Unit::kFetch;
  uint16_t tag = 0;
  Cycle start = 0;
  Cycle end = 0;
  bool operator==(const RetireEvent&) const = default;
};

/// One burst as first seen on the AXI bus.
struct DramEvent {
  Cycle cycle = 0;
  uint32_t addr = 0;  ///< address of the first beat (aligned to the bus)
  uint16_t beats = 0;
  bool write = false;
  bool operator==(const DramEvent&) const = default;
};

/// From `cycle` on a unit spends its cycles for `cause`, until its next event.
struct CauseEvent {
  Cycle cycle : 56;
  uint64_t cause : 8;  ///< isa::Cause
  bool operator==(const CauseEvent&) const = default;
};
/// The changes of each unit, by isa::Unit. A unit without an event so far is idle; neighbours
/// differ.
using CauseLog = std::array<std::vector<CauseEvent>, isa::kUnits>;

/// Events of a run, in the order they happened.
struct RunLog {
  bool enabled = true;
  std::vector<RetireEvent> retired;
  std::vector<DramEvent> dram;
  CauseLog causes;
};

/// Products of which neither the weight is 0 nor the activation the zero point, which is the
/// matmul's pad byte, by the tag of the instruction. Products of one bit have no 0: all are counted
/// that the array can make.
using MacsByTag = std::map<uint16_t, int64_t>;

}  // namespace systole::core
