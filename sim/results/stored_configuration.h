// SPDX-License-Identifier: Apache-2.0
// What points of a database were asked for: their configurations, put together of its tables.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/results/configuration.h"
#include "sim/results/sqlite.h"

namespace systole::results {

/// The machine of row `id`.
Machine stored_machine(Connection& database, int64_t id);

/// All that points of `database` ran on, each with its row.
void each_machine(Connection& database,
                  const std::function<void(int64_t id, const Machine& machine)>& see);

struct StoredConfiguration {
  int64_t point = 0, version = 0, machine = 0;  ///< their rows
  bool finished = false;
  Detail detail = Detail::kTotals;
  Configuration configuration;
};

/// Of a point that is there.
StoredConfiguration stored_configuration(Connection& database, int64_t point);

/// Of all points, in any order; of machines there is their identity alone.
void each_configuration(Connection& database,
                        const std::function<void(const StoredConfiguration& stored)>& see);

}  // namespace systole::results
