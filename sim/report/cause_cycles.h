// SPDX-License-Identifier: Apache-2.0
// What each unit did in a window of a run's cycles, from the log of causes.
#pragma once

#include <array>

#include "model/core/events.h"
#include "model/isa/counter_ids.h"

namespace systole::report {

/// Cycles of a unit by isa::Cause.
using CauseCycles = std::array<Cycle, isa::kCauses>;
/// By isa::Unit.
using UnitCycles = std::array<CauseCycles, isa::kUnits>;

/// The cycles [from, to) of every unit by cause: each unit's sum to `to - from`.
UnitCycles cause_cycles(const core::CauseLog& log, Cycle from, Cycle to);

/// Adds unit by unit, cause by cause.
UnitCycles& operator+=(UnitCycles& sums, const UnitCycles& other);

/// The causes that `counters` (isa::kCounters of them) count over the whole run.
UnitCycles cause_cycles(const std::array<uint64_t, isa::kCounters>& counters);

/// What the matrix unit did longest in `units` but work.
struct Stall {
  isa::Cause cause = isa::Cause::kIdle;
  Cycle cycles = 0;
  const char* name() const;  ///< "sem_lda"; "none" if it always was at work
};
Stall largest_stall(const UnitCycles& units);

/// Sum of `cycles`.
Cycle total(const CauseCycles& cycles);

}  // namespace systole::report
