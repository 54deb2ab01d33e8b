// SPDX-License-Identifier: Apache-2.0
// What a database has of its finished points that prices are multiplied with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/energy/events.h"
#include "sim/front/objective.h"
#include "sim/results/configuration.h"
#include "sim/results/sqlite.h"

namespace systole::reprice {

struct Point {
  int64_t id = 0;
  size_t machine = 0;  ///< of Points::machines
  size_t rivals = 0;   ///< points of one number are compared: network, batch, widths and the like
  int64_t items = 1;   ///< inferences of the run
  double latency_ms = 0;
  energy::EnergyEvents events;
  std::vector<double> costs;  ///< by Points::objectives, as they stand in the database
  bool is_weighed = true;     ///< has all figures that the objectives want
};

struct Points {
  std::vector<front::Objective> objectives;
  std::vector<arch::ArchConfig> machines;
  std::vector<Point> points;          ///< in the order of their numbers
  std::map<int64_t, int64_t> twins;   ///< what became one with one of them (twins.h)
  std::vector<results::Part> tables;  ///< that they were priced by
  size_t rivals = 0;                  ///< kinds of them

  size_t size() const { return points.size(); }
};

/// All of `database`, whichever version of the program they are of; those that differ in their
/// table alone once. Throws Error: no finished point, machines that this program does not know.
Points read_points(results::Connection& database, const std::vector<front::Objective>& objectives);

}  // namespace systole::reprice
