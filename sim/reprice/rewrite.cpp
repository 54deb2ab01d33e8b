// SPDX-License-Identifier: Apache-2.0
// Copies the database as it is, then changes what depends on prices.
#include "sim/reprice/rewrite.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "model/base/error.h"
#include "sim/report/provenance.h"
#include "sim/results/checks.h"
#include "sim/results/merge.h"
#include "sim/sweep/identity.h"

namespace systole::reprice {
namespace {

using results::Statement;

/// A point by its new identity.
struct Kept {
  int64_t id = 0, version = 0;
  std::string before, now;
  int rank = 0;  ///< a finished one, and one with more detail, goes before others
};

/// A machine of a workload with its points.
struct Group {
  int64_t id = 0, version = 0, baseline = 0;
  std::string identity;
  std::vector<std::pair<std::string, double>> members;  ///< identity of the point, weight

  /// As sweep::stored_group makes it.
  std::string identity_with(const Group* compared) const {
    std::string content;
    for (size_t i = 0; i < members.size(); ++i) {
      content += fmt::format("{} {}\n", members[i].first, members[i].second);
      if (compared != nullptr) content += compared->members[i].first + "\n";
    }
    return report::sha256_of(content).substr(0, 32);
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
    std::map<std::pair<std::string, int64_t>, Kept> kept;
    std::vector<Kept> dropped;
    Statement all(database_,
                  "SELECT p.id, p.version, p.configuration, n.identity, n.file, m.identity, "
                  "p.weights, p.activations, p.prune, p.batch, p.repeat, p.shape, p.calib_method, "
                  "p.host_fallback, p.choices, p.evaluation, (p.status = 'finished') * 4 + CASE "
                  "p.detail WHEN 'totals' THEN 0 WHEN 'layers' THEN 1 ELSE 2 END, e.identity, "
                  "e.name FROM points p JOIN networks n ON n.id = p.network JOIN machines m ON "
                  "m.id = p.machine JOIN energy_tables e ON e.id = p.energy_table");
    while (all.step()) {
      Kept one{all.integer(0), all.integer(1), all.text(2), new_identity(all),
               static_cast<int>(all.integer(16))};
      const auto [there, fresh] = kept.try_emplace({one.now, one.version}, one);
      if (fresh) continue;
      if (one.rank > there->second.rank) std::swap(one, there->second);
      dropped.push_back(std::move(one));
    }
    Statement remove(database_, "DELETE FROM points WHERE id = ?");
    Statement forget(database_, "DELETE FROM execution WHERE configuration = ? AND version = ?");
    Statement member(database_, "UPDATE group_members SET point = ? WHERE point = ?");
    for (const Kept& one : dropped) {
      now_[one.before] = one.now;
      member.with(kept.at({one.now, one.version}).id, one.id).run();
      remove.with(one.id).run();
      forget.with(one.before, one.version).run();
    }
    Statement point(database_,
                    "UPDATE points SET configuration = ?, energy_table = ? WHERE id = ?");
    Statement ran(database_,
                  "UPDATE execution SET configuration = ? WHERE configuration = ? AND version = ?");
    for (const auto& [key, one] : kept) {
      now_[one.before] = one.now;
      point.with(one.now, table_, one.id).run();
      ran.with(one.now, one.before, one.version).run();
    }
  }

  std::string new_identity(const Statement& row) const {
    results::Configuration made;
    made.network.identity = row.text(3);
    made.network.name = row.text(4);
    made.machine.identity = row.text(5);
    made.weights = static_cast<int>(row.integer(6));
    made.activations = static_cast<int>(row.integer(7));
    made.prune = row.text(8);
    made.batch = row.integer(9);
    made.repeat = row.integer(10);
    made.shape = row.text(11);
    made.calib_method = row.text(12);
    made.host_fallback = row.integer(13) != 0;
    made.choices = row.text(14);
    made.evaluation = row.text(15);
    made.energy_table = {row.text(17), row.text(18)};
    if (sweep::configuration_identity(made) != row.text(2))
      throw Error(
          fmt::format("{}: the configuration of point {} is not that of its columns, "
                      "expected one that this release wrote",
                      database_.file().string(), row.integer(0)));
    made.energy_table = repriced_.table;
    return sweep::configuration_identity(made);
  }

  void put_prices() {
    Statement price(database_,
                    "UPDATE points SET energy_per_inference_uj = ?, average_power_mw = ?, "
                    "area_mm2 = ? WHERE id = ?");
    for (size_t i = 0; i < repriced_.prices.size(); ++i) {
      const Price& one = repriced_.prices[i];
      price
          .with(one.energy_per_inference_uj, one.average_power_mw, one.area_mm2,
                repriced_.points.points[i].id)
          .run();
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
      group.members.emplace_back(all.text(4), all.real(5));
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
      for (auto& member : group.members) member.first = now_.at(member.first);
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
