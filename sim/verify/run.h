// SPDX-License-Identifier: Apache-2.0
// Runs points of a database again and compares.
#pragma once

#include <functional>
#include <string>

#include "sim/results/compare.h"
#include "sim/verify/plan.h"

namespace systole::verify {

/// What a second run of a point gave.
struct Verdict {
  const Item& item;
  const char* engine;
  std::string name;  ///< of the point
  bool equal = false;
  std::string reason;              ///< why it came to no end
  results::Difference difference;  ///< of the stored point to that run, if it did
};

struct Tally {
  size_t equal = 0, differ = 0;
  size_t left = 0;  ///< points that the budget did not hold after all
};

/// Runs `plan` until the budget of `request` is spent; each point's verdict stands in the database
/// before `told` sees it. Throws Error if the RTL cannot be built.
Tally run_plan(results::Connection& database, const Plan& plan, const Request& request,
               const std::function<void(const Verdict&)>& told);

}  // namespace systole::verify
