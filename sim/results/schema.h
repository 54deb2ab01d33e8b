// SPDX-License-Identifier: Apache-2.0
// Statements in files of their own, embedded by the build: schema.sql, the tables and views of a
// database of results, and merge.sql.
#pragma once

namespace systole::results {

/// Raised with every change of a table, as `user_version` in schema.sql.
inline constexpr int kSchemaVersion = 7;
/// As `application_id` in schema.sql: says that a file of SQLite is one of ours.
inline constexpr int kApplicationId = 0x53797374;

/// Statements that make an empty database.
const char* schema_sql();
/// Those that merge two (merge.sql).
const char* merge_sql();

}  // namespace systole::results
