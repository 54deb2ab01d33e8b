// SPDX-License-Identifier: Apache-2.0
// A forked process: started, waited for, and never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/base/error.h"
#include "sim/process/descriptor.h"

namespace systole::process {

/// How a process ended.
struct End {
  int status = 0;        ///< exit status; 0 if a signal killed it
  int signal = 0;        ///< 0: none
  int64_t peak_kib = 0;  ///< the most that it, or a process of its own, had in memory
};

/// "was killed by signal 9 (Killed)" or "ended with status 3".
std::string describe(const End& end);

/// Whether somebody killed the process, or its time: another try may end otherwise.
bool is_from_outside(const End& end);

/// A process that work was given to was killed from outside.
class KilledError : public Error {
 public:
  explicit KilledError(const std::string& message) : Error(message, ExitCode::kStopped) {}
};

/// Which processes a signal to a child, and its end with its object, reach.
enum class Reach { kChild, kGroup };

/// A forked process. It is killed and reaped with this object, unless it has ended before.
class Child {
 public:
  /// Runs `body` in a new process, which ends with status 0 after it, with 1 if it throws. With
  /// Reach::kGroup it leads a process group of its own. Throws Error (stopped): "cannot start a
  /// process for PURPOSE: REASON".
  Child(const std::string& purpose, const std::function<void()>& body, Reach reach = Reach::kChild);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;

  pid_t id() const { return id_; }
  /// Waits for its end, however long that takes; again it gives the same.
  End wait();
  /// As wait(), for at most `time`: nothing if it goes on.
  std::optional<End> wait_for(std::chrono::milliseconds time);
  /// Kills it, and its group if it leads one, and reaps it.
  void stop();

 private:
  std::optional<End> reap(int options);

  pid_t id_ = -1;  ///< -1: moved away
  Reach reach_ = Reach::kChild;
  std::optional<End> end_;
};

/// A child and the pipe that it writes its answer to, which ends with it.
struct Worker {
  Child child;
  Descriptor answer;
};

/// Runs `body` with the end of the pipe that it writes to, in a child that dies with this process
/// and leaves Ctrl-C to it.
Worker start_worker(const std::string& purpose, const std::function<void(int out)>& body);

}  // namespace systole::process
