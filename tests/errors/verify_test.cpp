// SPDX-License-Identifier: Apache-2.0
// Points of a database once more on the RTL: what was changed is found, what was checked is not run
// again, and what cannot be run is refused.
#include <catch2/catch.hpp>

#include "sim/results/sqlite.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

/// Two points on a small array, which shares its RTL with other tests.
void sweep_into(const Workplace& place, const std::string& more = "") {
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\nbatch: [1, 2]\n" + more);
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db", "--allow-failed"}).exit_code == 0);
}

void change(const Workplace& place, const char* sql) {
  results::Connection(place.path() / "r.db", results::Access::kWrite).run(sql);
}

bool ends_with(const std::string& text, const std::string& end) { return text.ends_with(end); }

TEST_CASE("a cycle count that was changed is found on the RTL") {
  const Workplace place;
  sweep_into(place);
  change(place, "UPDATE points SET cycles = cycles + 1 WHERE batch = 2");
  const CommandResult first = place.run({"verify", "r.db", "--count", "2"});
  CHECK(first.exit_code == 1);
  CHECK(first.err == "");
  CHECK(first.out.starts_with("2 points of 2 to run\n  2 on the RTL: "));
  CHECK(first.out.find("batch 2, 2,438 cycles, rtl: differs\n  totals\n    cycles   ") !=
        std::string::npos);
  CHECK(first.out.find(" 2,438 -> 2,437            -1\n") != std::string::npos);
  CHECK(ends_with(first.out, "\n1 point equal, 1 differ\n"));
  {
    results::Connection database(place.path() / "r.db", results::Access::kRead);
    results::Statement rows(database, "SELECT checked FROM results ORDER BY batch");
    rows.step();
    CHECK(rows.text(0) == "rtl");
    rows.step();
    CHECK(rows.text(0) == "differs");
    CHECK(database.number("SELECT cycles - cycles_again FROM verified") == 1);
  }
  const CommandResult again = place.run({"verify", "r.db", "--count", "2"});
  CHECK(again.out.starts_with("1 point of 2 to run, 1 checked before\n"));
  CHECK(again.exit_code == 1);
  change(place, "UPDATE points SET cycles = cycles - 1 WHERE batch = 2");
  CHECK(place.run({"verify", "r.db", "--budget", "10m"}).exit_code == 0);
  CHECK(place.run({"verify", "r.db"}).out ==
        "0 points of 2 to run, 2 checked before\n0 points equal, 0 differ\n");
  // A point that is put there anew is not checked.
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db", "--detail", "all"}).exit_code == 0);
  change(place, "UPDATE layer_events SET ub_reads = ub_reads + 1 WHERE point = 3");
  CHECK(place.run({"verify", "r.db"}).exit_code == 1);
}

TEST_CASE("a cause of a layer that was changed is found, and arrays without RTL run on the model") {
  const Workplace place;
  sweep_into(place, "set: {array.rows: [40]}\n");
  change(place, "UPDATE layers SET mxu_busy_cycles = mxu_busy_cycles + 3 WHERE point = 1");
  const CommandResult found = place.run({"verify", "r.db"});
  CHECK(found.exit_code == 1);
  CHECK(found.out.find("  0 on the RTL: 0 to build, 0 built before\n  2 on the model: 2 with an "
                       "array above 32x32\n") != std::string::npos);
  CHECK(found.out.find("model: differs\n  layers\n") != std::string::npos);
  CHECK(found.out.find("mxu_busy -3\n") != std::string::npos);
}

TEST_CASE("a network that was moved is found where it is now, one that was changed is refused") {
  const Workplace place;
  sweep_into(place, "set: {array.rows: [40]}\n");
  std::filesystem::create_directory(place.path() / "nets");
  std::filesystem::rename(place.path() / "t.csv", place.path() / "nets/t.csv");
  const std::string was = (std::filesystem::canonical(place.path()) / "t.csv").string();
  const CommandResult moved = place.run({"verify", "r.db"});
  CHECK(moved.exit_code == 2);
  CHECK(moved.err == "systole: " + was +
                         ": no such file, expected the network that the points ran; --networks DIR "
                         "says where it is now\n");
  CHECK(place.run({"verify", "r.db", "--networks", "nets"}).exit_code == 0);
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 33,\n");
  const CommandResult changed = place.run({"verify", "r.db", "--count", "2", "--seed", "3"});
  CHECK(changed.exit_code == 0);  // they were checked
  change(place, "DELETE FROM checks");
  const CommandResult refused = place.run({"verify", "r.db"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.starts_with(
      "systole: " + was +
      ": is not the network that the points ran, expected one whose content has the SHA-256 "));
  CHECK(refused.out == "");
}

TEST_CASE("a database with nothing to verify is refused in one line") {
  const Workplace place;
  check_refused(place, {"verify", "r.db"}, 2, "r.db: cannot be opened: No such file or directory");
  place.write("x.db", std::string(3000, 'x'));
  check_refused(place, {"verify", "x.db"}, 2,
                "x.db: is no database, expected one that `systole sweep -o` made, or a name that "
                "is free");
  for (const std::string budget : {"soon", "nan", "inf", "-1", "1e308h", "0"})
    check_refused(place, {"verify", "x.db", "--budget", budget}, 2,
                  "--budget " + budget + ": expected a time as 90s, 10m or 2h");
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [{name: edge-4x4, ub.kib: 0}]\n");
  place.run({"sweep", "s.yaml", "-o", "r.db", "--allow-failed"});
  const CommandResult none = place.run({"verify", "r.db"});
  CHECK(none.err == "systole: r.db: has no finished points, expected some to run again\n");
  CHECK(none.exit_code == 2);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db"}).exit_code == 0);
  change(place, "UPDATE versions SET name = '0.1.0+abc'");
  const CommandResult other = place.run({"verify", "r.db"});
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("r.db: has no finished points of version ") != std::string::npos);
  CHECK(ends_with(other.err, ", but of 0.1.0+abc, expected the program that ran them\n"));
  // Root writes where it must not: somebody else tries.
  if (!can_run_as_someone(place)) return;
  const CommandResult denied =
      place.shell("chmod 755 . && chmod 444 r.db && " + kAsSomeone + "$SYSTOLE verify r.db");
  CHECK(denied.err == "systole: r.db: cannot be written: it is read-only\n");
  CHECK(denied.exit_code == 2);
}

}  // namespace
}  // namespace systole
