// SPDX-License-Identifier: Apache-2.0
// Looks at what a file says of itself.
#include "sim/results/open.h"

#include <fmt/format.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "model/base/error.h"
#include "sim/results/schema.h"

namespace systole::results {
namespace {

/// No tables yet: just made, by this process or by one that did not come further.
bool is_empty(Connection& database) {
  return database.number("PRAGMA application_id") == 0 &&
         database.number("SELECT count(*) FROM sqlite_schema") == 0;
}

void check_schema(Connection& database) {
  const std::string file = database.file().string();
  if (database.number("PRAGMA application_id") != kApplicationId)
    throw Error(
        fmt::format("{}: is a database of something else, expected one that "
                    "`systole sweep -o` made, or a name that is free",
                    file));
  const int64_t schema = database.number("PRAGMA user_version");
  if (schema != kSchemaVersion)
    throw Error(fmt::format("{}: has schema {}, expected {}: it was written by another release",
                            file, schema, kSchemaVersion));
}

/// Readers and one writer at a time do not wait for each other, and a killed process loses nothing.
void use_write_ahead_log(Connection& database) {
  constexpr int kTries = 200;
  constexpr int kNapUs = 50'000;
  // Another process that opens the file now has it for itself; SQLite does not wait for that.
  for (int i = 0;; ++i) {
    const int code =
        sqlite3_exec(database.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) break;
    if ((code & 0xff) != SQLITE_BUSY || i == kTries) database.fail(code);
    usleep(kNapUs);
  }
  database.run("PRAGMA synchronous = NORMAL");
}

// 9p, NFS, SMB, SMB2, CIFS, FUSE, Lustre, Ceph, GPFS.
constexpr uint32_t kRemote[] = {0x01021997, 0x6969,     0x517b,     0xfe534d42, 0xff534d42,
                                0x65735546, 0x0bd00bd0, 0x00c36400, 0x47504653};

uint32_t file_system_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  struct statfs info = {};
  return statfs(folder.c_str(), &info) == 0 ? static_cast<uint32_t>(info.f_type) : 0;
}

/// Before the first access, which takes the lock that this process keeps.
void keep_for_this_process(Connection& database) {
  constexpr int kPatienceMs = 2000;
  sqlite3_busy_timeout(database.get(), kPatienceMs);
  database.run("PRAGMA locking_mode = EXCLUSIVE");
  const int code =
      sqlite3_exec(database.get(), "BEGIN EXCLUSIVE; COMMIT", nullptr, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY)
    throw Error(
        fmt::format("{}: another process uses it, and on a file system of another machine "
                    "one at a time can, expected a database for each",
                    database.file().string()));
  if (code != SQLITE_OK) database.fail(code);
}

}  // namespace

Connection open_results(const std::filesystem::path& file, Access access) {
  return open_results(file, access, file.empty() ? 0 : file_system_of(file));
}

Connection open_results(const std::filesystem::path& file, Access access, uint32_t file_system) {
  Connection database(file, access);
  const bool remote =
      std::find(std::begin(kRemote), std::end(kRemote), file_system) != std::end(kRemote);
  if (remote && access == Access::kWrite) keep_for_this_process(database);
  database.run("PRAGMA foreign_keys = ON");
  if (access == Access::kWrite) {
    if (!is_empty(database)) check_schema(database);  // before anything of it is changed
    if (remote)
      database.run("PRAGMA journal_mode = DELETE");
    else
      use_write_ahead_log(database);
    Transaction making(database);  // or nothing; not while another process does
    if (is_empty(database)) database.run(schema_sql());
    making.commit();
  }
  check_schema(database);
  return database;
}

Connection open_exclusively(const std::filesystem::path& file) {
  return open_results(file, Access::kWrite, kRemote[0]);
}

bool is_exclusive(Connection& database) {
  Statement mode(database, "PRAGMA locking_mode");
  return mode.step() && mode.text(0) == "exclusive";
}

}  // namespace systole::results
