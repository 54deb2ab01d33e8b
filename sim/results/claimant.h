// SPDX-License-Identifier: Apache-2.0
// A process that works on points, and whether it still does.
#pragma once

#include <cstdint>
#include <string>

namespace systole::results {

/// A process as no later one will be called: process numbers are used again, but not with the same
/// start in the same run of a kernel.
struct Claimant {
  std::string host, boot;
  int64_t process = 0, started = 0;
  double renewed = 0;  ///< seconds since 1970
};

/// How long a process of another machine counts as alive without a sign of life.
inline constexpr double kLeaseSeconds = 300;
/// How often it gives one.
inline constexpr double kRenewalSeconds = 30;

/// This process, now.
Claimant this_claimant();

/// Whether `claimant` is at work, as `observer` sees it now: of the same machine, if there is such
/// a process; of another one, by its lease.
bool is_alive(const Claimant& claimant, const Claimant& observer);

}  // namespace systole::results
