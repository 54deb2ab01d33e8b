// SPDX-License-Identifier: Apache-2.0
// The issue side of a load unit (docs/timing.md, "Burst reader"): pending bursts, slots, and their
// bytes.
#pragma once

#include <vector>

#include "model/core/burst.h"
#include "model/core/core_context.h"
#include "model/core/front.h"
#include "model/core/ring.h"
#include "model/isa/counter_ids.h"

namespace systole::core {

/// A granted burst in its slot.
struct ReadBurst : Burst {
  uint32_t pc = 0;
  Cycle usable = kNever;      ///< first cycle in which a step may move its bytes
  uint8_t* buffer = nullptr;  ///< the slot's bytes, from the first beat on
  bool delivered = false;     ///< they are wanted
  uint32_t beat_offset = 0;
  /// Its first byte.
  const uint8_t* data() const { return buffer + beat_offset; }
};

class BurstReader {
 public:
  /// `front`: told of the last grant of an instruction; null for fetch. `slots`: bursts that are
  /// asked for or not yet used. `buffered`: whether reads can deliver bytes.
  BurstReader(Front* front, int slots, bool buffered, CoreContext& core);

  /// Begins the runs of an instruction, whose first burst is pending in `pending`. `bytes` counts
  /// its payload. `wants_data`: the bytes are delivered, if they can be.
  void begin(const Runs& runs, uint32_t pc, isa::Counter bytes, Cycle pending,
             bool wants_data = true);

  // --- read port -------------------------------------------------------------
  bool requests(Cycle t) const {
    return !cutter_.done() && pending_ <= t && !slots_.full() && !stopped_;
  }
  /// Whether a burst waits or will wait for a grant, slots allowing; from when on.
  Cycle next_request() const {
    return cutter_.done() || slots_.full() || stopped_ ? kNever : pending_;
  }
  /// Takes a slot for the pending burst.
  void grant(Cycle t);
  /// The newest granted burst is on the bus in `t`: asks the memory. Returns the cycle of
  /// acceptance.
  Cycle ask(Cycle t);
  /// No more requests (a fault stops fetch).
  void stop() { stopped_ = true; }

  // --- back end --------------------------------------------------------------
  /// The oldest burst, or null.
  ReadBurst* head() { return slots_.empty() ? nullptr : &slots_.front(); }
  const ReadBurst* head() const { return slots_.empty() ? nullptr : &slots_.front(); }
  /// The slot of the oldest burst is free.
  void free_head() { slots_.pop(); }

 private:
  uint32_t pc_of(const Burst& burst) const;

  Front* const front_;
  CoreContext& core_;
  BurstCutter cutter_;
  Ring<ReadBurst> slots_;
  std::vector<uint8_t> buffers_;
  uint32_t pc_ = 0;
  isa::Counter bytes_ = isa::Counter::kReadBytesInstructions;
  Cycle pending_ = kNever;
  bool wants_data_ = true;
  bool stopped_ = false;
};

}  // namespace systole::core
