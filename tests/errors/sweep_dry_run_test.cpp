// SPDX-License-Identifier: Apache-2.0
// --dry-run: what a sweep would do, told without doing it.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

TEST_CASE("a dry run counts points, what each constraint drops, and what the database has") {
  const Workplace place;
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  const std::string axes =
      "networks: [t.csv]\narchitectures: [edge-16x16]\n"
      "set:\n  array.rows: [8, 16, 32]\n  array.cols: [8, 16, 32]\nbatch: [1, 1]\n";
  place.write("s.yaml", axes + "where: array.rows * array.cols <= 256 and array.cols > 8\n");
  const std::string counts =
      "          18 points before where\n"
      "           6 dropped by array.rows * array.cols <= 256\n"
      "           6 dropped by array.cols > 8\n"
      "           6 points\n";
  const CommandResult alone = place.run({"sweep", "s.yaml", "--dry-run", "-j", "4"});
  CHECK(alone.out == counts + "about 1 s with 4 at once: 0.06 s a point, by the networks' nodes\n");
  CHECK(alone.err == "");
  CHECK(alone.exit_code == 0);
  const std::string different = "           3 of them different\n";
  const std::vector<std::string> asked = {"sweep", "s.yaml", "--dry-run", "-o", "r.db"};
  CHECK(place.run(asked).out.starts_with(
      counts + different + "           0 in the database\n           3 to run\nabout 1 s with "));
  CHECK(place.left_behind().empty());
  place.write("one.yaml", axes + "where: array.rows * array.cols <= 128 and array.cols > 8\n");
  CHECK(place.run({"sweep", "one.yaml", "-o", "r.db"}).exit_code == 0);
  const std::string some = place.run(asked).out;
  CHECK(some.starts_with(counts + different +
                         "           1 in the database\n           2 to run\nabout "));
  CHECK(some.ends_with(" s a point, as those that ran before\n"));
  CHECK(place.run({"sweep", "one.yaml", "--dry-run", "-o", "r.db"})
            .out.ends_with("           0 to run\n"));
}

}  // namespace
}  // namespace systole
