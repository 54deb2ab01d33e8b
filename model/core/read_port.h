// SPDX-License-Identifier: Apache-2.0
// The AR register and its arbiter: fetch first, lda and ldw in turn (docs/timing.md, "Burst
// reader").
#pragma once

#include "model/core/burst_reader.h"

namespace systole::core {

class ReadPort {
 public:
  ReadPort(BurstReader& fetch, BurstReader& lda, BurstReader& ldw)
      : fetch_(fetch), lda_(lda), ldw_(ldw) {}

  /// Asks the memory for a burst that is on the bus for the first time in `t`; returns its reader
  /// or null.
  const BurstReader* clock(Cycle t);
  /// Grants at most one burst in `t`; returns its reader or null.
  const BurstReader* decide(Cycle t);
  Cycle next_event(Cycle t) const;

 private:
  BurstReader& fetch_;
  BurstReader& lda_;
  BurstReader& ldw_;
  BurstReader* on_bus_ = nullptr;  ///< whose burst the AR register holds
  Cycle granted_ = kNever;
  Cycle accept_ = kNever;  ///< kNever until the memory was asked
  bool lda_was_last_ = false;
};

}  // namespace systole::core
