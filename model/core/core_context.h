// SPDX-License-Identifier: Apache-2.0
// What the units of the event-driven core share: parameters, counters, fault, semaphores, locks,
// ring, memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/arch/geometry.h"
#include "model/core/command.h"
#include "model/core/events.h"
#include "model/core/memory_port.h"
#include "model/core/weight_ring.h"

namespace systole {

class Datapath;

inline constexpr Cycle kNever = ~Cycle{0};

/// Event counters, and the causes of each unit as intervals: a cause holds until another is set.
class Counters {
 public:
  uint64_t& operator[](isa::Counter counter) { return values_[static_cast<size_t>(counter)]; }
  const std::array<uint64_t, isa::kCounters>& values() const { return values_; }
  isa::Cause cause(isa::Unit unit) const { return units_[static_cast<size_t>(unit)].cause; }

  /// From cycle `t` on `unit` spends its cycles for `cause`.
  void set_cause(isa::Unit unit, isa::Cause cause, Cycle t) {
    Interval& interval = units_[static_cast<size_t>(unit)];
    if (interval.cause == cause) return;
    close(unit, t);
    interval.cause = cause;
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

  std::array<uint64_t, isa::kCounters> values_{};
  std::array<Interval, isa::kUnits> units_{};
};

/// The first fault. Bus errors are known ahead of the cycle in which they become visible.
class FaultRecorder {
 public:
  /// Faults of one cycle: the lower rank stays.
  enum Rank { kRead, kWrite, kDispatch };

  bool visible(Cycle t) const { return visible_ <= t; }
  Cycle visible_from() const { return visible_; }
  isa::Fault code() const { return code_; }
  uint32_t pc() const { return pc_; }
  void offer(Cycle visible, Rank rank, isa::Fault code, uint32_t pc) {
    if (visible > visible_ || (visible == visible_ && rank >= rank_)) return;
    visible_ = visible;
    rank_ = rank;
    code_ = code;
    pc_ = pc;
  }

 private:
  Cycle visible_ = kNever;
  Rank rank_ = kDispatch;
  isa::Fault code_ = isa::Fault::kNone;
  uint32_t pc_ = 0;
};

/// The counting semaphores (producer, consumer), 16 bits each.
class Semaphores {
 public:
  /// The lowest producer of `wait` whose token `consumer` lacks, or -1.
  int missing(isa::Unit consumer, uint16_t wait) const {
    for (int p = 0; wait >> p != 0; ++p)
      if ((wait >> p & 1) && tokens_[p][static_cast<size_t>(consumer)] == 0) return p;
    return -1;
  }
  void take(isa::Unit consumer, uint16_t wait) {
    for (int p = 0; wait >> p != 0; ++p)
      if (wait >> p & 1) --tokens_[p][static_cast<size_t>(consumer)];
  }
  void give(isa::Unit producer, uint16_t signal) {
    for (int c = 0; signal >> c != 0; ++c)
      if (signal >> c & 1) ++tokens_[static_cast<size_t>(producer)][c];
  }

 private:
  std::array<std::array<uint16_t, isa::kUnits>, isa::kUnits> tokens_{};
};

/// Who holds which (port, bank).
class PortLocks {
 public:
  /// Whether no other unit than `unit` holds one of `ports`.
  bool available(isa::Unit unit, PortSet ports) const {
    PortSet others = 0;
    for (int u = 0; u < isa::kUnits; ++u)
      if (u != static_cast<int>(unit)) others |= held_[u];
    return (others & ports) == 0;
  }
  void set(isa::Unit unit, PortSet ports) { held_[static_cast<size_t>(unit)] = ports; }

 private:
  std::array<PortSet, isa::kUnits> held_{};
};

struct CoreContext {
  CoreContext(const HwParams& params, MemoryPort& port, Datapath* datapath, RunLog* run_log)
      : hw(params),
        geo(params),
        memory(port),
        data(datapath),
        log(run_log),
        ring(params.wb_tiles) {}

  const HwParams hw;
  const Geometry geo;
  MemoryPort& memory;
  Datapath* const data;  ///< null: timing only
  RunLog* const log;     ///< null: no logs
  Counters counters;
  FaultRecorder fault;
  Semaphores semaphores;
  PortLocks locks;
  WeightRing ring;
  Cycle all_dispatched_from =
      kNever;            ///< first cycle in which all instructions are seen dispatched
  uint64_t retired = 0;  ///< instructions, all units
  Cycle news =
      0;  ///< last cycle in which a change of tokens, ports or queues became visible, or will
};

/// The earlier of `a` and `b` that is later than `t`; a time that has passed is no event.
constexpr Cycle earlier_after(Cycle t, Cycle a, Cycle b) { return b > t && b < a ? b : a; }

}  // namespace systole
