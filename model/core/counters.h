// SPDX-License-Identifier: Apache-2.0
// The counters of a run: events, and the cause of every cycle of every unit.
#pragma once

#include <array>
#include <cstdint>

#include "model/core/events.h"
#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"

namespace systole::core {

/// Event counters, and the causes of each unit as intervals: a cause holds until another is set.
class Counters {
 public:
  /// `log`: null, or receives every change of a cause.
  explicit Counters(CauseLog* log) : log_(log) {}

  uint64_t& operator[](isa::Counter counter) { return values_[static_cast<size_t>(counter)]; }
  const std::array<uint64_t, isa::kCounters>& values() const { return values_; }
  isa::Cause cause(isa::Unit unit) const { return units_[static_cast<size_t>(unit)].cause; }

  /// From cycle `t` on `unit` spends its cycles for `cause`.
  void set_cause(isa::Unit unit, isa::Cause cause, Cycle t) {
    Interval& interval = units_[static_cast<size_t>(unit)];
    if (interval.cause == cause) return;
    close(unit, t);
    interval.cause = cause;
    if (log_ != nullptr)
      (*log_)[static_cast<size_t>(unit)].push_back({t, static_cast<uint64_t>(cause)});
  }
  /// Counts all cycles before `t`.
  void count_until(Cycle t) {
    for (int u = 0; u < isa::kUnits; ++u) close(static_cast<isa::Unit>(u), t);
    (*this)[isa::Counter::kCycles] = t;
  }

 private:
  struct Interval {
    isa::Cause cause = isa::Cause::kIdle;
    Cycle since = 0;
  };
  void close(isa::Unit unit, Cycle t) {
    Interval& interval = units_[static_cast<size_t>(unit)];
    values_[isa::cause_counter(unit, interval.cause)] += t - interval.since;
    interval.since = t;
  }

  CauseLog* const log_;
  std::array<uint64_t, isa::kCounters> values_{};
  std::array<Interval, isa::kUnits> units_{};
};

}  // namespace systole::core
