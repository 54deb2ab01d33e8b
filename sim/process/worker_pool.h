// SPDX-License-Identifier: Apache-2.0
// Runs independent tasks, each in a process of its own, several at once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace systole::process {

/// What a task gave.
struct WorkerResult {
  bool ok = false;
  std::string text;  ///< what the task returned, or the reason why it failed
};

/// Runs task(0) to task(count - 1) in forked processes, at most `jobs` at once, and hands each
/// result to `done` here, in the order in which they end. A task that throws, or is killed, is a
/// result that says why; the others go on. Workers die with this process, and with a `done` that
/// throws.
void run_workers(size_t count, int jobs, const std::function<std::string(size_t)>& task,
                 const std::function<void(size_t, const WorkerResult&)>& done);

/// Processors that this process may use.
int usable_processors();

}  // namespace systole::process
