// SPDX-License-Identifier: Apache-2.0
// The unit sto: fills bursts from UB, writes them, and ends an instruction with its last response.
#pragma once

#include <vector>

#include "model/core/burst.h"
#include "model/core/front.h"

namespace systole::core {

class StoreDma {
 public:
  explicit StoreDma(CoreContext& core);

  void clock(Cycle t);
  /// Asks the memory for a burst that is on the bus for the first time in `t`; after the reads of
  /// `t`.
  void clock_bus(Cycle t);
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;

  Front& front() { return front_; }
  const Front& front() const { return front_; }

 private:
  struct Slot : Burst {
    uint32_t pc = 0;
    Front::Ticket ticket = 0;
    Cycle ready = kNever;       ///< may enter AW
    Cycle free = kNever;        ///< kNever until the memory has answered
    uint8_t* buffer = nullptr;  ///< from the first beat on
  };

  void begin(Cycle s);
  bool fill(Cycle t);
  void enter_bus(Cycle t);
  uint64_t word_of(uint64_t byte) const;

  CoreContext& core_;
  Front front_;
  BurstCutter cutter_;
  Ring<Slot> slots_;
  std::vector<uint8_t> buffers_, enables_;
  isa::Store store_;
  bool sync_ = false;
  Cycle fill_from_ = kNever;  ///< the running instruction's first fill step is not before
  Cycle fill_to_ = 0;         ///< first cycle after the last known fill step
  bool starved_ = false;      ///< a fill step waits for a slot
  size_t entered_ = 0;        ///< of slots_: those that have entered AW
  bool on_bus_ = false;       ///< the AW register is full
  Cycle entered_at_ = kNever;
  Cycle accept_ = kNever;  ///< kNever until the memory was asked
};

}  // namespace systole::core
