// SPDX-License-Identifier: Apache-2.0
// What other prices make of the points of a database: their fronts, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/front/objective.h"
#include "sim/reprice/pricer.h"
#include "sim/results/sqlite.h"

namespace systole::reprice {

/// A point that is on the front of its rivals, or was.
struct FrontPoint {
  int64_t id = 0;
  std::string network, machine;  ///< with widths and pruning, unless it is as it came
  int64_t batch = 1;
  Price price;
  std::vector<double> figures;  ///< by the objectives
  bool was = false, is = false;
  double stays = -1;  ///< share of the draws; below 0: nothing was drawn
};

struct Report {
  std::string table;                ///< now
  std::vector<std::string> tables;  ///< before
  std::vector<front::Objective> objectives;
  size_t points = 0, left_out = 0;  ///< left_out: they fail a limit, or have not all figures
  std::vector<FrontPoint> front;    ///< by network and batch, then by the first objective
};

/// `table`: that `prices` are of; `is`, `was`: on the front now and before; `shares`: of
/// shares_on_front, or empty. Reads names from `database`.
Report make_report(results::Connection& database, const results::Part& table, const Points& points,
                   const std::vector<Price>& prices, const std::vector<bool>& is,
                   const std::vector<bool>& was, const std::vector<double>& shares);

std::string report_text(const Report& report, size_t width = 0);
nlohmann::ordered_json report_json(const Report& report);

}  // namespace systole::reprice
