// SPDX-License-Identifier: Apache-2.0
// Sorts logs.
#include "sim/platform/run.h"

#include <algorithm>
#include <tuple>

namespace systole::platform {

void take_log(core::RunLog& log, const program::Program& program, RunResult& result) {
  for (core::RetireEvent& event : log.retired)
    if (event.pc < program.code.size()) event.tag = isa::Header::decode(program.code[event.pc]).tag;
  std::stable_sort(log.retired.begin(), log.retired.end(), [](const auto& a, const auto& b) {
    return std::tie(a.end, a.unit) < std::tie(b.end, b.unit);
  });
  std::stable_sort(log.dram.begin(), log.dram.end(), [](const auto& a, const auto& b) {
    return std::tie(a.cycle, a.write) < std::tie(b.cycle, b.write);
  });
  result.retired = std::move(log.retired);
  result.dram = std::move(log.dram);
  result.causes = std::move(log.causes);
}

}  // namespace systole::platform
