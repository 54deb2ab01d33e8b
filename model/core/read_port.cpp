// SPDX-License-Identifier: Apache-2.0
// One AR register: empty, or accepted in this cycle, it takes the next burst.
#include "model/core/read_port.h"

namespace systole::core {

const BurstReader* ReadPort::clock(Cycle t) {
  if (on_bus_ == nullptr) return nullptr;
  const BurstReader* asked = nullptr;
  if (accept_ == kNever) {
    accept_ = on_bus_->ask(t);
    asked = on_bus_;
  }
  if (accept_ < t) on_bus_ = nullptr;
  return asked;
}

const BurstReader* ReadPort::decide(Cycle t) {
  if (on_bus_ != nullptr && accept_ != t) return nullptr;
  on_bus_ = nullptr;  // empty, or accepted in t
  BurstReader* winner = nullptr;
  if (fetch_.requests(t)) {
    winner = &fetch_;
  } else {
    const bool lda = lda_.requests(t), ldw = ldw_.requests(t);
    if (!lda && !ldw) return nullptr;
    lda_was_last_ = lda && !(ldw && lda_was_last_);
    winner = lda_was_last_ ? &lda_ : &ldw_;
  }
  winner->grant(t);
  on_bus_ = winner;
  granted_ = t;
  accept_ = kNever;
  return winner;
}

Cycle ReadPort::next_event(Cycle t) const {
  if (granted_ == t) return t + 1;  // on the bus: the memory is to be asked
  const Cycle request = std::min({fetch_.next_request(), lda_.next_request(), ldw_.next_request()});
  if (request == kNever) return kNever;
  return std::max({request, on_bus_ != nullptr ? accept_ : 0, t + 1});
}

}  // namespace systole::core
