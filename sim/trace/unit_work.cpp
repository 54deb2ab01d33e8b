// SPDX-License-Identifier: Apache-2.0
// Deals overlapping instructions out to lines.
#include "sim/trace/unit_work.h"

#include <algorithm>

namespace systole::trace {

std::vector<WorkItem> work_of(const std::vector<core::RetireEvent>& retired, isa::Unit unit) {
  std::vector<WorkItem> work;
  std::vector<Cycle> free;  // of each line, from here on
  for (const core::RetireEvent& event : retired) {
    if (event.unit != unit) continue;
    auto line = std::find_if(free.begin(), free.end(), [&](Cycle f) { return f <= event.start; });
    if (line == free.end()) line = free.insert(free.end(), 0);
    *line = event.end + 1;
    work.push_back({event.pc, event.start, event.end + 1, static_cast<int>(line - free.begin())});
  }
  return work;
}

}  // namespace systole::trace
