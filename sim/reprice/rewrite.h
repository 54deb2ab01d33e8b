// SPDX-License-Identifier: Apache-2.0
// A database as a sweep with other prices would have made it.
#pragma once

#include <filesystem>
#include <vector>

#include "sim/reprice/limits.h"
#include "sim/reprice/pricer.h"
#include "sim/results/configuration.h"

namespace systole::reprice {

/// What is written.
struct Repriced {
  const Points& points;
  const std::vector<Price>& prices;
  const std::vector<FailedLimit>& failed;
  results::Part table;  ///< that `prices` are of
  int node_nm = 0;      ///< its node
};

/// Makes `file` of all that `database` has, with the figures and identities of `repriced`: points
/// that differed in their table alone become one, groups have the sums of their members. Throws
/// Error.
void rewrite(results::Connection& database, const Repriced& repriced,
             const std::filesystem::path& file);

}  // namespace systole::reprice
