// SPDX-License-Identifier: Apache-2.0
// Compares configurations without their tables.
#include "sim/reprice/twins.h"

#include <string>
#include <tuple>
#include <utility>

#include "sim/results/stored_configuration.h"
#include "sim/sweep/identity.h"

namespace systole::reprice {
namespace {

struct Candidate {
  int64_t id = 0;
  bool finished = false;
  results::Detail detail = results::Detail::kTotals;

  bool goes_before(const Candidate& other) const {
    return std::tuple(finished, detail, -id) > std::tuple(other.finished, other.detail, -other.id);
  }
};

bool has_several_tables(results::Connection& database) {
  results::Statement tables(database, "SELECT count(DISTINCT energy_table) FROM points");
  tables.step();
  return tables.integer(0) > 1;
}

}  // namespace

std::map<int64_t, int64_t> find_twins(results::Connection& database) {
  std::map<int64_t, int64_t> stays;
  if (!has_several_tables(database)) return stays;
  std::map<std::pair<std::string, int64_t>, Candidate> best;  // by the rest, and the version
  std::map<std::pair<std::string, int64_t>, std::vector<int64_t>> all;
  results::each_configuration(database, [&](const results::StoredConfiguration& stored) {
    results::Configuration rest = stored.configuration;
    rest.energy_table = {};
    const std::pair key(sweep::configuration_identity(rest), stored.version);
    const Candidate one{stored.point, stored.finished, stored.detail};
    const auto [there, fresh] = best.try_emplace(key, one);
    if (!fresh && one.goes_before(there->second)) there->second = one;
    all[key].push_back(stored.point);
  });
  for (const auto& [key, points] : all)
    for (const int64_t point : points)
      if (point != best[key].id) stays[point] = best[key].id;
  return stays;
}

}  // namespace systole::reprice
