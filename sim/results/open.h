// SPDX-License-Identifier: Apache-2.0
// Opens a database of results, and refuses every other file.
#pragma once

#include "sim/results/sqlite.h"

namespace systole::results {

/// To be written: made with its tables if there is no such file, or an empty one; with an empty
/// path in memory. To be read: it must be there. Throws Error: no database, one of something else
/// or of another schema. What is written to a file system of another machine is this process's
/// alone: the log that lets others in needs memory that all of them share.
Connection open_results(const std::filesystem::path& file, Access access);

/// The same, on a file system of this kind (statfs(2)).
Connection open_results(const std::filesystem::path& file, Access access, uint32_t file_system);

/// To be written by this process alone, as on a file system of another machine.
Connection open_exclusively(const std::filesystem::path& file);

/// Whether `database` is this process's alone.
bool is_exclusive(Connection& database);

}  // namespace systole::results
