// SPDX-License-Identifier: Apache-2.0
// Reads what is to be checked, writes the table `checks`.
#include "sim/results/checks.h"

namespace systole::results {
std::vector<FinishedPoint> finished_points(Connection& database, const std::string& version) {
  std::vector<FinishedPoint> points;
  Statement all(database,
                "SELECT p.id, p.configuration, p.machine, p.cycles, e.seconds, c.engine, c.equal "
                "FROM points p JOIN versions v ON v.id = p.version LEFT JOIN checks c ON c.point = "
                "p.id LEFT JOIN execution e ON e.configuration = p.configuration AND e.version = "
                "p.version WHERE p.status = 'finished' AND p.precision = '' AND v.name = ? "
                "ORDER BY p.id");  // policies are not in the database
  all.with(version);
  while (all.step())
    points.push_back({all.integer(0), all.text(1), all.integer(2), all.integer(3), all.real(4),
                      all.integer(6) != 0 ? all.text(5) : ""});
  return points;
}

void put_check(Connection& database, const Check& check) {
  Statement put(database,
                "INSERT OR REPLACE INTO checks (point, engine, equal, cycles, difference, seconds) "
                "SELECT id, ?, ?, ?, ?, ? FROM points WHERE id = ?");
  put.bind(0, check.engine);
  put.bind(1, int64_t{check.equal});
  if (check.cycles)
    put.bind(2, *check.cycles);
  else
    put.bind(2, nullptr);
  if (check.difference.empty())
    put.bind(3, nullptr);
  else
    put.bind(3, check.difference);
  put.bind(4, check.seconds);
  put.bind(5, check.point);
  put.run();
}

}  // namespace systole::results
