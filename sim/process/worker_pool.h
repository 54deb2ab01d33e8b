// SPDX-License-Identifier: Apache-2.0
// Runs independent tasks in processes, several at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace systole::process {

/// What a task gave.
struct WorkerResult {
  bool ok = false;
  std::string text;      ///< what the task returned, or the reason why it failed
  bool killed = false;   ///< it, or a process of its own, was killed by somebody else
  int64_t peak_kib = 0;  ///< the most that one of them had in memory

  /// `text` without blanks at its end.
  std::string reason() const { return text.substr(0, text.find_last_not_of(" \n") + 1); }
};

/// Tasks that are found as workers become free.
struct Work {
  /// The task to start now; nothing: none, at the moment.
  std::function<std::optional<size_t>()> next;
  std::function<std::string(size_t)> task;                ///< in a forked process
  std::function<void(size_t, const WorkerResult&)> done;  ///< here, in the order in which they end
  std::function<void()> meanwhile;  ///< here, once a second at least; may be empty
  /// The state of this process that tasks inherit has a generation, a number that grows. A process
  /// takes tasks, one after the other, that need none after the one it was forked in, until one
  /// fails. Both may be empty: then each task has a process of its own.
  std::function<size_t()> generation;
  std::function<size_t(size_t)> needs;
};

/// Runs what `next` names, at most `jobs` at once, until it names nothing while none runs. A task
/// that throws, or is killed, is a result that says why; the others go on. Workers die with this
/// process, and with a `done` that throws.
void run_workers(const Work& work, int jobs);

/// The same of task(0) to task(count - 1).
void run_workers(size_t count, int jobs, const std::function<std::string(size_t)>& task,
                 const std::function<void(size_t, const WorkerResult&)>& done);

/// Processors that this process may use.
int usable_processors();

}  // namespace systole::process
