// SPDX-License-Identifier: Apache-2.0
// SQLite in objects: a connection, a statement, a transaction; what fails is an Error that names
// the file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace systole::results {

enum class Access { kRead, kWrite };

/// `file` as SQLite is told of it, in ATTACH too: one in a folder that cannot be written, and that
/// nobody writes to, is read as it stands.
std::string uri_of(const std::filesystem::path& file);

/// A file of SQLite. Processes that fork do not use it in the child.
class Connection {
 public:
  /// Makes the file if it is to be written and is not there. In memory with an empty path. Throws
  /// Error, also if it is to be written and cannot be.
  Connection(const std::filesystem::path& file, Access access);

  /// Runs statements that give no rows.
  void run(const char* sql);
  /// The whole number that the first row of `sql` begins with.
  int64_t number(const char* sql);
  /// Rows that the last statement changed.
  int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  /// "FILE: what went wrong, and what to do", of the last call, which gave `code`.
  [[noreturn]] void fail(int code) const;

  const std::filesystem::path& file() const { return file_; }
  sqlite3* get() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement; outlived by its connection. Parameters and columns count from 0.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);

  /// Binds all parameters in their order. Null: std::nullptr_t, or an empty optional's place.
  template <typename... Values>
  Statement& with(const Values&... values) {
    reset();
    int at = 0;
    (bind(at++, values), ...);
    return *this;
  }
  void reset();
  void bind(int at, int64_t value);
  void bind(int at, int value) { bind(at, int64_t{value}); }
  void bind(int at, double value);
  void bind(int at, std::string_view value);
  void bind(int at, const std::string& value) { bind(at, std::string_view(value)); }
  void bind(int at, const char* value) { bind(at, std::string_view(value)); }
  void bind(int at, std::nullptr_t);

  /// The next row; false at the end. Throws Error.
  bool step();
  /// Steps to the end.
  void run();

  int columns() const { return sqlite3_column_count(handle_.get()); }
  std::string name(int column) const { return sqlite3_column_name(handle_.get(), column); }
  /// SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB or SQLITE_NULL.
  int type(int column) const { return sqlite3_column_type(handle_.get(), column); }
  bool is_null(int column) const { return type(column) == SQLITE_NULL; }
  int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  double real(int column) const { return sqlite3_column_double(handle_.get(), column); }
  /// Null: "".
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  Connection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// All of what is written until `commit`, or nothing of it. Others do not write in between.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace systole::results
