// SPDX-License-Identifier: Apache-2.0
// The first fault of a run and the cycle from which it is visible.
#pragma once

#include <cstdint>

#include "model/core/events.h"
#include "model/isa/isa.h"

namespace systole::core {

/// The first fault. Bus errors are known ahead of the cycle in which they become visible.
class FaultRecorder {
 public:
  /// Faults of one cycle: the lower rank stays.
  enum Rank { kRead, kWrite, kDispatch };

  bool visible(Cycle t) const { return visible_ <= t; }
  Cycle visible_from() const { return visible_; }
  isa::Fault code() const { return code_; }
  uint32_t pc() const { return pc_; }
  void offer(Cycle visible, Rank rank, isa::Fault code, uint32_t pc) {
    if (visible > visible_ || (visible == visible_ && rank >= rank_)) return;
    visible_ = visible;
    rank_ = rank;
    code_ = code;
    pc_ = pc;
  }

 private:
  Cycle visible_ = kNever;
  Rank rank_ = kDispatch;
  isa::Fault code_ = isa::Fault::kNone;
  uint32_t pc_ = 0;
};

}  // namespace systole::core
