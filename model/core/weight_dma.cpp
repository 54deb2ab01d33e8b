// SPDX-License-Identifier: Apache-2.0
// Credits can only grow from outside, so a burst is drained at once as far as today's credits
// reach. Tiles as they stand in DRAM; what all kinds share.
#include "model/core/weight_dma.h"

#include "model/core/datapath.h"
#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

using isa::Cause;

constexpr int kWeightsInFlight = 4;

}  // namespace

WeightDma::WeightDma(CoreContext& core)
    : core_(core),
      front_(isa::Unit::kLdw, kWeightsInFlight, core),
      reader_(&front_, core.hw.outstanding, core.data != nullptr || core.hw.bitmask != 0, core),
      descriptors_(kWeightsInFlight),
      slices_(core.geo) {}

void WeightDma::clock(Cycle t) {
  front_.clock(t);
  if (draining_ && burst_to_ <= t) {
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
  if (is_sync(command)) {
    front_.set_front_done(s);
    return;
  }
  constexpr auto kBytes = isa::Counter::kReadBytesWeights;
  if (const auto* book = std::get_if<isa::LoadCodebook>(&command.instruction)) {
    reader_.begin({.dram = book->dram_addr, .bytes = arch::kCodebookBytes}, command.pc, kBytes,
                  s + 1, core_.data != nullptr);
    return;
  }
  const auto& load = std::get<isa::LoadWeights>(command.instruction);
  // Masks tell the time, whether data is wanted or not.
  reader_.begin(
      {.dram = load.dram_addr, .bytes = static_cast<uint64_t>(arch::weight_bytes_of(load))},
      command.pc, kBytes, s + 1, core_.data != nullptr || load.bitmask);
}

/// Whether `t` has a step.
bool WeightDma::work(Cycle t) {
  const auto steps = [&] { return t < std::max(drain_to_, rows_to_); };
  blocked_ = false;
  const DescriptorQueue::Descriptor* active = descriptors_.active(t);
  if (active == nullptr) return steps();
  if (is_sync(active->command)) {
    drain_to_ = t + 1;
    front_.set_end(active->ticket, t + 1);
    descriptors_.finish(t);
    return true;
  }
  if (!active_) activate(active->command, t);
  if (kind_ == Kind::kDiagonals)
    work_diagonals(*active, t);
  else
    work_tiles(*active, t);
  blocked_ = wants_credit_ && !steps();
  return steps();
}

void WeightDma::activate(const Command& command, Cycle t) {
  active_ = true;
  wants_credit_ = false;
  tile_done_ = 0;
  if (std::holds_alternative<isa::LoadCodebook>(command.instruction)) {
    kind_ = Kind::kCodebook;
    return;
  }
  load_ = std::get<isa::LoadWeights>(command.instruction);
  row_bytes_ =
      static_cast<uint32_t>(arch::weight_row_bytes(load_.cols, arch::tile_byte_bits(load_)));
  slices_ = core_.geo.grouped(load_.structured);
  groups_ = slices_.groups(load_.channels);
  group_ = -1;
  if (load_.stream_bytes != 0) {
    kind_ = Kind::kStream;
    tile_index_ = -1;
    stream_left_ = load_.stream_bytes;
    drain_to_ = t;
    next_stream_tile();
  } else if (load_.diagonal) {
    kind_ = Kind::kDiagonals;
    position_done_ = 0;
    all_collected_ = false;
    tiles_left_ = 0;
  } else {
    kind_ = Kind::kTiles;
    next_tile();
  }
}

void WeightDma::work_tiles(const DescriptorQueue::Descriptor& active, Cycle t) {
  const ReadBurst* burst = reader_.head();
  if (t < drain_to_ || burst == nullptr || burst->usable > t) return;
  switch (kind_) {
    case Kind::kCodebook:
      drain_codebook(*burst, t);
      break;
    case Kind::kStream:
      drain_stream(*burst, t);
      break;
    default:
      drain(*burst, t);
  }
  if (!draining_ || !burst->ends_all) return;
  active_ = false;
  front_.set_end(active.ticket, drain_to_);
  descriptors_.finish(drain_to_ - 1);
}

void WeightDma::next_tile() {
  group_ = group_ + 1 < groups_ ? group_ + 1 : 0;
  tile_bytes_ = static_cast<uint32_t>(core_.geo.group_lanes(group_, load_.channels)) * row_bytes_;
  tile_done_ = 0;
}

/// Moves what is left of `burst` from `t` on, up to a tile that lacks a credit.
void WeightDma::drain(const ReadBurst& burst, Cycle t) {
  drain_to_ = t;
  while (burst_done_ < burst.bytes) {
    if (tile_done_ == 0) {
      wants_credit_ = !core_.ring.has_credit();
      if (wants_credit_) return;
      core_.ring.take_credit(drain_to_ + 1);
    }
    const uint32_t count = std::min(tile_bytes_ - tile_done_, burst.bytes - burst_done_);
    if (core_.data) move_bytes(burst.data() + burst_done_, count);
    drain_to_ +=
        (tile_done_ + count - 1) / row_bytes_ - tile_done_ / row_bytes_ + 1;  // rows touched
    tile_done_ += count;
    burst_done_ += count;
    if (tile_done_ < tile_bytes_) continue;
    core_.ring.append(drain_to_ + 1);  // ready two cycles after the last step
    next_tile();
  }
  burst_to_ = drain_to_;
  draining_ = true;
}

/// Moves what is left of `burst`, words of COLS bytes.
void WeightDma::drain_codebook(const ReadBurst& burst, Cycle t) {
  const auto word = static_cast<uint32_t>(core_.geo.cols);
  const uint32_t count = burst.bytes;
  if (core_.data) core_.data->load_codebook(tile_done_, burst.data(), count);
  drain_to_ = t + (tile_done_ + count - 1) / word - tile_done_ / word + 1;  // words touched
  tile_done_ += count;
  burst_to_ = drain_to_;
  draining_ = true;
}

void WeightDma::move_bytes(const uint8_t* bytes, uint32_t count) {
  core_.data->load_weights(core_.ring.slot(core_.ring.appended()), load_, tile_done_, bytes, count);
}

Cycle WeightDma::next_event(Cycle t) const {
  Cycle next = std::min(front_.next_event(t), descriptors_.next_event(t));
  next = earlier_after(t, next, drain_to_);
  if (draining_) next = earlier_after(t, next, burst_to_);
  next = earlier_after(t, next, rows_to_);
  if (wants_credit_) next = std::min(next, core_.ring.next_credit());
  if (const ReadBurst* burst = reader_.head()) next = earlier_after(t, next, burst->usable);
  return next;
}

}  // namespace systole::core
