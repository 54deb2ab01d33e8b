// SPDX-License-Identifier: Apache-2.0
// One query for machines, one for configurations, of one row or of all.
#include "sim/results/stored_configuration.h"

namespace systole::results {
namespace {

constexpr const char* kMachines =
    "SELECT m.identity, m.name, m.parameters, m.clock_mhz, m.array_rows, m.array_cols, m.ub_kib, "
    "d.identity, d.name, d.parameters, m.id, m.clock_node_nm FROM machines m LEFT JOIN memories d "
    "ON d.id = "
    "m.memory";

/// Of a row of kMachines.
Machine machine_of(const Statement& row) {
  Machine machine;
  machine.identity = row.text(0);
  machine.name = row.text(1);
  machine.parameters = row.text(2);
  machine.clock_mhz = row.real(3);
  machine.clock_node_nm = row.integer(11);
  machine.array_rows = row.integer(4);
  machine.array_cols = row.integer(5);
  machine.ub_kib = row.integer(6);
  if (!row.is_null(7)) machine.memory = Memory{{row.text(7), row.text(8)}, row.text(9)};
  return machine;
}

constexpr const char* kConfigurations =
    "SELECT p.id, p.version, p.status = 'finished', p.detail, p.configuration, m.id, m.identity, "
    "n.identity, n.file, n.path, e.identity, e.name, p.weights, p.activations, p.prune, p.batch, "
    "p.repeat, p.shape, p.calib_method, p.host_fallback, p.choices, p.data, p.calib, p.evaluation, "
    "p.precision "
    "FROM points p JOIN networks n ON n.id = p.network JOIN machines m ON m.id = p.machine JOIN "
    "energy_tables e ON e.id = p.energy_table";

/// Of a row of kConfigurations.
StoredConfiguration configuration_of(const Statement& row) {
  StoredConfiguration stored;
  stored.point = row.integer(0);
  stored.version = row.integer(1);
  stored.finished = row.integer(2) != 0;
  stored.detail = detail_of(row.text(3));
  Configuration& made = stored.configuration;
  made.identity = row.text(4);
  stored.machine = row.integer(5);
  made.machine.identity = row.text(6);
  made.network = {{row.text(7), row.text(8)}, row.text(9)};
  made.energy_table = {row.text(10), row.text(11)};
  made.weights = static_cast<int>(row.integer(12));
  made.activations = static_cast<int>(row.integer(13));
  made.prune = row.text(14);
  made.batch = row.integer(15);
  made.repeat = row.integer(16);
  made.shape = row.text(17);
  made.calib_method = row.text(18);
  made.host_fallback = row.integer(19) != 0;
  made.choices = row.text(20);
  made.data = row.text(21);
  made.calib = row.text(22);
  made.evaluation = row.text(23);
  made.precision = row.text(24);
  return stored;
}

}  // namespace

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
  Statement row(database, kConfigurations + std::string(" WHERE p.id = ?"));
  row.with(point).step();
  StoredConfiguration stored = configuration_of(row);
  stored.configuration.machine = stored_machine(database, stored.machine);
  return stored;
}

void each_configuration(Connection& database,
                        const std::function<void(const StoredConfiguration&)>& see) {
  Statement row(database, kConfigurations);
  while (row.step()) see(configuration_of(row));
}

}  // namespace systole::results
