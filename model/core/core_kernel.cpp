// SPDX-License-Identifier: Apache-2.0
// An active cycle: the clock edge into it, then every unit's decisions on registered state; then
// the next one.
#include "model/core/core_kernel.h"

namespace systole {

using isa::Cause;
using isa::Unit;

CoreKernel::CoreKernel(const HwParams& hw, MemoryPort& memory, Datapath* data, RunLog* log,
                       uint32_t base, uint32_t length, const KernelOptions& options)
    : core_(hw, memory, data, log),
      lda_(core_),
      ldw_(core_),
      mxu_(core_),
      vpu_(core_),
      sto_(core_),
      fetch_({&lda_.front(), &ldw_.front(), &mxu_.front(), &vpu_.front(), &sto_.front()}, base,
             length, core_),
      read_port_(fetch_.reader(), lda_.reader(), ldw_.reader()),
      options_(options) {}

void CoreKernel::step() {
  if (outcome_ != Outcome::kRunning) return;
  const Cycle t = next_;

  // What becomes visible in t. The memory is asked for the read first.
  fetch_.clock(t);
  mxu_.clock(t);
  vpu_.clock(t);
  lda_.clock(t);
  ldw_.clock(t);
  sto_.clock(t);
  read_port_.clock(t);
  sto_.clock_bus(t);

  // Decisions. Fetch comes first because it counts queue entries that a front may take in t; the
  // fronts follow in the order of port priority; the read port sees slots and bursts as the units
  // leave them.
  fetch_.decide(t);
  mxu_.decide(t);
  vpu_.decide(t);
  lda_.decide(t);
  sto_.decide(t);
  ldw_.decide(t);
  read_port_.decide(t);

  if (finishes(t)) return end(Outcome::kFinished, t);

  const Cycle next = options_.every_cycle ? t + 1 : next_event(t);
  if (makes_progress())
    quiet_from_ = kNever;
  else if (quiet_from_ == kNever)
    quiet_from_ = t;
  if (next == kNever && quiet_from_ == kNever) quiet_from_ = t;  // nothing can happen any more
  // Between active cycles nothing changes, so a stop may lie before the next one.
  const Cycle limit_stop = options_.cycle_limit > 0 ? options_.cycle_limit - 1 : kNever;
  const Cycle quiet_stop = quiet_from_ != kNever
                               ? quiet_from_ + std::max<Cycle>(options_.watchdog_cycles, 1) - 1
                               : kNever;
  if (std::min(limit_stop, quiet_stop) < next)
    return limit_stop <= quiet_stop ? end(Outcome::kLimit, limit_stop)
                                    : end(Outcome::kWatchdog, quiet_stop);
  next_ = next;
}

bool CoreKernel::finishes(Cycle t) const {
  if (!lda_.front().idle() || !vpu_.front().idle() || !sto_.front().idle()) return false;
  if (!core_.fault.visible(t))
    return core_.all_dispatched_from <= t && mxu_.front().idle() && ldw_.front().idle() &&
           lda_.front().queue_empty() && ldw_.front().queue_empty() && mxu_.front().queue_empty() &&
           vpu_.front().queue_empty() && sto_.front().queue_empty();
  const bool mxu_rests =
      mxu_.front().idle() || (mxu_.waits_for_tile() && mxu_.front().in_flight() == 1);
  return mxu_rests && (ldw_.front().idle() || ldw_.waits_for_credit());
}

Cycle CoreKernel::next_event(Cycle t) const {
  Cycle next = earlier_after(t, kNever, core_.fault.visible_from());
  next = earlier_after(t, next, core_.all_dispatched_from);
  next = std::min(next, fetch_.next_event(t));
  if (next == t + 1) return next;
  next = std::min({next, read_port_.next_event(t), mxu_.next_event(t), vpu_.next_event(t)});
  if (next == t + 1) return next;
  return std::min({next, lda_.next_event(t), sto_.next_event(t), ldw_.next_event(t)});
}

bool CoreKernel::makes_progress() const {
  for (int u = 0; u < isa::kUnits; ++u) {
    switch (core_.counters.cause(static_cast<Unit>(u))) {
      case Cause::kBusy:
      case Cause::kSetup:
      case Cause::kDrain:
      case Cause::kMemory:
      case Cause::kWeightLoad:
        return true;
      default:
        break;
    }
  }
  return false;
}

void CoreKernel::end(Outcome outcome, Cycle last) {
  outcome_ = outcome;
  next_ = last + 1;
  if (outcome != Outcome::kFinished) {
    for (Front* front : {&lda_.front(), &ldw_.front(), &mxu_.front(), &sto_.front()})
      front->clock(next_);  // instructions that end in the last cycle retire
    vpu_.clock(next_);
    mxu_.cut_off(last);
    vpu_.cut_off(last);
  }
  core_.counters.count_until(next_);
}

const std::array<uint64_t, isa::kCounters>& CoreKernel::counters(Cycle t) {
  if (outcome_ == Outcome::kRunning) core_.counters.count_until(t);
  return core_.counters.values();
}

isa::Fault CoreKernel::fault() const {
  return core_.fault.visible(next_) ? core_.fault.code() : isa::Fault::kNone;
}

std::string CoreKernel::dump() const {
  std::string text = fetch_.describe() + "\n";
  for (const Front* front :
       {&lda_.front(), &ldw_.front(), &mxu_.front(), &vpu_.front(), &sto_.front()})
    text += front->describe(next_) + "\n";
  return text;
}

}  // namespace systole
