// SPDX-License-Identifier: Apache-2.0
// A timed run, of which little is asked.
#include "compiler/lower/judge.h"

#include <algorithm>

#include "model/timed/kernel_run.h"

namespace systole::lower {
namespace {

/// No compiled program stands still; memories that give a byte in a thousand cycles look like it.
constexpr Cycle kPatience = Cycle{1} << 40;

}  // namespace

Verdict judge(const program::Program& program, const arch::ArchConfig& arch, Cycle limit,
              bool keep_log) {
  timed::KernelRun run = timed::run_kernel(program, arch, {limit, kPatience, keep_log});
  Verdict verdict;
  verdict.cycles = run.finished() ? run.cycles : kNever;
  for (core::RetireEvent& event : run.log.retired)
    event.tag = isa::Header::decode(program.code[event.pc]).tag;
  std::stable_sort(run.log.retired.begin(), run.log.retired.end(),
                   [](const auto& a, const auto& b) {
                     return std::pair(a.end, a.unit) < std::pair(b.end, b.unit);
                   });
  verdict.retired = std::move(run.log.retired);
  return verdict;
}

}  // namespace systole::lower
