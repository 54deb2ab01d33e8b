// SPDX-License-Identifier: Apache-2.0
// Words the changes of the hardware that were tried.
#include "sim/cli/explain_option.h"

#include <fmt/format.h>

#include "sim/cli/progress.h"
#include "sim/process/worker_pool.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

constexpr size_t kShown = 3;

}  // namespace

std::vector<session::ChangeResult> try_changes(const pipeline::NetworkPlan& plan,
                                               const arch::ArchConfig& arch,
                                               const choices::Choices& choices) {
  Progress progress("changes of the hardware", "tried", session::hardware_changes(arch).size());
  return session::try_hardware_changes(plan, arch, choices, process::usable_processors(),
                                       [&](size_t done) { progress.update(done); });
}

std::string changes_text(const std::vector<session::ChangeResult>& results, Cycle cycles) {
  std::string text = fmt::format("what would help most, of {} changes tried\n", results.size());
  size_t shown = 0;
  for (const session::ChangeResult& result : results) {
    if (shown == kShown || result.cycles == 0 || result.cycles >= cycles) break;
    ++shown;
    text += fmt::format("  {:<48} {:>14} cycles, {:.3f} times as fast\n", result.name,
                        report::with_commas(result.cycles), result.speedup(cycles));
  }
  if (shown == 0) text += "  none of them\n";
  for (const session::ChangeResult& result : results)
    if (!result.failure.empty())
      text += fmt::format("  {}: not possible: {}\n", result.name,
                          report::printable(result.failure.substr(0, result.failure.find('\n'))));
  return text;
}

}  // namespace systole::cli
