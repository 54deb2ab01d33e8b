// SPDX-License-Identifier: Apache-2.0
// What two databases differ in.
#include <catch2/catch.hpp>

#include "sim/results/compared_set.h"
#include "tests/unit/results_fixture.h"

namespace systole::results {
namespace {

TEST_CASE("two databases of the same points are equal, whatever the order") {
  const Folder folder;
  {
    Store a(folder / "a.db", "1"), b(folder / "b.db", "1");
    for (const char* key : {"x", "y", "z"}) a.put(configuration(key), Detail::kLayers, outcome(9));
    for (const char* key : {"z", "x", "y"}) b.put(configuration(key), Detail::kLayers, outcome(9));
  }
  const auto compared = [&] {
    return difference(*open_compared((folder / "a.db").string()),
                      *open_compared((folder / "b.db").string()));
  };
  CHECK(compared().equal == 3);
  CHECK(compared().empty());
  Store b(folder / "b.db", "1");
  b.connection().run("UPDATE layers SET mxu_busy_cycles = 71 WHERE point = 2 AND number = 1");
  const SetDifference layer = compared();
  REQUIRE(layer.differences.size() == 1);
  CHECK_FALSE(layer.cycles_differ());
  REQUIRE(layer.differences[0].layers.size() == 1);
  CHECK(layer.differences[0].layers[0].causes[0].name == "mxu_busy");
  b.connection().run("UPDATE points SET cycles = cycles + 1 WHERE configuration = 'z'");
  CHECK(compared().cycles_differ());
  CHECK(compared().differences[0].totals[0].name == "cycles");
  b.connection().run("DELETE FROM points WHERE configuration <> 'y'");
  CHECK(compared().only_a.size() == 2);
}

}  // namespace
}  // namespace systole::results
