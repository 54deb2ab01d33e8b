// SPDX-License-Identifier: Apache-2.0
// One query; machines are made once.
#include "sim/reprice/points.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "model/base/error.h"
#include "sim/energy/energy.h"
#include "sim/reprice/twins.h"
#include "sim/results/stored_configuration.h"
#include "sim/sweep/stored_point.h"

namespace systole::reprice {
namespace {

/// The columns before events and objectives.
constexpr const char* kHead =
    "p.id, p.machine, p.batch * p.repeat, p.latency_ms, p.network || ' ' || p.batch || ' ' || "
    "p.repeat || ' ' || p.weights || ' ' || p.activations || ' ' || p.precision || ' ' || p.prune "
    "|| char(10) || p.shape "
    "|| char(10) || p.calib_method || p.host_fallback || p.choices || p.version";
constexpr int kFirstEvent = 5;
constexpr int kFirstObjective = kFirstEvent + static_cast<int>(energy::kEnergyEvents);

std::string query(const std::vector<front::Objective>& objectives) {
  std::string text = std::string("SELECT ") + kHead;
  for (size_t i = 0; i < energy::kEnergyEvents; ++i)
    text +=
        fmt::format(", e.{}", energy::energy_event_info(static_cast<energy::EnergyEvent>(i)).name);
  for (const front::Objective& one : objectives) text += ", p." + one.figure;
  return text +
         " FROM points p JOIN events e ON e.point = p.id WHERE p.status = 'finished' "
         "ORDER BY p.id";
}

class Reader {
 public:
  Reader(results::Connection& database, const std::vector<front::Objective>& objectives)
      : database_(database), weighed_(objectives.size()) {
    made_.objectives = objectives;
  }

  Points read() {
    read_machines();
    made_.twins = find_twins(database_);
    results::Statement row(database_, query(made_.objectives));
    while (row.step())
      if (!made_.twins.contains(row.integer(0))) made_.points.push_back(point_of(row));
    if (made_.points.empty())
      throw Error(fmt::format("{}: has no finished points, expected some that a sweep ran",
                              database_.file().string()));
    check_weighed();
    made_.rivals = rivals_.size();
    results::Statement tables(database_,
                              "SELECT identity, name FROM energy_tables WHERE id IN (SELECT "
                              "energy_table FROM points) ORDER BY id");
    while (tables.step()) made_.tables.push_back({tables.text(0), tables.text(1)});
    return std::move(made_);
  }

 private:
  Point point_of(const results::Statement& row) {
    Point point;
    point.id = row.integer(0);
    point.machine = machines_.at(row.integer(1));
    point.items = row.integer(2);
    point.latency_ms = row.real(3);
    point.rivals = rivals_.try_emplace(row.text(4), rivals_.size()).first->second;
    for (size_t i = 0; i < energy::kEnergyEvents; ++i)
      point.events.counts[i] = row.integer(kFirstEvent + static_cast<int>(i));
    for (size_t i = 0; i < made_.objectives.size(); ++i) {
      const int at = kFirstObjective + static_cast<int>(i);
      point.is_weighed &= !row.is_null(at);
      weighed_[i] += !row.is_null(at);
      point.costs.push_back(made_.objectives[i].cost(row.real(at)));
    }
    return point;
  }

  /// An objective that no point has a figure of.
  void check_weighed() const {
    for (size_t i = 0; i < weighed_.size(); ++i) {
      if (weighed_[i] > 0) continue;
      const std::string& figure = made_.objectives[i].figure;
      throw Error(fmt::format("{}: no point has {}, expected a sweep with {}, or other objectives",
                              database_.file().string(), figure,
                              figure == "top1"     ? "data"
                              : figure == "metric" ? "a metric"
                                                   : "repeat above 1"));
    }
  }

  /// Those that finished points ran on; hardware that cannot be made has none.
  void read_machines() {
    std::set<int64_t> used;
    results::Statement ids(database_,
                           "SELECT DISTINCT machine FROM points WHERE status = 'finished'");
    while (ids.step()) used.insert(ids.integer(0));
    sweep::StoredMachines stored;
    results::each_machine(database_, [&](int64_t id, const results::Machine& machine) {
      if (!used.contains(id)) return;
      machines_[id] = made_.machines.size();
      made_.machines.push_back(stored.arch_of(machine));
    });
  }

  results::Connection& database_;
  std::map<int64_t, size_t> machines_;
  std::map<std::string, size_t> rivals_;
  std::vector<size_t> weighed_;  ///< points that have the figure of each objective
  Points made_;
};

}  // namespace

Points read_points(results::Connection& database, const std::vector<front::Objective>& objectives) {
  return Reader(database, objectives).read();
}

}  // namespace systole::reprice
