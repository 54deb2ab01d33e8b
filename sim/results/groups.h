// SPDX-License-Identifier: Apache-2.0
// Groups of points in a database: a machine's points of a workload, and what they take together.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/store.h"

namespace systole::results {

struct GroupMember {
  std::string configuration;  ///< of a point of the database
  double weight = 1;
};

struct Group {
  std::string identity;  ///< of the members, their weights and the baseline
  bool is_baseline = false, finished = false;
  std::vector<GroupMember> members;
  nlohmann::ordered_json figures;  ///< by the names of the table `groups`
};

/// Puts `groups`, whose points are there, in place of those with the same identities; one
/// transaction.
void put_groups(Store& store, const std::vector<Group>& groups);

}  // namespace systole::results
