// SPDX-License-Identifier: Apache-2.0
// Runs the parts of merge.sql on the output, to which the input is attached.
#include "sim/results/merge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>

#include "model/base/error.h"
#include "sim/results/compare.h"
#include "sim/results/compared_database.h"
#include "sim/results/open.h"
#include "sim/results/schema.h"

namespace systole::results {
namespace {

namespace fs = std::filesystem;

/// Columns of tables that are values, whatever row they stand in.
std::vector<std::string> value_columns(Connection& database, const char* table) {
  constexpr std::string_view kOthers[] = {
      "id",     "configuration", "version", "network", "machine", "energy_table", "status",
      "detail", "reason",        "point",   "number",  "name",    "operator"};
  std::vector<std::string> columns;
  Statement info(database, "SELECT name FROM pragma_table_info(?, 'main')");
  info.with(table);
  while (info.step())
    if (std::find(std::begin(kOthers), std::end(kOthers), info.text(0)) == std::end(kOthers))
      columns.push_back(info.text(0));
  return columns;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

class Script {
 public:
  explicit Script(Connection& database) : database_(database), text_(merge_sql()) {
    for (const char* table : {"points", "layers", "events"}) {
      const std::vector<std::string> columns = value_columns(database, table);
      const std::string place = fmt::format("${}$", table);
      std::vector<std::string> assigned;
      assigned.reserve(columns.size());
      for (const std::string& column : columns)
        assigned.push_back(fmt::format("{} = s.{}", column, column));
      replace_all(text_, fmt::format("${}=s$", table),
                  fmt::format("{}", fmt::join(assigned, ", ")));
      for (const char* alias : {"s.", "m."})
        replace_all(text_, alias + place,
                    alias + fmt::format("{}", fmt::join(columns, std::string(", ") + alias)));
      replace_all(text_, place, fmt::format("{}", fmt::join(columns, ", ")));
    }
  }

  std::string part(const std::string& name) const {
    const std::string head = "-- part " + name + "\n";
    const size_t from = text_.find(head);
    return text_.substr(from, text_.find("-- part ", from + head.size()) - from);
  }
  void run(const char* name) { database_.run(part(name).c_str()); }

 private:
  Connection& database_;
  std::string text_;
};

/// The input beside the output.
class Attached {
 public:
  Attached(Connection& database, const fs::path& file) : database_(database) {
    Statement(database_, "ATTACH ? AS source").with(uri_of(file)).run();
  }
  ~Attached() { sqlite3_exec(database_.get(), "DETACH source", nullptr, nullptr, nullptr); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  Connection& database_;
};

/// All or nothing, and the input is not locked for it as by an immediate one.
class Writing {
 public:
  explicit Writing(Connection& database) : database_(database) { database_.run("BEGIN"); }
  ~Writing() {
    if (open_) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  void commit() {
    database_.run("COMMIT");
    open_ = false;
  }

 private:
  Connection& database_;
  bool open_ = true;
};

std::string change_text(const Difference& difference) {
  const auto text = [](const Change& change) {
    return fmt::format("{} {} and {}", change.name, change.a.dump(), change.b.dump());
  };
  for (const auto* changes : {&difference.totals, &difference.causes})
    if (!changes->empty()) return text(changes->front());
  if (difference.layers.empty()) return "its configuration";
  const LayerChange& layer = difference.layers.front();
  for (const auto* changes : {&layer.figures, &layer.causes})
    if (!changes->empty())
      return fmt::format("layer {}: {}", layer.cycles.name, text(changes->front()));
  return fmt::format("layer {}: cycles {} and {}", layer.cycles.name, layer.cycles.a.dump(),
                     layer.cycles.b.dump());
}

/// Names some of the points that are not equal.
void refuse_different(Connection& output, const Script& script, const fs::path& input) {
  constexpr size_t kNamed = 3;
  Statement different(output, script.part("different"));
  std::vector<std::string> named;
  size_t count = 0;
  Connection source = open_results(input, Access::kRead);
  while (different.step()) {
    if (++count > kNamed) continue;
    const Compared here = load_compared(output, different.integer(1));
    const Difference found = difference(here, load_compared(source, different.integer(0)));
    named.push_back(fmt::format("{}: {}", here.name, change_text(found)));
  }
  if (count == 0) return;
  throw Error(
      fmt::format("{}: {} of its points {} not equal to the same in a database before it: "
                  "{}{}; expected equal results of equal configurations",
                  input.string(), count, count == 1 ? "is" : "are", fmt::join(named, "; "),
                  count > kNamed ? "; ..." : ""));
}

}  // namespace

void check_mergeable(const std::vector<fs::path>& databases, bool mixed) {
  std::string version, first;
  for (const fs::path& file : databases) {
    Connection database = open_results(file, Access::kRead);
    Statement versions(database,
                       "SELECT name FROM versions WHERE id IN (SELECT version FROM points)");
    while (versions.step()) {
      if (version.empty()) {
        version = versions.text(0);
        first = file.string();
      }
      if (versions.text(0) != version && !mixed)
        throw Error(
            fmt::format("{}: has points of version {}, {} has of {}, expected one version, "
                        "or --mixed for both in one",
                        file.string(), versions.text(0), first, version));
    }
  }
}

Merged merge_into(Connection& output, const fs::path& input) {
  Script script(output);
  const Attached source(output, input);
  Writing writing(output);
  script.run("parts");
  script.run("pairs");
  refuse_different(output, script, input);
  script.run("points");
  Merged merged;
  merged.taken = output.number("SELECT sum(taken) FROM pairs");
  merged.there = output.number("SELECT count(*) FROM pairs") - merged.taken;
  script.run("rest");
  script.run("end");
  writing.commit();
  return merged;
}

Connection make_scratch(const fs::path& file) {
  Connection scratch(file, Access::kWrite);
  scratch.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  scratch.run(schema_sql());
  return scratch;
}

void keep_scratch(Connection& scratch) {
  const int file = open(scratch.file().c_str(), O_RDWR | O_CLOEXEC);
  const bool kept = file >= 0 && fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) close(file);
  if (!kept)
    throw Error(
        fmt::format("{}: cannot be written: {}", scratch.file().string(), std::strerror(reason)));
}

}  // namespace systole::results
