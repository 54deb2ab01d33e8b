// SPDX-License-Identifier: Apache-2.0
// Groups are made of points, so they are put there anew whenever a sweep ends.
#include "sim/results/groups.h"

namespace systole::results {
namespace {

constexpr const char* kNumbers[] = {"latency_ms", "energy_per_inference_uj", "area_mm2", "speedup",
                                    "worst_speedup"};

}  // namespace

void put_groups(Store& store, const std::vector<Group>& groups) {
  Connection& database = store.connection();
  Transaction putting(database);
  Statement removal(database, "DELETE FROM groups WHERE identity = ? AND version = ?");
  Statement group(database,
                  "INSERT INTO groups (identity, version, baseline, status, reason, worst, "
                  "latency_ms, energy_per_inference_uj, area_mm2, speedup, worst_speedup) VALUES "
                  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Statement member(database,
                   "INSERT INTO group_members (\"group\", member, point, weight) SELECT ?, ?, id, "
                   "? FROM points WHERE configuration = ? AND version = ?");
  for (const Group& one : groups) {
    removal.with(one.identity, store.version()).run();
    group.with(one.identity, store.version(), int64_t{one.is_baseline},
               one.finished ? "finished" : "failed");
    int at = 4;
    for (const char* name : {"reason", "worst"}) {
      if (one.figures.contains(name))
        group.bind(at++, one.figures.at(name).get<std::string>());
      else
        group.bind(at++, nullptr);
    }
    for (const char* name : kNumbers) {
      if (one.figures.contains(name))
        group.bind(at++, one.figures.at(name).get<double>());
      else
        group.bind(at++, nullptr);
    }
    group.run();
    const int64_t id = database.last_id();
    for (size_t i = 0; i < one.members.size(); ++i)
      member
          .with(id, static_cast<int64_t>(i), one.members[i].weight, one.members[i].configuration,
                store.version())
          .run();
  }
  putting.commit();
}

}  // namespace systole::results
