// SPDX-License-Identifier: Apache-2.0
// Credits can only grow from outside, so a burst is drained at once as far as today's credits
// reach.
#include "model/core/weight_dma.h"

#include "model/core/datapath.h"

namespace systole {
namespace {

using isa::Cause;

constexpr int kInFlight = 4;

}  // namespace

WeightDma::WeightDma(CoreContext& core)
    : core_(core),
      front_(isa::Unit::kLdw, kInFlight, core),
      reader_(&front_, core.data != nullptr, core),
      descriptors_(kInFlight) {}

void WeightDma::clock(Cycle t) {
  front_.clock(t);
  if (draining_ && drain_to_ <= t) {
    reader_.free_head();
    burst_done_ = 0;
    draining_ = false;
  }
}

void WeightDma::decide(Cycle t) {
  core_.ring.clock(t);
  const bool in_flight = front_.in_flight() > 0;
  Cause cause = front_.decide(t);
  if (front_.acquired(t)) begin(t + 1);
  if (work(t))
    cause = Cause::kBusy;
  else if (blocked_)
    cause = Cause::kWeights;
  else if (in_flight)
    cause = Cause::kMemory;
  core_.counters.set_cause(isa::Unit::kLdw, cause, t);
}

void WeightDma::begin(Cycle s) {
  const Command& command = front_.command();
  descriptors_.push(command, front_.ticket(), s + 1);
  if (is_sync(command.opcode)) {
    front_.set_front_done(s);
    return;
  }
  const auto load = isa::LoadWeights::decode(command.words);
  reader_.begin(
      {.dram = load.dram_addr, .bytes = uint64_t{load.positions} * load.channels * load.cols},
      command.pc, isa::Counter::kReadBytesWeights, s + 1);
}

/// Whether `t` has a step.
bool WeightDma::work(Cycle t) {
  if (t < drain_to_) return true;
  blocked_ = false;
  const DescriptorQueue::Descriptor* active = descriptors_.active(t);
  if (active == nullptr) return false;
  if (is_sync(active->command.opcode)) {
    drain_to_ = t + 1;
    front_.set_end(active->ticket, t + 1);
    descriptors_.finish(t);
    return true;
  }
  const ReadBurst* burst = reader_.head();
  if (burst == nullptr || burst->usable > t) return false;
  if (!active_) activate(active->command);
  drain(*burst, t);
  if (draining_ && burst->ends_all) {
    active_ = false;
    front_.set_end(active->ticket, drain_to_);
    descriptors_.finish(drain_to_ - 1);
  }
  blocked_ = drain_to_ == t;
  return !blocked_;
}

void WeightDma::activate(const Command& command) {
  const auto load = isa::LoadWeights::decode(command.words);
  active_ = true;
  channels_ = load.channels;
  groups_ = core_.geo.groups(load.channels);
  cols_ = load.cols;
  group_ = -1;
  next_tile();
}

void WeightDma::next_tile() {
  group_ = group_ + 1 < groups_ ? group_ + 1 : 0;
  tile_bytes_ = static_cast<uint32_t>(core_.geo.group_lanes(group_, channels_)) * cols_;
  tile_done_ = 0;
}

/// Moves what is left of `burst` from `t` on, up to a tile that lacks a credit.
void WeightDma::drain(const ReadBurst& burst, Cycle t) {
  drain_to_ = t;
  while (burst_done_ < burst.bytes) {
    if (tile_done_ == 0) {
      if (!core_.ring.has_credit()) return;
      core_.ring.take_credit();
    }
    const uint32_t count = std::min(tile_bytes_ - tile_done_, burst.bytes - burst_done_);
    if (core_.data) move_bytes(burst.data() + burst_done_, count);
    drain_to_ += (tile_done_ + count - 1) / cols_ - tile_done_ / cols_ + 1;  // rows touched
    tile_done_ += count;
    burst_done_ += count;
    if (tile_done_ < tile_bytes_) continue;
    core_.ring.append(drain_to_ + 1);  // ready two cycles after the last step
    next_tile();
  }
  draining_ = true;
}

void WeightDma::move_bytes(const uint8_t* bytes, uint32_t count) {
  core_.data->load_weights(core_.ring.slot(core_.ring.appended()), cols_, tile_done_, bytes, count);
}

Cycle WeightDma::next_event(Cycle t) const {
  Cycle next = std::min(front_.next_event(t), descriptors_.next_event(t));
  next = earlier_after(t, next, drain_to_);
  if (blocked_) next = std::min(next, core_.ring.next_credit());
  if (const ReadBurst* burst = reader_.head()) next = earlier_after(t, next, burst->usable);
  return next;
}

}  // namespace systole
