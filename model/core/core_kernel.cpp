// SPDX-License-Identifier: Apache-2.0
// An active cycle: the clock edge into it, then every unit's decisions on registered state; then
// the next one.
#include "model/core/core_kernel.h"

#include "model/isa/counter_ids.h"
#include "model/isa/units.h"

namespace systole::core {

using isa::Cause;
using isa::Unit;

CoreKernel::CoreKernel(const isa::HwParams& hw, MemoryPort& memory, Datapath* data, RunLog* log,
                       uint32_t base, uint32_t length, const KernelOptions& options)
    : core_(hw, memory, data, log),
      lda_(core_),
      ldw_(core_),
      mxu_(core_),
      vpu_(core_),
      sto_(core_),
      fronts_{&lda_.front(), &ldw_.front(), &mxu_.front(), &vpu_.front(), &sto_.front()},
      fetch_(fronts_, base, length, core_),
      read_port_(fetch_.reader(), lda_.reader(), ldw_.reader()),
      options_(options) {}

template <typename Action>
void CoreKernel::for_each(UnitSet units, const Action& action) {
  const auto call = [&](auto& object, Unit unit) {
    if (units >> static_cast<int>(unit) & 1) action(object, unit);
  };
  // Fetch decides first because it counts queue entries that a front may take in the same cycle;
  // the fronts follow in the order of port priority.
  call(fetch_, Unit::kFetch);
  call(mxu_, Unit::kMxu);
  call(vpu_, Unit::kVpu);
  call(lda_, Unit::kLda);
  call(sto_, Unit::kSto);
  call(ldw_, Unit::kLdw);
}

void CoreKernel::step() {
  if (outcome_ != Outcome::kRunning) return;
  const Cycle t = next_;

  UnitSet due = options_.every_cycle ? kAllUnits : 0;
  for (const Unit unit : isa::kEveryUnit)
    if (due_[static_cast<size_t>(unit)] <= t) due |= 1u << static_cast<int>(unit);

  // What becomes visible in t. The memory is asked for the read first.
  for_each(due, [t](auto& unit, Unit) { unit.clock(t); });
  UnitSet touched = owner(read_port_.clock(t));
  sto_.clock_bus(t);
  if (kept_registers_ != nullptr) *kept_registers_ = registers(t);

  // Decisions. News may concern every unit; the read port sees slots and bursts as the units leave
  // them.
  const bool news = core_.news == t || core_.fault.visible_from() == t;
  const UnitSet run = news ? kAllUnits : due;
  for_each(run, [t](auto& unit, Unit) { unit.decide(t); });
  touched |= run | owner(read_port_.decide(t));

  if (finishes(t)) return end(Outcome::kFinished, t);

  // Through the ring of tiles these two move each other's next event.
  constexpr UnitSet kRing = 1u << static_cast<int>(Unit::kLdw) | 1u << static_cast<int>(Unit::kMxu);
  if (touched & kRing) touched |= kRing;
  for_each(touched, [this, t](const auto& unit, Unit id) {
    due_[static_cast<size_t>(id)] = unit.next_event(t);
  });
  stop_or_go(t, options_.every_cycle ? t + 1 : next_event(t));
}

/// The unit that `reader` belongs to; none for null.
CoreKernel::UnitSet CoreKernel::owner(const BurstReader* reader) {
  if (reader == nullptr) return 0;
  const Unit unit = reader == &fetch_.reader() ? Unit::kFetch
                    : reader == &lda_.reader() ? Unit::kLda
                                               : Unit::kLdw;
  return 1u << static_cast<int>(unit);
}

Cycle CoreKernel::next_event(Cycle t) const {
  Cycle next = earlier_after(t, read_port_.next_event(t), core_.fault.visible_from());
  next = earlier_after(t, next, core_.news);
  for (const Cycle due : due_) next = std::min(next, due);
  return next;
}

/// Goes on to the active cycle `next`, unless the watchdog or the limit stops the run before.
void CoreKernel::stop_or_go(Cycle t, Cycle next) {
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
  if (std::min(limit_stop, quiet_stop) >= next)
    next_ = next;
  else if (quiet_stop <= limit_stop)
    end(Outcome::kWatchdog, quiet_stop);
  else
    end(Outcome::kLimit, limit_stop);
}

bool CoreKernel::finishes(Cycle t) const {
  if (!core_.fault.visible(t)) {
    if (core_.all_dispatched_from > t) return false;
    for (const Front* front : fronts_)
      if (!front->idle() || !front->queue_empty()) return false;
    return true;
  }
  // What was taken has ended, or can never go on: a front in LOCK waits for a matrix unit that
  // waits for a tile.
  if (!lda_.front().rests() || !vpu_.front().rests() || !sto_.front().rests()) return false;
  const bool mxu_rests =
      mxu_.front().rests() || (mxu_.waits_for_tile() && mxu_.front().in_flight() == 1);
  return mxu_rests && (ldw_.front().rests() || ldw_.waits_for_credit());
}

bool CoreKernel::makes_progress() const {
  for (const Unit unit : isa::kEveryUnit) {
    switch (core_.counters.cause(unit)) {
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
    // Instructions that end in the last cycle retire; the vector unit sees to its own.
    for (Front* front : fronts_)
      if (front != &vpu_.front()) front->clock(next_);
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

Registers CoreKernel::registers(Cycle t) const {
  Registers now;
  now.dispatched = fetch_.dispatched();
  for (size_t i = 0; i < fronts_.size(); ++i) now.fronts[i + 1] = fronts_[i]->registers(t);
  now.tokens = core_.semaphores.tokens();
  now.ready_tiles = core_.ring.ready_tiles(t);
  now.free_tiles = core_.ring.free_tiles(t);
  if (core_.fault.visible(t)) {
    now.fault = core_.fault.code();
    now.fault_pc = core_.fault.pc();
  }
  return now;
}

std::string CoreKernel::dump() const {
  std::string text = fetch_.describe() + "\n";
  for (const Front* front : fronts_) text += front->describe(next_) + "\n";
  return text;
}

}  // namespace systole::core
