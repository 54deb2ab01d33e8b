// SPDX-License-Identifier: Apache-2.0
// What Ctrl-C does: tell what was reached and end with an exit code of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/session/watch.h"

namespace systole::cli {

/// From now on SIGINT and SIGTERM end this process with exit code 128 + signal (130, 143) after a
/// line on stderr that says what was reached. Simulations and workers, processes of their own, die
/// with it. Again, in a forked process, work is named where the first one's parent sees it.
void handle_interrupts();

/// What is named as under way; none: nothing is.
std::optional<session::Advance> reached_work();

/// Names the work under way; simulations in forked processes count for their parent too. One work
/// at a time; the last one named counts.
class ReachedWork {
 public:
  /// "WHAT: N UNIT", or "WHAT: N of TOTAL UNIT" where the total is known (not 0).
  ReachedWork(const std::string& what, const std::string& unit, uint64_t total);
  ~ReachedWork();
  ReachedWork(const ReachedWork&) = delete;
  ReachedWork& operator=(const ReachedWork&) = delete;
  void update(uint64_t done);
  /// What can be done about it stands behind.
  void advise(const std::string& advice);
  /// The total has become known.
  void set_total(uint64_t total);
};

}  // namespace systole::cli
