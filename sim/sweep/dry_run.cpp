// SPDX-License-Identifier: Apache-2.0
// Counts; a hundred thousand points take a second.
#include "sim/sweep/dry_run.h"

#include <fmt/format.h>

#include "sim/report/format.h"
#include "sim/sweep/identity.h"

namespace systole::sweep {
namespace {

std::string line(size_t count, const std::string& what) {
  return fmt::format("{:>12} {}\n", report::with_commas(count), what);
}

}  // namespace

std::string dry_run_text(const SweepSpec& spec) {
  const bool grouped = !spec.workload.empty();
  std::string text;
  if (!spec.where.empty()) {
    text = line(spec.drawn, grouped ? "machines before where" : "points before where");
    for (const Constraint& constraint : spec.where)
      text += line(constraint.drops, "dropped by " + constraint.condition.text());
  }
  if (grouped)
    text +=
        line(spec.groups.size(), spec.has_baseline ? "machines, with the baseline" : "machines");
  return text + line(spec.points.size(), "points");
}

std::string known_text(const SweepSpec& spec, const std::unordered_set<std::string>& known,
                       TimeEstimator& estimator) {
  Identifier identifier;
  std::unordered_set<std::string> different;
  size_t there = 0;
  for (const SweepPoint& point : spec.points) {
    const auto [identity, fresh] = different.insert(identifier.identity(point));
    if (!fresh) continue;
    if (known.contains(*identity))
      ++there;
    else
      estimator.add(point);
  }
  std::string text;
  if (different.size() < spec.points.size()) text = line(different.size(), "of them different");
  return text + line(there, "in the database") + line(different.size() - there, "to run");
}

}  // namespace systole::sweep
