// SPDX-License-Identifier: Apache-2.0
// One event a burst: its fill steps are counted in closed form, its bytes are gathered at once.
#include "model/core/store_dma.h"

#include <cstring>

#include "model/core/datapath.h"
#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

using isa::Cause;
using isa::Counter;

constexpr int kStoresInFlight = 4;

Runs runs_of(const isa::Store& store) {
  return {.dram = store.dram_addr,
          .bytes = uint64_t{store.pixels} * store.pixel_bytes,
          .ub = store.ub_addr,
          .count = {store.count0, store.count1, store.count2},
          .dram_stride = {store.dram_stride0, store.dram_stride1, store.dram_stride2},
          .ub_stride = {store.ub_stride0, store.ub_stride1, store.ub_stride2}};
}

}  // namespace

StoreDma::StoreDma(CoreContext& core)
    : core_(core),
      front_(isa::Unit::kSto, kStoresInFlight, core),
      cutter_(core.geo),
      slots_(static_cast<size_t>(core.hw.outstanding)) {
  if (core.data == nullptr) return;
  const size_t burst_bytes = static_cast<size_t>(core.geo.burst_bytes);
  buffers_.resize(slots_.storage().size() * burst_bytes);
  enables_.resize(burst_bytes);
  uint8_t* buffer = buffers_.data();
  for (Slot& slot : slots_.storage()) {
    slot.buffer = buffer;
    buffer += burst_bytes;
  }
}

void StoreDma::clock(Cycle t) {
  front_.clock(t);
  while (!slots_.empty() && slots_.front().free <= t) {
    slots_.pop();
    --entered_;
  }
}

void StoreDma::clock_bus(Cycle t) {
  if (!on_bus_) return;
  if (accept_ == kNever) {
    Slot& slot = slots_[entered_ - 1];
    const int beats = cutter_.beats(slot);
    const uint32_t addr = cutter_.beat_addr(slot), offset = cutter_.beat_offset(slot);
    const size_t beat_bytes = static_cast<size_t>(beats) * static_cast<size_t>(core_.geo.axi_bytes);
    uint8_t* enables = nullptr;
    if (core_.data != nullptr && beat_bytes != slot.bytes) {
      enables = enables_.data();
      std::memset(enables, 0, beat_bytes);
      std::memset(enables + offset, 0xff, slot.bytes);
    }
    const memory::BurstTiming timing = core_.memory.write(t, addr, beats, slot.buffer, enables);
    accept_ = timing.accept;
    slot.free = timing.last + 2;  // the response is in last + 1
    if (slot.ends_all) front_.set_end(slot.ticket, slot.free);
    if (timing.error)
      core_.fault.offer(slot.free, FaultRecorder::kWrite, isa::Fault::kBusWrite, slot.pc);
    if (core_.log) core_.log->dram.push_back({t, addr, static_cast<uint16_t>(beats), true});
  }
  if (accept_ < t) on_bus_ = false;
}

void StoreDma::decide(Cycle t) {
  const bool in_flight = front_.in_flight() > 0;
  Cause cause = front_.decide(t);
  if (front_.acquired(t)) begin(t + 1);
  if (fill(t))
    cause = Cause::kBusy;
  else if (in_flight)
    cause = Cause::kMemory;
  enter_bus(t);
  core_.counters.set_cause(isa::Unit::kSto, cause, t);
}

void StoreDma::begin(Cycle s) {
  const Command& command = front_.command();
  sync_ = is_sync(command);
  fill_from_ = s + 1;
  if (sync_) return;
  store_ = std::get<isa::Store>(command.instruction);
  cutter_.begin(runs_of(store_));
}

/// Whether `t` has a fill step.
bool StoreDma::fill(Cycle t) {
  starved_ = false;
  if (t < fill_to_) return true;
  if (!front_.running(t) || t < fill_from_) return false;
  if (sync_) {
    fill_to_ = t + 1;
    front_.set_front_done(t);
    front_.set_end(front_.ticket(), t + 1);
    return true;
  }
  starved_ = slots_.full();
  if (starved_) return false;
  const Burst burst = cutter_.next();
  Slot& slot = slots_.push();
  static_cast<Burst&>(slot) = burst;
  slot.pc = front_.command().pc;
  slot.ticket = front_.ticket();
  slot.free = kNever;
  fill_to_ = t + word_of(burst.offset + burst.bytes - 1) - word_of(burst.offset) + 1;
  slot.ready = fill_to_ + 1;
  if (core_.data)
    core_.data->store(store_, burst.ub, burst.offset, slot.buffer + cutter_.beat_offset(burst),
                      burst.bytes);
  if (burst.ends_all) front_.set_front_done(fill_to_ - 1);
  return true;
}

/// The word, counted from the run's first, that holds `byte` of a run.
uint64_t StoreDma::word_of(uint64_t byte) const {
  const uint64_t pixel = store_.pixel_bytes;
  return byte / pixel * static_cast<uint64_t>(core_.geo.words(store_.pixel_bytes)) +
         byte % pixel / static_cast<uint64_t>(core_.geo.lanes);
}

/// Moves a ready burst into the AW register if that is empty or accepted in `t`.
void StoreDma::enter_bus(Cycle t) {
  if (on_bus_ && accept_ != t) return;
  on_bus_ = false;
  if (entered_ == slots_.size() || slots_[entered_].ready > t) return;
  const Slot& slot = slots_[entered_++];
  core_.counters[Counter::kWriteBytes] += slot.bytes;
  core_.counters[Counter::kWriteBeats] += static_cast<uint64_t>(cutter_.beats(slot));
  ++core_.counters[Counter::kWriteBursts];
  on_bus_ = true;
  entered_at_ = t;
  accept_ = kNever;
}

Cycle StoreDma::next_event(Cycle t) const {
  if (entered_at_ == t) return t + 1;  // on the bus: the memory is to be asked
  Cycle next = earlier_after(t, front_.next_event(t), fill_to_);
  if (front_.running(t + 1)) next = earlier_after(t, next, fill_from_);
  if (starved_) next = std::min(next, slots_.front().free);
  if (entered_ < slots_.size())
    next = std::min(next, std::max({slots_[entered_].ready, on_bus_ ? accept_ : 0, t + 1}));
  return next;
}

}  // namespace systole::core
