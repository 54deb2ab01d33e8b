// SPDX-License-Identifier: Apache-2.0
// Rows of a sweep in files of their own: those of a directory, whoever ran the points.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

void write_spec(const Workplace& place, const std::string& kib) {
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {ub.kib: [" + kib +
                            "]}\nbatch: [1, 2, 3]\nrequire: cycles < 400\n");
}

TEST_CASE("rows that are exported are those of a directory, with and without a database") {
  const Workplace place;
  write_spec(place, "32, 0, 64");
  CHECK(place.run({"sweep", "s.yaml", "-o", "out"}).exit_code == 6);
  const std::string csv = read_file(place.path() / "out/sweep.csv");
  const std::string jsonl = read_file(place.path() / "out/sweep.jsonl");
  REQUIRE(std::count(csv.begin(), csv.end(), '\n') == 10);
  const auto same = [&] {
    CHECK(read_file(place.path() / "a.csv") == csv);
    CHECK(read_file(place.path() / "a.jsonl") == jsonl);
    place.write("a.csv", "of before");
  };
  const std::string tail = " --csv a.csv --jsonl a.jsonl";
  for (const char* jobs : {"1", "3"}) {
    CHECK(place.shell("$SYSTOLE sweep s.yaml -j " + std::string(jobs) + tail).exit_code == 6);
    same();
  }
  write_spec(place, "64");  // a part of it
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db"}).exit_code == 0);
  write_spec(place, "32, 0, 64");
  CHECK(place.shell("$SYSTOLE sweep s.yaml -o r.db" + tail).exit_code == 6);
  same();
  CHECK(place.shell("$SYSTOLE sweep s.yaml -o r.db" + tail).exit_code == 6);
  same();
  const CommandResult piped = place.run({"sweep", "s.yaml", "-o", "r.db", "--csv", "-"});
  CHECK(piped.out == csv);
}

TEST_CASE("an export that cannot be written is refused before anything runs") {
  const Workplace place;
  write_spec(place, "64");
  check_refused(place, {"sweep", "s.yaml", "--csv", "none/a.csv"}, 2,
                "none/a.csv: cannot be written: there is no directory none");
  check_refused(place, {"sweep", "s.yaml", "--csv", "a", "--jsonl", "./a"}, 2,
                "--jsonl ./a: is also the file of --csv, expected another one");
  check_refused(place, {"sweep", "s.yaml", "--csv", "-", "--jsonl", "-"}, 2,
                "--csv, --jsonl: both are standard output, expected a file for one");
  check_refused(place, {"sweep", "s.yaml", "--csv", "-", "--json"}, 2,
                "--json: standard output cannot also take --csv or --jsonl");
}

TEST_CASE("a point is run again for more detail, not for less") {
  const Workplace place;
  write_spec(place, "64");
  const auto there = [&](const std::string& detail) {
    return place.run({"sweep", "s.yaml", "-o", "r.db", "--detail", detail}).err;
  };
  for (const char* detail : {"totals", "layers", "all"})
    CHECK(there(detail).find("there") == std::string::npos);
  for (const char* detail : {"totals", "layers", "all"})
    CHECK(there(detail).find("3 of 3 points were there already\n") == 0);
  const CommandResult dry =
      place.run({"sweep", "s.yaml", "-o", "r.db", "--dry-run", "--detail", "all"});
  CHECK(dry.out.find("           0 to run\n") != std::string::npos);
}

}  // namespace
}  // namespace systole
