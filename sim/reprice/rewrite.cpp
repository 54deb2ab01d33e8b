// SPDX-License-Identifier: Apache-2.0
// Copies the database as it is, then changes what depends on prices.
#include "sim/reprice/rewrite.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "model/base/error.h"
#include "sim/report/clock.h"
#include "sim/results/merge.h"
#include "sim/results/stored_configuration.h"
#include "sim/sweep/groups.h"
#include "sim/sweep/identity.h"

namespace systole::reprice {
namespace {

using results::Statement;

/// A machine of a workload with its points.
struct Group {
  int64_t id = 0, version = 0, baseline = 0;
  std::string identity;
  std::vector<results::GroupMember> members;

  /// As a sweep makes it; `compared`: nullptr: there is no baseline.
  std::string identity_with(const Group* compared) const {
    if (compared == nullptr) return sweep::group_identity(members, nullptr);
    std::vector<std::string> points;
    for (const results::GroupMember& member : compared->members)
      points.push_back(member.configuration);
    return sweep::group_identity(members, &points);
  }
};

class Rewriting {
 public:
  Rewriting(results::Connection& database, const Repriced& repriced)
      : database_(database), repriced_(repriced) {}

  void run() {
    results::Transaction changing(database_);
    find_baselines();
    put_table();
    put_identities();
    put_prices();
    put_limits();
    put_groups();
    database_.run("DELETE FROM energy_tables WHERE id NOT IN (SELECT energy_table FROM points)");
    changing.commit();
  }

 private:
  void put_table() {
    Statement(database_, "INSERT OR IGNORE INTO energy_tables (identity, name) VALUES (?, ?)")
        .with(repriced_.table.identity, repriced_.table.name)
        .run();
    Statement id(database_, "SELECT id FROM energy_tables WHERE identity = ?");
    id.with(repriced_.table.identity).step();
    table_ = id.integer(0);
  }

  /// Of points that differ in their table alone one stays.
  void put_identities() {
    std::vector<results::StoredConfiguration> all;
    results::each_configuration(
        database_, [&](const results::StoredConfiguration& stored) { all.push_back(stored); });
    const auto& twins = repriced_.points.twins;
    for (const results::StoredConfiguration& stored : all)
      if (const auto twin = twins.find(stored.point); twin != twins.end())
        drop(stored, twin->second);
    Statement point(database_,
                    "UPDATE points SET configuration = ?, energy_table = ? WHERE id = ?");
    Statement ran(database_,
                  "UPDATE execution SET configuration = ? WHERE configuration = ? AND version = ?");
    for (const results::StoredConfiguration& stored : all) {
      const std::string& before = stored.configuration.identity;
      const std::string& now = now_[before] = new_identity(stored);
      if (twins.contains(stored.point)) continue;
      point.with(now, table_, stored.point).run();
      ran.with(now, before, stored.version).run();
    }
  }

  void drop(const results::StoredConfiguration& stored, int64_t twin) {
    Statement(database_, "UPDATE group_members SET point = ? WHERE point = ?")
        .with(twin, stored.point)
        .run();
    Statement(database_, "DELETE FROM points WHERE id = ?").with(stored.point).run();
    Statement(database_, "DELETE FROM execution WHERE configuration = ? AND version = ?")
        .with(stored.configuration.identity, stored.version)
        .run();
  }

  std::string new_identity(const results::StoredConfiguration& stored) const {
    results::Configuration made = stored.configuration;
    if (sweep::configuration_identity(made) != made.identity)
      throw Error(
          fmt::format("{}: the configuration of point {} is not that of its columns, "
                      "expected one that this release wrote",
                      database_.file().string(), stored.point));
    made.energy_table = repriced_.table;
    return sweep::configuration_identity(made);
  }

  void put_prices() {
    Statement price(database_,
                    "UPDATE points SET energy_per_inference_uj = ?, average_power_mw = ?, "
                    "area_mm2 = ?, derived_clock_mhz = ? WHERE id = ?");
    std::vector<std::optional<double>> clocks;
    for (const arch::ArchConfig& machine : repriced_.points.machines)
      clocks.push_back(report::derived_clock_mhz(machine.hw, repriced_.node_nm));
    for (size_t i = 0; i < repriced_.prices.size(); ++i) {
      const Price& one = repriced_.prices[i];
      const Point& point = repriced_.points.points[i];
      price.with(one.energy_per_inference_uj, one.average_power_mw, one.area_mm2);
      if (const auto& clock = clocks[point.machine])
        price.bind(3, *clock);
      else
        price.bind(3, nullptr);
      price.bind(4, point.id);
      price.run();
    }
  }

