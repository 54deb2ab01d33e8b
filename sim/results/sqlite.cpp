// SPDX-License-Identifier: Apache-2.0
// Calls SQLite, and turns its codes into messages.
#include "sim/results/sqlite.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cstring>

#include "model/base/error.h"

namespace systole::results {
namespace {

constexpr int kPatienceMs = 60'000;  // for others that write

std::string reason_of(sqlite3* handle, int code) {
  const int system = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  const std::string detail = system != 0 ? std::strerror(system) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return "is no database, expected one that `systole sweep -o` made, or a name that is free";
    case SQLITE_CORRUPT:
      return "is damaged (" + detail + "), expected a database as SQLite left it";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "cannot be written: it is read-only";
    case SQLITE_CANTOPEN:
      return "cannot be opened: " + detail;
    case SQLITE_FULL:
      return "cannot be written: no room is left for it; what stands in it is whole";
    case SQLITE_IOERR:
      return "cannot be read or written: " + detail + "; what stands in it is whole";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format("is locked by another process, for more than {} s", kPatienceMs / 1000);
    default:
      return handle == nullptr ? detail : sqlite3_errmsg(handle);
  }
}

/// Where files cannot be made, the log of writers cannot be shared; without one nobody writes.
bool never_changes(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  return access(folder.c_str(), W_OK) != 0 &&
         !std::filesystem::exists(file.string() + "-wal", error);
}

}  // namespace

std::string uri_of(const std::filesystem::path& file) {
  std::string uri = file.is_absolute() ? "file://" : "file:";
  for (const char c : file.string()) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("/._-~", c) != nullptr;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return never_changes(file) ? uri + "?immutable=1" : uri;
}

Connection::Connection(const std::filesystem::path& file, Access access) : file_(file) {
  sqlite3* handle = nullptr;
  // Who reads takes away what readers share, too, when nobody else is left.
  const int how =
      SQLITE_OPEN_URI | SQLITE_OPEN_READWRITE | (access == Access::kWrite ? SQLITE_OPEN_CREATE : 0);
  const std::string name = file.empty() ? ":memory:" : uri_of(file);
  const int code = sqlite3_open_v2(name.c_str(), &handle, how, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kPatienceMs);
  if (access == Access::kRead) run("PRAGMA query_only = ON");
  if (access == Access::kWrite && sqlite3_db_readonly(handle, "main") == 1) fail(SQLITE_READONLY);
}

void Connection::fail(int code) const {
  throw Error(fmt::format("{}: {}", file_.string(), reason_of(handle_.get(), code)));
}

void Connection::run(const char* sql) {
  const int code = sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

int64_t Connection::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(connection.get(), sql.data(), static_cast<int>(sql.size()),
                                      &handle, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) connection_.fail(code);
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

void Statement::bind(int at, int64_t value) { sqlite3_bind_int64(handle_.get(), at + 1, value); }

void Statement::bind(int at, double value) { sqlite3_bind_double(handle_.get(), at + 1, value); }

void Statement::bind(int at, std::string_view value) {
  sqlite3_bind_text64(handle_.get(), at + 1, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}

void Statement::bind(int at, std::nullptr_t) { sqlite3_bind_null(handle_.get(), at + 1); }

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    connection_.fail(code);
  }
  sqlite3_reset(handle_.get());
  return false;
}

void Statement::run() {
  while (step()) continue;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  if (bytes == nullptr) return "";
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  connection_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // What cannot be taken back now is taken back by whoever opens the file next.
  if (open_) sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.run("COMMIT");
  open_ = false;
}

}  // namespace systole::results
