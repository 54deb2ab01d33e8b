// SPDX-License-Identifier: Apache-2.0
// Progress of long work: how far, how fast, how long still. Shown on a terminal only; an interrupt
// tells it anywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/cli/interrupt.h"
#include "sim/session/watch.h"

namespace systole::cli {

class Progress {
 public:
  /// `what` is done in `unit`s of which there are `total` (0: unknown).
  Progress(std::string what, std::string unit, uint64_t total);
  /// Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` units are done; may be called often. Where the total is unknown, `fraction` says how
  /// much of the work that is (negative: unknown too).
  void update(uint64_t done, double fraction = -1);
  /// `done` of `total` units are done, where the total comes with the work.
  void update_of(uint64_t done, uint64_t total);
  /// What an interrupt tells besides.
  void advise(const std::string& advice) { reached_.advise(advice); }
  /// What else there is to say behind how fast it goes: "best 8.1 ms".
  void remark(std::string remark) { remark_ = std::move(remark); }
  /// Clears the line for other output; the next update draws it again.
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;
  const std::string what_, unit_;
  uint64_t total_;
  const bool visible_;
  std::string remark_;
  ReachedWork reached_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  bool drawn_ = false;
};

/// Shows the tasks of a session, each on a line that the next one takes.
class ShownProgress {
 public:
  /// Outlived by this.
  session::Watcher watcher();
  void wipe() { progress_.reset(); }

 private:
  std::string task_;
  std::optional<Progress> progress_;
};

}  // namespace systole::cli
