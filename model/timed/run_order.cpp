// SPDX-License-Identifier: Apache-2.0
// Sorts by what does not depend on which unit an engine looks at first.
#include "model/timed/run_order.h"

#include <algorithm>
#include <tuple>

namespace systole::timed {

void put_in_order(core::RunLog& log, const program::Program& program) {
  for (core::RetireEvent& event : log.retired)
    if (event.pc < program.code.size()) event.tag = isa::Header::decode(program.code[event.pc]).tag;
  std::stable_sort(log.retired.begin(), log.retired.end(), [](const auto& a, const auto& b) {
    return std::tie(a.end, a.unit) < std::tie(b.end, b.unit);
  });
  std::stable_sort(log.dram.begin(), log.dram.end(), [](const auto& a, const auto& b) {
    return std::tie(a.cycle, a.write) < std::tie(b.cycle, b.write);
  });
}

}  // namespace systole::timed
