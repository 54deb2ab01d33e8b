// SPDX-License-Identifier: Apache-2.0
// Sweeps in parts: the parts are the whole, and a database of them is that of one sweep.
#include <catch2/catch.hpp>
#include <fstream>

#include "sim/results/sqlite.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

void write_spec(const Workplace& place) {
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("u.csv", "Layer, M, N, K,\na, 64, 48, 32,\nb, 16, 16, 80,\n");
  place.write("s.yaml",
              "networks: [t.csv, u.csv]\narchitectures: [edge-16x16]\nset: {ub.kib: [32, 64, 64, "
              "0]}\nbatch: [1, 2, 3]\n");
}

int64_t points_of(const Workplace& place, const std::string& file) {
  return results::Connection(place.path() / file, results::Access::kRead)
      .number("SELECT count(*) FROM points");
}

TEST_CASE("shards of a sweep are of one size, and merged they are the sweep") {
  const Workplace place;
  write_spec(place);  // 24 points, 18 of them different, 6 fail
  CHECK(place.shell("$SYSTOLE sweep s.yaml -o out").exit_code == 6);
  for (const char* shard : {"1", "2", "3", "4"})
    CHECK(place
              .shell(std::string("$SYSTOLE sweep s.yaml --shard ") + shard + "/4 -o " + shard +
                     ".db --allow-failed")
              .exit_code == 0);
  CHECK(points_of(place, "1.db") == 5);
  CHECK(points_of(place, "2.db") == 5);
  CHECK(points_of(place, "3.db") == 4);
  CHECK(points_of(place, "4.db") == 4);
  const CommandResult merged = place.run({"merge", "1.db", "2.db", "3.db", "4.db", "-o", "all.db"});
  CHECK(merged.out == "all.db: 18 points of 4 databases\n");
  CHECK(merged.err == "");
  CHECK(place.run({"compare", "all.db", "out"}).out ==
        "18 equal, 0 differ, 0 only in A, 0 only in B\n");
  const CommandResult rows = place.run({"sweep", "s.yaml", "-o", "all.db", "--csv", "-"});
  CHECK(rows.out == read_file(place.path() / "out/sweep.csv"));
  CHECK(rows.err.starts_with("24 of 24 points were there already\n"));
  // What stands in the output stays; a database is not merged with itself.
  CHECK(place.run({"merge", "1.db", "2.db", "all.db", "-o", "all.db"}).out ==
        "all.db: 18 points of 3 databases, 10 in several of them, equal\n");
  const CommandResult dry = place.run({"sweep", "s.yaml", "--shard", "4/4", "--dry-run"});
  CHECK(dry.out.starts_with("          24 points\n           5 of them in shard 4/4\n"));
  CHECK(place.run({"sweep", "s.yaml", "--shard", "20/20", "-o", "none.db"}).exit_code == 0);
}

TEST_CASE("machines of a workload stay whole in shards, and merged groups are those of one sweep") {
  const Workplace place;
  write_spec(place);
  place.write("w.yaml",
              "workload:\n  - {network: t.csv, weight: 0.6, require: cycles <= 300}\n"
              "  - {network: u.csv, batch: 2}\nbaseline: {name: edge-4x4}\n"
              "architectures: [edge-16x16]\nset: {array.rows: [8, 16, 24], ub.kib: [32, 64]}\n");
  CHECK(place.run({"sweep", "w.yaml", "-o", "whole.db"}).exit_code == 0);
  for (const char* shard : {"1", "2", "3"})
    CHECK(
        place
            .shell(std::string("$SYSTOLE sweep w.yaml --shard ") + shard + "/3 -o " + shard + ".db")
            .exit_code == 0);
  CHECK(place.run({"merge", "1.db", "2.db", "3.db", "-o", "all.db"}).out ==
        "all.db: 14 points of 3 databases, 4 in several of them, equal\n");
  const auto groups = [&](const char* file) {
    results::Connection database(place.path() / file, results::Access::kRead);
    results::Statement rows(database,
                            "SELECT machine, status, latency_ms, speedup, worst, worst_speedup, "
                            "area_mm2, failed_limits, baseline FROM workloads ORDER BY machine");
    std::vector<std::vector<std::string>> table;
    while (rows.step()) {
      table.emplace_back();
      for (int i = 0; i < rows.columns(); ++i) table.back().push_back(rows.text(i));
    }
    return table;
  };
  CHECK(groups("all.db").size() == 7);
  CHECK(groups("all.db") == groups("whole.db"));
}

TEST_CASE("shards and merges that cannot be are refused in one line, and nothing is left behind") {
  const Workplace place;
  write_spec(place);
  const auto shard = [&](const std::string& text, const std::string& message) {
    check_refused(place, {"sweep", "s.yaml", "-o", "r.db", "--shard", text}, 2, message);
  };
  shard("5/4", "--shard 5/4: there is no such shard, expected one of 1/4 to 4/4");
  shard("0/4", "--shard 0/4: there is no such shard, expected one of 1/4 to 4/4");
  shard("2", "--shard 2: expected I/N, the I-th of N shards, as 2/4");
  shard("1/0", "--shard 1/0: expected I/N, the I-th of N shards, as 2/4");
  shard("1/x", "--shard 1/x: expected I/N, the I-th of N shards, as 2/4");
  check_refused(place, {"merge", "a.db", "b.db", "-o", "all.db"}, 2,
                "a.db: cannot be opened: No such file or directory");
  place.write("x.db", std::string(3000, 'x'));
  check_refused(place, {"merge", "x.db", "-o", "all.db"}, 2,
                "x.db: is no database, expected one that `systole sweep -o` made, or a name that "
                "is free");
  for (const char* file : {"a.db", "b.db"})
    place.run({"sweep", "s.yaml", "-o", file, "--allow-failed"});
  results::Connection(place.path() / "b.db", results::Access::kWrite)
      .run(
          "UPDATE points SET cycles = cycles + 1 WHERE batch = 2 AND network = (SELECT id FROM "
          "networks WHERE file = 't.csv') AND machine = (SELECT id FROM machines WHERE ub_kib = "
          "32)");
  const CommandResult differ = place.run({"merge", "a.db", "b.db", "-o", "all.db"});
  CHECK(differ.exit_code == 2);
  CHECK(
      differ.err.starts_with("systole: b.db: 1 of its points is not equal to the same in a "
                             "database before it: t.csv on edge-16x16 ub.kib=32, batch 2: "
                             "cycles 401 and 402"));
  CHECK(place.left_behind() == std::vector<std::string>{"a.db", "b.db"});
}

}  // namespace
}  // namespace systole
