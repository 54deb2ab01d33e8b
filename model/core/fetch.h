// SPDX-License-Identifier: Apache-2.0
// The unit fetch: reads the program, assembles, checks and dispatches instructions (docs/timing.md,
// "Dispatch").
#pragma once

#include <array>
#include <string>

#include "model/core/burst_reader.h"
#include "model/core/front.h"

namespace systole::core {

class Fetch {
 public:
  /// The fronts in the order of isa::Unit, from lda on.
  using Fronts = std::array<Front*, isa::kUnits - 1>;

  Fetch(const Fronts& fronts, uint32_t base, uint32_t length, CoreContext& core);

  void clock(Cycle t);
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;
  BurstReader& reader() { return reader_; }
  uint32_t dispatched() const { return dispatched_; }
  std::string describe() const;

 private:
  void step(Cycle t);

  CoreContext& core_;
  const Fronts fronts_;
  const uint32_t length_;
  BurstReader reader_;

  // Assembly of the next instruction, IR, DR.
  std::array<uint8_t, isa::kInstructionBytes> assembly_{};
  uint32_t assembled_ = 0;   ///< bytes
  uint32_t burst_done_ = 0;  ///< bytes taken from the oldest burst
  bool burst_drained_ = false;
  bool ir_valid_ = false;
  isa::Words ir_{};
  uint32_t ir_pc_ = 0;
  bool dr_valid_ = false;
  Command dr_;
  isa::Fault dr_fault_ = isa::Fault::kNone;
  uint32_t dr_pc_ = 0;

  uint32_t stepped_ = 0;  ///< instructions assembled
  uint32_t dispatched_ = 0;
  Cycle changed_ = kNever;  ///< last cycle in which something moved
};

}  // namespace systole::core
