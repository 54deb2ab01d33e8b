// SPDX-License-Identifier: Apache-2.0
// The database of results: what is put there is found again, claims, and files that are refused.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "model/isa/isa.h"
#include "sim/results/compared_set.h"
#include "sim/results/figures.h"
#include "sim/results/fingerprint.h"
#include "sim/results/insertion.h"
#include "sim/results/open.h"
#include "sim/results/schema.h"
#include "tests/unit/results_fixture.h"

namespace systole::results {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a database where files cannot be made is read as it stands") {
  const Folder folder;
  CHECK(uri_of(folder / "a b.db") == "file://" + (folder / "a%20b.db").string());
  CHECK(uri_of("a?.db") == "file:a%3F.db");
  CHECK(uri_of("/nowhere/r.db") == "file:///nowhere/r.db?immutable=1");
}

TEST_CASE("a point in the database is found as it was put there, to the last bit") {
  const Folder folder;
  const fs::path file = folder / "r.db";
  {
    Store store(file, "1");
    CHECK_FALSE(store.find("a"));
    store.put(configuration("a"), Detail::kLayers, outcome(100));
    Outcome failed;
    failed.reason = "no room";
    store.put(configuration("b"), Detail::kLayers, failed);
  }
  Store store(file, "1");
  const auto found = store.find("a");
  REQUIRE(found);
  CHECK(found->finished);
  CHECK(found->detail == Detail::kLayers);
  CHECK(found->figures.at("cycles") == 100);
  CHECK(found->figures.at("mac_utilisation").get<double>() == 1.0 / 3);
  CHECK(found->figures.at("energy_table") == "table");
  CHECK(found->figures.size() == std::size(kFigures));
  CHECK(found->figures.begin().key() == kFigures[0]);
  const auto failed = store.find("b");
  REQUIRE(failed);
  CHECK_FALSE(failed->finished);
  CHECK(failed->reason == "no room");
  CHECK(store.connection().number("SELECT count(*) FROM layers") == 2);
  CHECK(store.connection().number("SELECT cycles + gated_macs FROM events") == 200 + 4);
  CHECK(store.connection().number("SELECT count(*) FROM layer_events") == 0);
  CHECK(store.connection().number("SELECT sum(mxu_busy_cycles) FROM layers") == 140);
  // What has no column is not lost.
  CHECK(store.connection().number("SELECT other_cycles ->> 'mxu_queue' FROM points WHERE status = "
                                  "'finished'") == 3);
}

TEST_CASE("a finished point stays, a failed one and one without its layers are replaced") {
  Store store("", "1");
  store.put(configuration("a"), Detail::kTotals, outcome(100));
  CHECK_FALSE(store.find("a")->is_enough(Detail::kLayers));
  CHECK(store.find("a")->is_enough(Detail::kTotals));
  store.put(configuration("a"), Detail::kLayers, outcome(100));
  CHECK(store.find("a")->detail == Detail::kLayers);
  CHECK_FALSE(store.find("a")->is_enough(Detail::kAll));
  store.put(configuration("a"), Detail::kAll, outcome(100));
  CHECK(store.find("a")->is_enough(Detail::kAll));
  CHECK(store.connection().number("SELECT sum(cycles) FROM layer_events") == 200);
  store.put(configuration("a"), Detail::kTotals, outcome(200));
  CHECK(store.find("a")->figures.at("cycles") == 100);
  store.put(configuration("a"), Detail::kLayers, Outcome());
  CHECK(store.find("a")->finished);
  store.put(configuration("b"), Detail::kLayers, Outcome());
  store.put(configuration("b"), Detail::kLayers, outcome(5));
  CHECK(store.find("b")->figures.at("cycles") == 5);
  CHECK(store.connection().number("SELECT count(*) FROM layers") == 4);
}

TEST_CASE("points of another version are refused unless both are wanted in one database") {
  const Folder folder;
  const fs::path file = folder / "r.db";
  Store(file, "1").put(configuration("a"), Detail::kTotals, outcome(100));
  CHECK(message([&] { Store(file, "2"); }) ==
        file.string() +
            ": has points of version 1, this is 2, expected a database of its own, or --mixed for "
            "both in one");
  Store mixed(file, "2", true);
  CHECK_FALSE(mixed.find("a"));
  mixed.put(configuration("a"), Detail::kTotals, outcome(90));
  CHECK(mixed.connection().number("SELECT count(*) FROM points") == 2);
  CHECK(message([&] { open_compared(file.string()); }) ==
        file.string() + ": has points of several versions, expected one, or one point as " +
            file.string() + ":NUMBER");
}

TEST_CASE("the version is the release and a hash of the sources") {
  CHECK_THAT(program_version(), Catch::Matches("[0-9.]+\\+[0-9a-f]{12}"));
}

TEST_CASE("files that are no database of results are refused in one line and not touched") {
  const Folder folder;
  const std::string name = (folder / "x.db").string();
  const auto refused = [&] { return message([&] { Store(name, "1"); }); };
  const std::string text(5000, 'x');
  std::ofstream(name) << text;
  CHECK(refused() == name +
                         ": is no database, expected one that `systole sweep -o` made, or a name "
                         "that is free");
  std::ifstream stream(name);
  CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == text);
  fs::remove(name);
  Connection(name, Access::kWrite).run("CREATE TABLE other (x)");
  CHECK(refused() == name +
                         ": is a database of something else, expected one that `systole sweep "
                         "-o` made, or a name that is free");
  fs::remove(name);
  { Store made(name, "1"); }
  Connection(name, Access::kWrite).run("PRAGMA user_version = 8");
  CHECK(refused() == name + ": has schema 8, expected 7: it was written by another release");
  fs::remove(name);
  std::ofstream(name).flush();  // an empty file is a name that is free
  CHECK(refused() == "no error");
  CHECK(message([&] { Store(folder / "none/x.db", "1"); }) ==
        (folder / "none/x.db").string() + ": cannot be opened: No such file or directory");
}

