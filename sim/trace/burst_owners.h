// SPDX-License-Identifier: Apache-2.0
// Which instruction each burst of a DRAM log belongs to.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// A burst without the bytes of its beats that nobody wants, and who asked for it.
struct BurstOwner {
  uint32_t addr = 0;   ///< of its first byte
  uint32_t bytes = 0;  ///< payload
  uint32_t pc = 0;     ///< of the instruction; of fetch: of the one that holds its first byte
  isa::Unit unit = isa::Unit::kFetch;
  bool operator==(const BurstOwner&) const = default;
};

/// The owners of the bursts of the run's DRAM log, in its order. The log has addresses alone, as
/// the bus has: but each unit asks for the bursts of its instructions in their order
/// (docs/timing.md, "Burst reader"), so that a burst belongs to the unit whose next one it is.
/// Where two units want the same bytes next, it belongs to the one whose instruction is at work,
/// and of two to the one that the arbiter would take. Throws Error (internal) if the log does not
/// fit the program.
std::vector<BurstOwner> burst_owners(const TracedRun& run);

/// The cycle in which each instruction entered the queue of its unit, by program counter; as many
/// as did. That is what fetch does in the cycles in which it is busy.
std::vector<Cycle> dispatch_cycles(const platform::RunResult& result);

}  // namespace systole::trace
