// SPDX-License-Identifier: Apache-2.0
// A row for each machine of a workload: what it takes for all members together.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/groups.h"
#include "sim/sweep/spec.h"

namespace systole::sweep {

/// The rows of the groups, in their order, of the `rows` of the points: weighted sums of latency
/// and energy, the weighted geometric mean of how many times as fast as on the baseline the members
/// are, the worst member, and which limits fail. A group of which a member failed has the reason.
std::vector<nlohmann::ordered_json> group_rows(const SweepSpec& spec,
                                               const std::vector<nlohmann::ordered_json>& rows);

/// Of a group of `members`, which `baseline`, if there is one, is compared with: points of the same
/// networks in the same order.
std::string group_identity(const std::vector<results::GroupMember>& members,
                           const std::vector<std::string>* baseline);

/// Group `group` of `row` for the database. `points`: identities of all points' configurations.
results::Group stored_group(const SweepSpec& spec, size_t group, const nlohmann::ordered_json& row,
                            const std::vector<std::string>& points);

std::string group_csv_header(const SweepSpec& spec);
std::string group_csv_line(const SweepSpec& spec, const nlohmann::ordered_json& row);

}  // namespace systole::sweep
