// SPDX-License-Identifier: Apache-2.0
// A run of the kernel, of which little is asked.
#include "compiler/lower/judge.h"

#include <utility>

#include "model/timed/kernel_run.h"

namespace systole::lower {
namespace {

/// No compiled program stands still; memories that give a byte in a thousand cycles look like it.
constexpr Cycle kPatience = Cycle{1} << 40;

}  // namespace

Verdict judge(const program::Program& program, const arch::ArchConfig& arch, Cycle limit,
              bool keep_log) {
  timed::KernelRun run = timed::run_kernel(program, arch, {limit, kPatience, keep_log});
  return {run.finished() ? run.cycles : kNever, std::move(run.log.retired)};
}

}  // namespace systole::lower
