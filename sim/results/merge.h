// SPDX-License-Identifier: Apache-2.0
// Several databases of results in one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sim/results/sqlite.h"

namespace systole::results {

/// Throws Error if one of them is no database of results of this schema, or if their points are of
/// several versions of the program and are not to be `mixed`.
void check_mergeable(const std::vector<std::filesystem::path>& databases, bool mixed);

/// What became of the points of a database.
struct Merged {
  int64_t taken = 0;  ///< they were not there, or failed, or had less detail
  int64_t there = 0;  ///< they were there, equal
};

/// Puts what `output` lacks of `input` into it, with layers, events, checks, groups and who ran it:
/// all, or nothing if it throws. Throws Error that names points of both that are not equal. No
/// transaction is open.
Merged merge_into(Connection& output, const std::filesystem::path& input);

/// A new database that only this process knows and that is worth nothing until `keep_scratch`: it
/// does without a log.
Connection make_scratch(const std::filesystem::path& file);
/// All of it is on the disk now. Throws Error.
void keep_scratch(Connection& scratch);

}  // namespace systole::results
