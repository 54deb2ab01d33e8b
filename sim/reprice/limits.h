// SPDX-License-Identifier: Apache-2.0
// Limits that points of a database failed, held against other prices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/reprice/pricer.h"
#include "sim/results/sqlite.h"

namespace systole::reprice {

struct FailedLimit {
  int64_t point = 0;
  std::string text;
  std::optional<double> over;
};

/// Those of `failed_limits` that fail at `prices` too: what does not speak of prices stays as it
/// is. Limits that no price had failed before are not known to the database.
std::vector<FailedLimit> failed_limits(results::Connection& database, const Points& points,
                                       const std::vector<Price>& prices);

}  // namespace systole::reprice
