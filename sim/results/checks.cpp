// SPDX-License-Identifier: Apache-2.0
// Reads points with their parts, writes the table `checks`.
#include "sim/results/checks.h"

namespace systole::results {
namespace {

constexpr const char* kMachines =
    "SELECT m.identity, m.name, m.parameters, m.clock_mhz, m.array_rows, m.array_cols, m.ub_kib, "
    "d.identity, d.name, d.parameters, m.id FROM machines m LEFT JOIN memories d ON d.id = "
    "m.memory";

/// Of a row of kMachines.
Machine machine_of(const Statement& row) {
  Machine machine;
  machine.identity = row.text(0);
  machine.name = row.text(1);
  machine.parameters = row.text(2);
  machine.clock_mhz = row.real(3);
  machine.array_rows = row.integer(4);
  machine.array_cols = row.integer(5);
  machine.ub_kib = row.integer(6);
  if (!row.is_null(7)) machine.memory = Memory{{row.text(7), row.text(8)}, row.text(9)};
  return machine;
}

}  // namespace

std::vector<FinishedPoint> finished_points(Connection& database, const std::string& version) {
  std::vector<FinishedPoint> points;
  Statement all(database,
                "SELECT p.id, p.configuration, p.machine, p.cycles, e.seconds, c.engine, c.equal "
                "FROM points p JOIN versions v ON v.id = p.version LEFT JOIN checks c ON c.point = "
                "p.id LEFT JOIN execution e ON e.configuration = p.configuration AND e.version = "
                "p.version WHERE p.status = 'finished' AND v.name = ? ORDER BY p.id");
  all.with(version);
  while (all.step())
    points.push_back({all.integer(0), all.text(1), all.integer(2), all.integer(3), all.real(4),
                      all.integer(6) != 0 ? all.text(5) : ""});
  return points;
}

Machine stored_machine(Connection& database, int64_t id) {
  Statement row(database, kMachines + std::string(" WHERE m.id = ?"));
  row.with(id).step();
  return machine_of(row);
}

void each_machine(Connection& database, const std::function<void(int64_t, const Machine&)>& see) {
  Statement row(database, kMachines + std::string(" WHERE m.id IN (SELECT machine FROM points)"));
  while (row.step()) see(row.integer(10), machine_of(row));
}

StoredConfiguration stored_configuration(Connection& database, int64_t point) {
  Statement row(database,
                "SELECT p.configuration, p.machine, n.identity, n.file, n.path, e.identity, "
                "e.name, p.weights, p.activations, p.prune, p.batch, p.shape, p.calib_method, "
                "p.host_fallback, p.choices, p.detail, p.repeat, "
                "p.data, p.calib, p.evaluation FROM points p JOIN networks n ON "
                "n.id = p.network JOIN "
                "energy_tables e ON e.id = p.energy_table WHERE p.id = ?");
  row.with(point).step();
  StoredConfiguration stored;
  Configuration& made = stored.configuration;
  made.identity = row.text(0);
  made.machine = stored_machine(database, row.integer(1));
  made.network = {{row.text(2), row.text(3)}, row.text(4)};
  made.energy_table = {row.text(5), row.text(6)};
  made.weights = static_cast<int>(row.integer(7));
  made.activations = static_cast<int>(row.integer(8));
  made.prune = row.text(9);
  made.batch = row.integer(10);
  made.shape = row.text(11);
  made.calib_method = row.text(12);
  made.host_fallback = row.integer(13) != 0;
  made.choices = row.text(14);
  stored.detail = detail_of(row.text(15));
  made.repeat = row.integer(16);
  made.data = row.text(17);
  made.calib = row.text(18);
  made.evaluation = row.text(19);
  return stored;
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
