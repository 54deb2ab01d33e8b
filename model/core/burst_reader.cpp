// SPDX-License-Identifier: Apache-2.0
// Grants count, the memory answers in the first cycle on the bus.
#include "model/core/burst_reader.h"

#include <cstring>

#include "model/isa/counter_ids.h"

namespace systole::core {

using isa::Counter;

BurstReader::BurstReader(Front* front, int slots, bool buffered, CoreContext& core)
    : front_(front),
      core_(core),
      cutter_(core.geo),
      slots_(static_cast<size_t>(slots)),
      buffers_(buffered ? slots_.storage().size() * static_cast<size_t>(core.geo.burst_bytes) : 0) {
  if (!buffered) return;
  uint8_t* buffer = buffers_.data();
  for (ReadBurst& slot : slots_.storage()) {
    slot.buffer = buffer;
    buffer += core.geo.burst_bytes;
  }
}

void BurstReader::begin(const Runs& runs, uint32_t pc, Counter bytes, Cycle pending,
                        bool wants_data) {
  cutter_.begin(runs);
  pc_ = pc;
  bytes_ = bytes;
  pending_ = pending;
  wants_data_ = wants_data;
}

void BurstReader::grant(Cycle t) {
  const Burst burst = cutter_.next();
  pending_ = t + 1;
  ReadBurst& slot = slots_.push();
  static_cast<Burst&>(slot) = burst;
  slot.pc = pc_of(burst);
  slot.usable = kNever;
  slot.delivered = wants_data_;
  slot.beat_offset = cutter_.beat_offset(burst);
  core_.counters[bytes_] += burst.bytes;
  core_.counters[Counter::kReadBeats] += static_cast<uint64_t>(cutter_.beats(burst));
  ++core_.counters[Counter::kReadBursts];
  if (front_ != nullptr && cutter_.done()) front_->set_front_done(t);
}

uint32_t BurstReader::pc_of(const Burst& burst) const {
  // Fetch reads one run that holds all instructions.
  if (front_ == nullptr) return static_cast<uint32_t>(burst.offset / isa::kInstructionBytes);
  return pc_;
}

Cycle BurstReader::ask(Cycle t) {
  ReadBurst& slot = slots_.back();
  const int beats = cutter_.beats(slot);
  const uint32_t addr = cutter_.beat_addr(slot);
  uint8_t* buffer = slot.delivered ? slot.buffer : nullptr;
  const memory::BurstTiming timing = core_.memory.read(t, addr, beats, buffer);
  slot.usable = timing.last + 1;
  if (timing.error) {
    core_.fault.offer(timing.last + 1, FaultRecorder::kRead, isa::Fault::kBusRead, slot.pc);
    if (buffer) std::memset(buffer, 0, static_cast<size_t>(core_.geo.burst_bytes));
  }
  if (core_.log) core_.log->dram.push_back({t, addr, static_cast<uint16_t>(beats), false});
  return timing.accept;
}

}  // namespace systole::core