TEST_CASE("a database that may not grow says so and keeps whole points") {
  const Folder folder;
  const fs::path file = folder / "r.db";
  int64_t points = 0;
  {
    Store store(file, "1");
    store.connection().run("PRAGMA max_page_count = 70");
    const std::string said = message([&] {
      for (;; ++points)
        store.put(configuration("c" + std::to_string(points)), Detail::kLayers, outcome(points));
    });
    CHECK(said == file.string() +
                      ": cannot be written: no room is left for it; what stands in it is whole");
  }
  CHECK(points > 10);
  Store store(file, "1");
  CHECK(store.connection().number("SELECT count(*) FROM points") == points);
  CHECK(store.connection().number("SELECT count(*) FROM layers") == 2 * points);
  store.put(configuration("more"), Detail::kLayers, outcome(1));
}

TEST_CASE("a claim holds while its process lives, and is taken over from a dead one") {
  const Folder folder;
  const fs::path file = folder / "r.db";
  const auto take = [](Store& store, const std::string& point) {
    Transaction taking(store.connection());
    const bool taken = store.claims().take(point);
    taking.commit();
    return taken;
  };
  int ready[2], end[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(end) == 0);
  const pid_t child = fork();
  char byte = 0;
  if (child == 0) {
    Store other(file, "1");
    byte = take(other, "a") ? '+' : '-';
    if (write(ready[1], &byte, 1) != 1 || read(end[0], &byte, 1) < 0) _exit(1);
    _exit(0);
  }
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(byte == '+');
  Store store(file, "1");
  CHECK_FALSE(take(store, "a"));
  CHECK(take(store, "b"));
  CHECK(take(store, "b"));  // again, by the same
  REQUIRE(write(end[1], "x", 1) == 1);
  waitpid(child, nullptr, 0);
  CHECK(take(store, "a"));
  CHECK(store.connection().number("SELECT attempts FROM execution WHERE configuration = 'a'") == 2);
  store.put(configuration("a"), Detail::kTotals, outcome(1));
  CHECK(store.connection().number("SELECT sum(claimed) FROM execution") == 1);
}

TEST_CASE("claims of others do not hold where a database is one process's alone") {
  const Folder folder;
  const fs::path file = folder / "r.db";
  const auto takes = [](Store& store) {
    Transaction taking(store.connection());
    const bool taken = store.claims().take("a");
    taking.commit();
    return taken;
  };
  {
    Store other(file, "1");
    CHECK(takes(other));
  }
  {
    Store shared(file, "1");
    CHECK_FALSE(takes(shared));  // its process, this one, is alive
  }
  Store alone(file, "1", false, true);
  CHECK(takes(alone));
  CHECK(is_exclusive(alone.connection()));
  CHECK_FALSE(fs::exists(folder / "r.db-wal"));
}

TEST_CASE("on a file system of another machine a database is one process's, without a log") {
  constexpr uint32_t kNfs = 0x6969;
  const Folder folder;
  const fs::path file = folder / "r.db";
  {
    Connection database = open_results(file, Access::kWrite, kNfs);
    database.run("INSERT INTO versions (name) VALUES ('1')");
    CHECK_FALSE(fs::exists(folder / "r.db-wal"));
    CHECK(message([&] { open_results(file, Access::kWrite, kNfs); }) ==
          file.string() +
              ": another process uses it, and on a file system of another machine one at a time "
              "can, expected a database for each");
  }
  { Store local(file, "1"); }  // with a log now
  Connection database = open_results(file, Access::kWrite, kNfs);
  CHECK(database.number("SELECT count(*) FROM versions") == 1);
  CHECK_FALSE(fs::exists(folder / "r.db-wal"));
}

TEST_CASE("a process is alive by its start on this machine, by its lease on another") {
  const Claimant own = this_claimant();
  CHECK(is_alive(own, own));
  Claimant other = own;
  other.started += 1;  // the number is used again
  CHECK_FALSE(is_alive(other, own));
  other = own;
  other.boot = "another";
  CHECK_FALSE(is_alive(other, own));
  other = own;
  other.process = 0;
  CHECK_FALSE(is_alive(other, own));
  other = {"elsewhere", "x", 1, 1, own.renewed - kLeaseSeconds + 5};
  CHECK(is_alive(other, own));
  other.renewed -= 10;
  CHECK_FALSE(is_alive(other, own));
}

TEST_CASE(
    "the schema's two places of its version agree, and every cause of a unit has one column") {
  Store store("", "1");
  CHECK(store.connection().number("PRAGMA user_version") == kSchemaVersion);
  CHECK(store.connection().number("PRAGMA application_id") == kApplicationId);
  CHECK(store.connection().number("SELECT value FROM meta WHERE name = 'schema_version'") ==
        kSchemaVersion);
  for (const char* table : {"points", "layers"}) {
    Statement columns(store.connection(), "SELECT name FROM pragma_table_info(?)");
    columns.with(table);
    int busy = 0;
    while (columns.step()) busy += cause_of_column(columns.text(0)).ends_with("_busy");
    CHECK(busy == isa::kUnits);
  }
}

}  // namespace
}  // namespace systole::results
