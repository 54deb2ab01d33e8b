// SPDX-License-Identifier: Apache-2.0
// Points of a database that are run again: what they were, and whether it was the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/sqlite.h"

namespace systole::results {

/// A finished point, with what decides whether and how it is run again.
struct FinishedPoint {
  int64_t id = 0;
  std::string configuration;  ///< its identity
  int64_t machine = 0;        ///< row of `machines`
  int64_t cycles = 0;
  double seconds = 0;   ///< that it took; 0: unknown
  std::string checked;  ///< the engine that gave the same; "": none did
};

/// All of `version`, in the order of their numbers.
std::vector<FinishedPoint> finished_points(Connection& database, const std::string& version);

/// What a second run gave.
struct Check {
  int64_t point = 0;
  std::string engine;
  bool equal = false;
  std::optional<int64_t> cycles;  ///< none: it came to no end
  std::string difference;         ///< JSON, or the reason of the end; "": equal
  double seconds = 0;
};

/// In place of an earlier one of the same point, if that is there still.
void put_check(Connection& database, const Check& check);

}  // namespace systole::results
