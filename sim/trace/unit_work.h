// SPDX-License-Identifier: Apache-2.0
// What a unit did, from its instructions and the causes of its cycles, as pieces that can be drawn.
#pragma once

#include <vector>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// An instruction at work, on one of the lines of its unit: those that overlap have lines of their
/// own.
struct WorkItem {
  uint32_t pc = 0;
  Cycle from = 0, to = 0;  ///< its cycles are [from, to)
  int line = 0;
};

/// The instructions of `unit` in the order of their starts, which is that of their ends, too.
std::vector<WorkItem> work_of(const std::vector<core::RetireEvent>& retired, isa::Unit unit);

/// The unit spent the cycles [from, to) for one cause.
struct CausePiece {
  Cycle from = 0, to = 0;
  isa::Cause cause = isa::Cause::kIdle;
};

/// Cuts the causes of one unit at borders that are asked for in order.
class CauseCutter {
 public:
  explicit CauseCutter(const std::vector<core::CauseEvent>& causes) : causes_(causes) {}

  /// Calls `see` for each piece of [from, to). `from` is not before the `to` of an earlier call.
  template <class See>
  void cut(Cycle from, Cycle to, See see) {
    while (from < to) {
      while (next_ < causes_.size() && causes_[next_].cycle <= from) ++next_;
      const Cycle end = next_ < causes_.size() ? std::min<Cycle>(to, causes_[next_].cycle) : to;
      const auto cause = next_ == 0 ? isa::Cause::kIdle
                                    : static_cast<isa::Cause>(uint64_t{causes_[next_ - 1].cause});
      see(CausePiece{from, end, cause});
      from = end;
    }
  }

 private:
  const std::vector<core::CauseEvent>& causes_;
  size_t next_ = 0;  ///< the first event that is not in force yet
};

}  // namespace systole::trace
