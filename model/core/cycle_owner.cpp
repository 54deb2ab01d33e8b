// SPDX-License-Identifier: Apache-2.0
// Walks through the work of three units at once, from one change of owner to the next.
#include "model/core/cycle_owner.h"

#include <algorithm>
#include <array>

namespace systole::core {
namespace {

constexpr std::array kOwners = {isa::Unit::kMxu, isa::Unit::kVpu, isa::Unit::kSto};

/// The work of one unit in the order in which it started, no two overlapping.
class Work {
 public:
  Work(const std::vector<RetireEvent>& retired, isa::Unit unit) {
    for (const RetireEvent& event : retired)
      if (event.unit == unit) work_.push_back({event.start, event.end + 1, event.tag});
    std::stable_sort(work_.begin(), work_.end(),
                     [](const OwnedCycles& a, const OwnedCycles& b) { return a.from < b.from; });
    for (size_t i = 0; i + 1 < work_.size(); ++i)
      work_[i].to = std::min(work_[i].to, work_[i + 1].from);
  }
  /// The first work that is not over in `cycle`; null if there is none. `cycle` may not fall.
  const OwnedCycles* from(Cycle cycle) {
    while (next_ < work_.size() && work_[next_].to <= cycle) ++next_;
    return next_ < work_.size() ? &work_[next_] : nullptr;
  }

 private:
  std::vector<OwnedCycles> work_;
  size_t next_ = 0;
};

}  // namespace

std::vector<OwnedCycles> cycle_owners(const std::vector<RetireEvent>& retired, Cycle cycles) {
  std::vector<Work> units;
  units.reserve(kOwners.size());
  for (const isa::Unit unit : kOwners) units.emplace_back(retired, unit);
  std::vector<OwnedCycles> owners;
  for (Cycle cycle = 0; cycle < cycles;) {
    const OwnedCycles* owner = nullptr;  // at work, or else the next to be
    Cycle to = cycles;
    for (Work& unit : units) {
      const OwnedCycles* work = unit.from(cycle);
      if (work == nullptr) continue;
      if (work->from <= cycle) {
        owner = work;
        to = std::min(to, work->to);
        break;
      }
      to = std::min(to, work->from);
      if (owner == nullptr || work->from < owner->from) owner = work;
    }
    if (owner == nullptr && owners.empty()) return owners;
    const uint16_t tag = owner != nullptr ? owner->tag : owners.back().tag;
    if (!owners.empty() && owners.back().tag == tag)
      owners.back().to = to;
    else
      owners.push_back({cycle, to, tag});
    cycle = to;
  }
  return owners;
}

}  // namespace systole::core
