// SPDX-License-Identifier: Apache-2.0
// Adds up the intervals between the changes of a cause.
#include "sim/report/cause_cycles.h"

#include <algorithm>
#include <numeric>

#include "model/isa/counter_ids.h"

namespace systole::report {

UnitCycles cause_cycles(const core::CauseLog& log, Cycle from, Cycle to) {
  UnitCycles sums{};
  for (size_t unit = 0; unit < log.size(); ++unit) {
    const auto& events = log[unit];
    // The first change inside the window; the cause before it came with the change before.
    auto next =
        std::upper_bound(events.begin(), events.end(), from,
                         [](Cycle cycle, const core::CauseEvent& e) { return cycle < e.cycle; });
    size_t cause = next == events.begin() ? static_cast<size_t>(isa::Cause::kIdle)
                                          : static_cast<size_t>(std::prev(next)->cause);
    Cycle since = from;
    for (; next != events.end() && next->cycle < to; ++next) {
      sums[unit][cause] += next->cycle - since;
      since = next->cycle;
      cause = next->cause;
    }
    if (to > since) sums[unit][cause] += to - since;
  }
  return sums;
}

UnitCycles& operator+=(UnitCycles& sums, const UnitCycles& other) {
  for (size_t unit = 0; unit < sums.size(); ++unit)
    for (size_t cause = 0; cause < sums[unit].size(); ++cause)
      sums[unit][cause] += other[unit][cause];
  return sums;
}

UnitCycles cause_cycles(const std::array<uint64_t, isa::kCounters>& counters) {
  UnitCycles sums{};
  for (int u = 0; u < isa::kUnits; ++u)
    for (int c = 0; c < isa::kCauses; ++c)
      sums[static_cast<size_t>(u)][static_cast<size_t>(c)] =
          counters[static_cast<size_t>(isa::cause_counter(isa::Unit(u), isa::Cause(c)))];
  return sums;
}

Cycle total(const CauseCycles& cycles) {
  return std::accumulate(cycles.begin(), cycles.end(), Cycle{0});
}

const char* Stall::name() const { return cycles > 0 ? isa::cause_name(cause) : "none"; }

Stall largest_stall(const UnitCycles& units) {
  const CauseCycles& mxu = units[static_cast<size_t>(isa::Unit::kMxu)];
  const auto largest = std::max_element(mxu.begin() + 1, mxu.end());
  return {static_cast<isa::Cause>(largest - mxu.begin()), *largest};
}

}  // namespace systole::report
