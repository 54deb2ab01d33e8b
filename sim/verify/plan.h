// SPDX-License-Identifier: Apache-2.0
// Which points of a database are run again, on what, and about how long that takes.
#pragma once

#include <filesystem>
#include <vector>

#include "model/arch/arch.h"
#include "sim/results/checks.h"
#include "sim/results/stored_configuration.h"

namespace systole::verify {

struct Request {
  size_t count = 0;           ///< points; 0: all that the budget holds
  uint64_t seed = 1;          ///< of the draw
  double budget_seconds = 0;  ///< 0: none
  int jobs = 1;
  std::filesystem::path networks =
      {};  ///< a folder of network files; empty: where sweeps found them
};

/// A point that is to be run.
struct Item {
  results::FinishedPoint point;
  results::StoredConfiguration stored;
  std::filesystem::path network;  ///< its file
  double seconds = 0;             ///< that it takes, about
};

/// Points that one simulator runs, one machine's RTL or the model.
struct Lot {
  bool on_rtl = true;
  isa::HwParams hw;          ///< of the RTL
  double build_seconds = 0;  ///< 0: the cache has it, or the model needs none
  std::vector<Item> items;

  const char* engine() const { return on_rtl ? "rtl" : "model"; }
  bool is_built() const { return build_seconds == 0; }
  /// All of it, so many at once.
  double seconds(int jobs) const;
};

struct Plan {
  std::vector<Lot> lots;   ///< in the order in which they are run
  size_t finished = 0;     ///< points of the database
  size_t before = 0;       ///< of the points that are asked for, those that were checked before
  size_t large_array = 0;  ///< points on the model, as the array is too large
  size_t long_run = 0;     ///< and as the RTL would take too long

  size_t points() const;
  double seconds(int jobs) const;
};

/// Arrays up to so many rows and columns run on the RTL.
inline constexpr int kLargestSide = 32;
/// And points that take it so long, about.
inline constexpr double kLongestRun = 60;

/// Without a budget the first `count` points in the order that `seed` makes of all; with one, of
/// those that were not checked yet, as many as the budget holds, those first that need the least
/// time a point, builds included. Throws Error: no finished point of `version`, a network that is
/// not found or is not the one that ran, a budget that no point fits into.
Plan make_plan(results::Connection& database, const std::string& version, const Request& request);

}  // namespace systole::verify
