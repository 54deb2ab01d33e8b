// SPDX-License-Identifier: Apache-2.0
// Databases in one: nothing is lost, nothing is there twice, what differs is refused.
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>

#include "sim/results/checks.h"
#include "sim/results/compared_set.h"
#include "sim/results/groups.h"
#include "sim/results/merge.h"
#include "sim/results/open.h"
#include "sim/results/schema.h"
#include "tests/unit/results_fixture.h"

namespace systole::results {
namespace {

namespace fs = std::filesystem;

/// Point `identity` on a machine of its own.
Configuration point(const std::string& identity) {
  Configuration made = configuration(identity);
  made.machine.identity = "machine of " + identity;
  made.machine.name = "edge " + identity;
  return made;
}

Outcome failure(const std::string& reason) {
  Outcome made;
  made.reason = reason;
  return made;
}

TEST_CASE("databases of parts make one that is equal to a whole one, whatever their order") {
  const Folder folder;
  {
    Store whole(folder / "whole.db", "1"), a(folder / "a.db", "1"), b(folder / "b.db", "1");
    for (const char* name : {"p", "q", "r", "s"})
      whole.put(point(name), Detail::kAll, outcome(name[0]));
    for (const char* name : {"q", "s"}) a.put(point(name), Detail::kAll, outcome(name[0]));
    for (const char* name : {"p", "q", "r"}) b.put(point(name), Detail::kAll, outcome(name[0]));
    a.mark("s", {{"cycles < 9", 0.5}});
    put_check(a.connection(), {2, "rtl", true, 's', "", 1.5});
  }
  for (const bool turned : {false, true}) {
    const fs::path file = folder / (turned ? "ba.db" : "ab.db");
    Connection all = make_scratch(file);
    const Merged first = merge_into(all, folder / (turned ? "b.db" : "a.db"));
    const Merged second = merge_into(all, folder / (turned ? "a.db" : "b.db"));
    CHECK(first.there == 0);
    CHECK(first.taken + second.taken == 4);
    CHECK(second.there == 1);
    CHECK(difference(*open_compared(file.string()), *open_compared((folder / "whole.db").string()))
              .equal == 4);
    CHECK(all.number("SELECT count(*) FROM layer_events") == 8);
    CHECK(all.number("SELECT count(*) FROM execution WHERE NOT claimed") == 4);
    CHECK(all.number("SELECT count(*) FROM networks") == 1);
    CHECK(all.number("SELECT count(*) FROM results r JOIN failed_limits f ON f.point = r.point "
                     "WHERE r.configuration = 's' AND r.checked = 'rtl' AND f.over = 0.5") == 1);
    CHECK(all.number("SELECT count(*) FROM pragma_foreign_key_check") == 0);
    CHECK(merge_into(all, folder / "whole.db").there == 4);
  }
}

TEST_CASE("points that are not equal are named, and nothing of their database is taken") {
  const Folder folder;
  {
    Store a(folder / "a.db", "1"), b(folder / "b.db", "1");
    a.put(point("p"), Detail::kLayers, outcome(100));
    for (const char* name : {"n", "p"}) b.put(point(name), Detail::kLayers, outcome(100));
  }
  Connection all = make_scratch(folder / "all.db");
  merge_into(all, folder / "a.db");
  const auto refused = [&](const char* change) {
    Connection(folder / "b.db", Access::kWrite).run(change);
    const std::string said = message([&] { merge_into(all, folder / "b.db"); });
    CHECK(all.number("SELECT count(*) FROM points") == 1);
    CHECK(all.number("SELECT count(*) FROM machines") == 1);
    return said;
  };
  const std::string head =
      (folder / "b.db").string() +
      ": 1 of its points is not equal to the same in a database before it: net.onnx on edge p, "
      "batch 1: ";
  const std::string tail = "; expected equal results of equal configurations";
  CHECK(refused("UPDATE points SET cycles = 101 WHERE configuration = 'p'") ==
        head + "cycles 100 and 101" + tail);
  CHECK(refused("UPDATE points SET cycles = 100; UPDATE layers SET mxu_busy_cycles = 71 WHERE "
                "point = 2 AND number = 1") == head + "layer conv: mxu_busy 70 and 71" + tail);
  CHECK(refused("UPDATE layers SET mxu_busy_cycles = 70; UPDATE events SET ub_reads = 7 WHERE "
                "point = 2") == head + "events.ub_reads 8 and 7" + tail);
}

TEST_CASE(
    "a point that finished takes the place of one that failed, and more detail that of less") {
  const Folder folder;
  {
    Store a(folder / "a.db", "1"), b(folder / "b.db", "1");
    a.put(point("failed"), Detail::kLayers, failure("was killed"));
    a.put(point("short"), Detail::kTotals, outcome(7));
    a.put(point("long"), Detail::kAll, outcome(8));
    b.put(point("failed"), Detail::kLayers, outcome(6));
    b.put(point("short"), Detail::kLayers, outcome(7));
    b.put(point("long"), Detail::kTotals, outcome(8));
    for (Store* store : {&a, &b}) {
      const bool finished = store == &b;
      Group group{"g", false, finished, {{"short", 1}, {"failed", 2}}, {}};
      if (finished) group.figures["latency_ms"] = 0.3;
      put_groups(*store, {group});
    }
  }
  for (const bool turned : {false, true}) {
    Connection all = make_scratch(folder / (turned ? "ba.db" : "ab.db"));
    merge_into(all, folder / (turned ? "b.db" : "a.db"));
    merge_into(all, folder / (turned ? "a.db" : "b.db"));
    CHECK(all.number("SELECT count(*) FROM points WHERE status = 'finished'") == 3);
    CHECK(all.number("SELECT cycles FROM points WHERE configuration = 'failed'") == 6);
    CHECK(all.number("SELECT count(*) FROM layers") == 6);
    CHECK(all.number("SELECT count(*) FROM layer_events") == 2);
    CHECK(all.number("SELECT count(*) FROM groups WHERE status = 'finished'") == 1);
    CHECK(all.number("SELECT count(*) FROM group_members m JOIN points p ON p.id = m.point WHERE "
                     "p.configuration IN ('short', 'failed')") == 2);
  }
}

TEST_CASE("databases of several versions are merged only if that is wanted") {
  const Folder folder;
  const fs::path a = folder / "a.db", b = folder / "b.db", other = folder / "x.db";
  Store(a, "1").put(point("p"), Detail::kTotals, outcome(100));
  Store(b, "2").put(point("p"), Detail::kTotals, outcome(90));
  CHECK(message([&] {
          check_mergeable({a, b}, false);
        }) == b.string() + ": has points of version 2, " + a.string() +
                  " has of 1, expected one version, or --mixed for both in one");
  check_mergeable({a, b}, true);
  { Store empty(folder / "empty.db", "3"); }
  check_mergeable({folder / "empty.db", a}, false);  // it has no points
  Connection all = make_scratch(folder / "all.db");
  merge_into(all, a);
  CHECK(merge_into(all, b).taken == 1);
  CHECK(all.number("SELECT count(DISTINCT version) FROM points") == 2);
  Connection(other, Access::kWrite).run("CREATE TABLE other (x)");
  CHECK(message([&] {
          check_mergeable({a, other}, false);
        }).find("of something else") != std::string::npos);
}

TEST_CASE("merging knows every table and column of the schema") {
  Connection database = make_scratch("");
  const std::string sql = merge_sql();
  const std::map<std::string, std::set<std::string>> all_columns = {
      {"points", {"version", "network", "machine", "energy_table"}},
      {"layers", {"point", "name", "operator"}},
      {"events", {"point"}},
      {"layer_events", {"point"}}};
  Statement tables(database, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  while (tables.step()) {
    const std::string table = tables.text(0);
    if (table == "meta") continue;
    const size_t at = sql.find("INTO main." + table + " (");
    REQUIRE(at != std::string::npos);
    if (const auto values = all_columns.find(table); values != all_columns.end()) {
      Statement keys(database, "SELECT \"from\" FROM pragma_foreign_key_list(?)");
      keys.with(table);
      while (keys.step()) CHECK(values->second.count(keys.text(0)) == 1);
      continue;
    }
    const std::string list = sql.substr(at, sql.find(')', at) - at);
    Statement columns(database, "SELECT name FROM pragma_table_info(?) WHERE NOT (name = 'id')");
    columns.with(table);
    while (columns.step()) {
      INFO(table << "." << columns.text(0));
      CHECK(std::regex_search(list, std::regex("\\b" + columns.text(0) + "\\b")));
    }
  }
}

}  // namespace
}  // namespace systole::results
