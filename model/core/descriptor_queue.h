// SPDX-License-Identifier: Apache-2.0
// The instructions that the back end of a load unit works off, one after another (docs/timing.md,
// "Back end").
#pragma once

#include "model/core/front.h"
#include "model/core/ring.h"

namespace systole::core {

class DescriptorQueue {
 public:
  struct Descriptor {
    Command command;
    Front::Ticket ticket = 0;
    Cycle visible = 0;
  };

  explicit DescriptorQueue(int in_flight_limit) : waiting_(static_cast<size_t>(in_flight_limit)) {}

  void push(const Command& command, Front::Ticket ticket, Cycle visible) {
    waiting_.push({command, ticket, visible});
  }
  /// The descriptor that may step in `t`, or null. If there is none it may load one, to be active
  /// from t + 1.
  const Descriptor* active(Cycle t) {
    if (active_from_ <= t) return &waiting_.front();
    if (active_from_ == kNever && !waiting_.empty() && waiting_.front().visible <= t &&
        idle_from_ <= t)
      active_from_ = t + 1;
    return nullptr;
  }
  /// The active descriptor's last step is in `e`: the next may be loaded in e + 1.
  void finish(Cycle e) {
    waiting_.pop();
    active_from_ = kNever;
    idle_from_ = e + 1;
  }
  Cycle next_event(Cycle t) const {
    if (active_from_ != kNever) return active_from_ > t ? active_from_ : kNever;
    if (waiting_.empty()) return kNever;
    return std::max({waiting_.front().visible, idle_from_, t + 1});
  }

 private:
  Ring<Descriptor> waiting_;
  Cycle active_from_ = kNever;  ///< kNever: no descriptor is active
  Cycle idle_from_ = 0;
};

}  // namespace systole::core
