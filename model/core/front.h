// SPDX-License-Identifier: Apache-2.0
// The front of a unit (docs/timing.md, "Issue"): its queue, WAIT -> LOCK -> RUN, and its
// instructions in flight.
#pragma once

#include <string>

#include "model/core/core_context.h"
#include "model/core/registers.h"
#include "model/core/ring.h"
#include "model/isa/causes.h"

namespace systole::core {

class Front {
 public:
  /// Names an instruction in flight: the count of those before it.
  using Ticket = uint64_t;

  Front(isa::Unit unit, int in_flight_limit, CoreContext& core);

  // --- fetch's side. Fetch decides before the fronts, so it sees the registered count. ---
  bool queue_full() const { return queue_.full(); }
  void push(const Command& command, Cycle t);

  /// Applies what becomes visible in `t`: front done, ends.
  void clock(Cycle t);
  /// Decides cycle `t` and returns its cause. Call in the order of port priority.
  isa::Cause decide(Cycle t);
  /// The next cycle after `t` in which something here becomes visible.
  Cycle next_event(Cycle t) const;

  /// Whether decide(t) acquired: the unit begins command() with ticket() in t + 1.
  bool acquired(Cycle t) const { return state_ == State::kRun && start_ == t + 1; }
  /// Whether `t` lies in RUN (s to front done).
  bool running(Cycle t) const { return state_ == State::kRun && start_ <= t; }
  const Command& command() const { return command_; }
  Ticket ticket() const { return first_ticket_ + in_flight_.size() - 1; }

  /// The unit tells its front-done cycle, now or ahead.
  void set_front_done(Cycle t) { front_done_ = t; }
  /// The unit tells the earliest end of an instruction; it ends then, but after the one before it.
  void set_end(Ticket ticket, Cycle earliest);

  size_t in_flight() const { return in_flight_.size(); }
  bool idle() const { return state_ == State::kWait && in_flight_.empty(); }
  /// The same, or in LOCK while another holds what it wants.
  bool rests() const { return state_ != State::kRun && in_flight_.empty(); }
  bool queue_empty() const { return queue_.empty(); }
  std::string describe(Cycle t) const;
  /// As they stand in `t`.
  FrontRegisters registers(Cycle t) const;

 private:
  using State = FrontRegisters::State;
  struct Queued {
    Command command;
    Cycle visible;
  };
  struct InFlight {
    uint32_t pc;
    uint16_t tag, signal;
    PortSet ports;
    Cycle start;
    Cycle earliest_end;  ///< kNever until the unit has told it
    Cycle end;           ///< kNever until those before it are known too
  };

  bool has_head(Cycle t) const { return !queue_.empty() && queue_.front().visible <= t; }
  isa::Cause wait(Cycle t);
  void retire(const InFlight& done);
  void update_locks();

  const isa::Unit unit_;
  const size_t limit_;
  CoreContext& core_;
  Ring<Queued> queue_;
  Ring<InFlight> in_flight_;
  Command command_;  ///< taken last
  State state_ = State::kWait;
  Cycle start_ = kNever;       ///< s of command_
  Cycle front_done_ = kNever;  ///< of command_
  Cycle changed_ = kNever;     ///< last cycle that took or acquired
  Cycle next_end_ = 0;         ///< the next instruction's end is not before
  Ticket first_ticket_ = 0;    ///< ticket of in_flight_[0]
};

}  // namespace systole::core
