// SPDX-License-Identifier: Apache-2.0
// Takes instructions, acquires their ports, and retires them in order.
#include "model/core/front.h"

#include <fmt/format.h>

#include "model/isa/counter_ids.h"
#include "model/isa/units.h"

namespace systole::core {

using isa::Cause;

Front::Front(isa::Unit unit, int in_flight_limit, CoreContext& core)
    : unit_(unit),
      limit_(static_cast<size_t>(in_flight_limit)),
      core_(core),
      queue_(static_cast<size_t>(core.hw.queue_depth)),
      in_flight_(static_cast<size_t>(in_flight_limit)) {}

void Front::push(const Command& command, Cycle t) {
  queue_.push({command, t + 1});
  core_.news = t + 1;
}

void Front::clock(Cycle t) {
  bool ports_change = false;
  if (state_ == State::kRun && front_done_ < t) {
    state_ = State::kWait;
    // Nothing is read from UB after front done; the other ports are held to the end.
    in_flight_.back().ports &= ~kUbReadPorts;
    ports_change = true;
  }
  while (!in_flight_.empty() && in_flight_.front().end < t) {
    retire(in_flight_.front());
    in_flight_.pop();
    ++first_ticket_;
    ports_change = true;
  }
  if (!ports_change) return;
  update_locks();
  core_.news = t;
}

void Front::retire(const InFlight& done) {
  core_.semaphores.give(unit_, done.signal);
  ++core_.counters[isa::retired_counter(unit_)];
  ++core_.retired;
  if (core_.log) core_.log->retired.push_back({done.pc, unit_, done.tag, done.start, done.end});
}

void Front::update_locks() {
  PortSet held = 0;
  for (size_t i = 0; i < in_flight_.size(); ++i) held |= in_flight_[i].ports;
  core_.locks.set(unit_, held);
}

Cause Front::decide(Cycle t) {
  switch (state_) {
    case State::kWait:
      return wait(t);
    case State::kRun:
      return Cause::kBusy;  // the unit knows better
    case State::kLock:
      break;
  }
  // Releases are applied and units of higher priority have decided: what is held now excludes.
  if (!core_.locks.available(unit_, command_.ports)) return Cause::kBank;
  changed_ = t;
  state_ = State::kRun;
  start_ = t + 1;
  front_done_ = kNever;
  in_flight_.push(
      {command_.pc, command_.tag, command_.signal, command_.ports, start_, kNever, kNever});
  update_locks();
  return Cause::kSetup;
}

Cause Front::wait(Cycle t) {
  if (core_.fault.visible(t)) return Cause::kIdle;
  if (!has_head(t)) {
    if (unit_ == isa::Unit::kMxu && !in_flight_.empty()) return Cause::kDrain;
    return core_.all_dispatched_from <= t ? Cause::kIdle : Cause::kFetch;
  }
  if (in_flight_.size() >= limit_) return Cause::kDrain;
  const Command& head = queue_.front().command;
  const int missing = core_.semaphores.missing(unit_, head.wait);
  if (missing >= 0) return isa::sem_cause(static_cast<isa::Unit>(missing));
  core_.semaphores.take(unit_, head.wait);
  core_.news = t + 1;  // the queue has a place again
  command_ = head;
  queue_.pop();
  changed_ = t;
  state_ = State::kLock;
  return Cause::kSetup;
}

void Front::set_end(Ticket ticket, Cycle earliest) {
  in_flight_[ticket - first_ticket_].earliest_end = earliest;
  for (size_t i = 0; i < in_flight_.size(); ++i) {
    InFlight& entry = in_flight_[i];
    if (entry.end != kNever) continue;
    if (entry.earliest_end == kNever) return;
    entry.end = std::max(entry.earliest_end, next_end_);
    next_end_ = entry.end + 1;
  }
}

Cycle Front::next_event(Cycle t) const {
  if (changed_ == t) return t + 1;
  Cycle next = kNever;
  if (state_ == State::kRun && front_done_ != kNever) next = front_done_ + 1;
  if (!in_flight_.empty() && in_flight_.front().end != kNever)
    next = std::min(next, in_flight_.front().end + 1);
  return next;
}

FrontRegisters Front::registers(Cycle t) const {
  FrontRegisters now;
  now.state = state_;
  if (state_ != State::kWait) now.pc = command_.pc;
  for (size_t i = 0; i < queue_.size() && queue_[i].visible <= t; ++i)
    now.queue.push_back(queue_[i].command.pc);
  for (size_t i = 0; i < in_flight_.size(); ++i)
    now.flying.push_back({in_flight_[i].pc, in_flight_[i].start});
  now.held = core_.locks.held(unit_);
  return now;
}

std::string Front::describe(Cycle t) const {
  static constexpr const char* kStates[] = {"wait", "lock", "run"};
  std::string line =
      fmt::format("{:5} {:4}", isa::unit_name(unit_), kStates[static_cast<int>(state_)]);
  if (state_ != State::kWait)
    line +=
        fmt::format(" pc {} {}", command_.pc, isa::opcode_name(opcode_of(command_.instruction)));
  else if (has_head(t))
    line += fmt::format(" next pc {} {}", queue_.front().command.pc,
                        isa::opcode_name(opcode_of(queue_.front().command.instruction)));
  return line + fmt::format(", in flight {}, queued {}, cause {}", in_flight_.size(), queue_.size(),
                            isa::cause_name(core_.counters.cause(unit_)));
}

}  // namespace systole::core