  void put_limits() {
    database_.run("DELETE FROM failed_limits");
    Statement mark(database_,
                   "INSERT OR IGNORE INTO failed_limits (point, text, over) SELECT id, ?, ? FROM "
                   "points WHERE id = ?");
    for (const FailedLimit& one : repriced_.failed) {
      mark.with(one.text);
      if (one.over)
        mark.bind(1, *one.over);
      else
        mark.bind(1, nullptr);
      mark.bind(2, one.point);
      mark.run();
    }
  }

  /// Which group each was compared with, told by its identity.
  void find_baselines() {
    std::map<int64_t, Group> groups;
    Statement all(database_,
                  "SELECT g.id, g.version, g.baseline, g.identity, p.configuration, x.weight FROM "
                  "groups g JOIN group_members x ON x.\"group\" = g.id JOIN points p ON p.id = "
                  "x.point ORDER BY g.id, x.member");
    while (all.step()) {
      Group& group = groups[all.integer(0)];
      group.id = all.integer(0);
      group.version = all.integer(1);
      group.baseline = all.integer(2);
      group.identity = all.text(3);
      group.members.push_back({all.text(4), all.real(5)});
    }
    for (const auto& [id, group] : groups) {
      std::optional<int64_t> compared;
      if (group.identity_with(nullptr) == group.identity) compared = 0;
      for (const auto& [other, candidate] : groups)
        if (!compared && candidate.baseline != 0 && candidate.version == group.version &&
            candidate.members.size() == group.members.size() &&
            group.identity_with(&candidate) == group.identity)
          compared = other;
      if (compared) compared_[id] = *compared;
    }
    groups_ = std::move(groups);
  }

  /// With the identities that their members have now. One whose baseline is not there any more
  /// could not be found again, and goes.
  void put_groups() {
    for (auto& [id, group] : groups_)
      for (results::GroupMember& member : group.members)
        member.configuration = now_.at(member.configuration);
    Statement put(database_,
                  "UPDATE groups SET identity = ?, energy_per_inference_uj = (SELECT "
                  "sum(x.weight * p.energy_per_inference_uj) FROM group_members x JOIN points p "
                  "ON p.id = x.point WHERE x.\"group\" = groups.id), area_mm2 = (SELECT "
                  "p.area_mm2 FROM group_members x JOIN points p ON p.id = x.point WHERE "
                  "x.\"group\" = groups.id AND x.member = 0) WHERE id = ?");
    Statement remove(database_, "DELETE FROM groups WHERE id = ?");
    Statement failed(database_,
                     "UPDATE groups SET energy_per_inference_uj = NULL, area_mm2 = NULL WHERE id "
                     "= ? AND status = 'failed'");
    std::set<std::pair<std::string, int64_t>> known;
    for (const auto& [id, group] : groups_) {
      const auto compared = compared_.find(id);
      std::string identity;
      if (compared != compared_.end())
        identity =
            group.identity_with(compared->second == 0 ? nullptr : &groups_.at(compared->second));
      if (identity.empty() || !known.insert({identity, group.version}).second) {
        remove.with(id).run();
        continue;
      }
      put.with(identity, id).run();
      failed.with(id).run();
    }
  }

  results::Connection& database_;
  const Repriced& repriced_;
  int64_t table_ = 0;
  std::unordered_map<std::string, std::string> now_;  ///< identities of points, by those before
  std::map<int64_t, Group> groups_;
  std::map<int64_t, int64_t> compared_;  ///< group -> its baseline; 0: it has none
};

void copy_all(results::Connection& from, results::Connection& to) {
  sqlite3_backup* const backup = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (backup == nullptr) to.fail(sqlite3_errcode(to.get()));
  constexpr int kAllPages = -1;
  sqlite3_backup_step(backup, kAllPages);
  if (const int code = sqlite3_backup_finish(backup); code != SQLITE_OK) to.fail(code);
}

}  // namespace

void rewrite(results::Connection& database, const Repriced& repriced,
             const std::filesystem::path& file) {
  results::Connection copy(file, results::Access::kWrite);
  copy_all(database, copy);
  copy.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON");
  Rewriting(copy, repriced).run();
  results::keep_scratch(copy);
}

}  // namespace systole::reprice
