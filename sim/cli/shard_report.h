// SPDX-License-Identifier: Apache-2.0
// A sweep that tells a state file how far it is.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace systole::cli {

class ShardReport {
 public:
  /// Of `total` points; an empty name: nobody is told. Throws Error.
  ShardReport(std::filesystem::path file, size_t total);
  /// After a point, of which `failed` so far; `fresh`: it was run now. Tells now and then. Throws
  /// Error.
  void add(bool failed, bool fresh);
  void finish();
  void fail(const std::string& reason);

 private:
  using Clock = std::chrono::steady_clock;
  void tell(const std::string& name, const std::string& reason = "");

  const std::filesystem::path file_;
  const size_t total_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point told_;
  size_t done_ = 0, failed_ = 0, fresh_ = 0;
};

}  // namespace systole::cli
