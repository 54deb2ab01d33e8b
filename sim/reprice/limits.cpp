// SPDX-License-Identifier: Apache-2.0
// Evaluates the texts that the database has.
#include "sim/reprice/limits.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "sim/expression/expression.h"
#include "sim/results/row_value.h"
#include "sim/sweep/limits.h"

namespace systole::reprice {
namespace {

bool depends_on_prices(const expression::Expression& limit) {
  for (const std::string& key : limit.keys())
    if (Price().find(key) != nullptr) return true;
  return false;
}

/// Of a row of `points`; nothing: no number, or no figure of a row.
std::optional<double> stored_figure(results::Connection& database, int64_t point,
                                    const std::string& key) {
  results::Statement known(database, "SELECT 1 FROM pragma_table_info('points') WHERE name = ?");
  if (!known.with(key).step()) return std::nullopt;
  results::Statement row(database, fmt::format("SELECT {} FROM points WHERE id = ?", key));
  if (!row.with(point).step()) return std::nullopt;
  const nlohmann::json value = results::row_value(row, 0);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

}  // namespace

std::vector<FailedLimit> failed_limits(results::Connection& database, const Points& points,
                                       const std::vector<Price>& prices) {
  std::map<int64_t, size_t> index;
  for (size_t i = 0; i < points.size(); ++i) index[points.points[i].id] = i;
  std::map<std::string, expression::Expression> limits;
  std::set<std::pair<int64_t, std::string>> seen;  // points that became one failed the same ones
  std::vector<FailedLimit> failed;
  results::Statement all(database, "SELECT point, text, over FROM failed_limits");
  while (all.step()) {
    FailedLimit one{all.integer(0), all.text(1), {}};
    if (!all.is_null(2)) one.over = all.real(2);
    if (const auto twin = points.twins.find(one.point); twin != points.twins.end())
      one.point = twin->second;
    if (!seen.insert({one.point, one.text}).second) continue;
    const auto [limit, fresh] = limits.try_emplace(
        one.text,
        expression::Expression::parse(one.text, expression::Kind::kTruth, sweep::limit_keys()));
    const auto at = index.find(one.point);
    if (depends_on_prices(limit->second) && at != index.end()) {
      const auto lookup = [&](const std::string& key) -> std::optional<double> {
        const double* price = prices[at->second].find(key);
        return price != nullptr ? *price : stored_figure(database, one.point, key);
      };
      if (limit->second.truth(lookup) == true) continue;
      one.over = limit->second.excess(lookup);
    }
    failed.push_back(std::move(one));
  }
  return failed;
}

}  // namespace systole::reprice
