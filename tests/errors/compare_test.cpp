// SPDX-License-Identifier: Apache-2.0
// The command compare: results of runs and points of databases, what is told and what is refused.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/errors/command.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\nb, 64, 64, 64,\n";

TEST_CASE("two results of runs differ in what was changed, the heaviest layer first") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "-o", "a"});
  place.run({"run", "--topology", "t.csv", "-o", "b", "--set", "memory.gb_per_s=2"});
  const CommandResult text = place.run({"compare", "a", "b/result.json"});
  CHECK(text.exit_code == 1);
  CHECK(text.err == "");
  CHECK_THAT(text.out, Catch::Contains("  configuration\n    architecture ") &&
                           Catch::Contains("    memory.bytes_per_cycle ") &&
                           Catch::Contains("  totals\n    cycles ") &&
                           Catch::EndsWith("0 equal, 1 differ, 0 only in A, 0 only in B\n"));
  const CommandResult run = place.run({"compare", "a", "b", "--json"});
  CHECK(run.exit_code == 1);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json["cycles_differ"] == true);
  REQUIRE(json["differences"].size() == 1);
  const auto& found = json["differences"][0];
  CHECK(found["configuration"].size() == 2);
  REQUIRE(found["layers"].size() == 2);
  CHECK_THAT(text.out, Catch::Contains("  layers\n    " +
                                       found["layers"][0]["name"].get<std::string>() + "  "));
  const auto cycles = [&](size_t layer) {
    const auto& row = found["layers"][layer];
    return row["b"].get<int64_t>() - row["a"].get<int64_t>();
  };
  CHECK(cycles(0) >= cycles(1));
  CHECK(place.run({"compare", "a", "a"}).exit_code == 0);
  CHECK(place.run({"compare", "a", "a"}).out == "1 equal, 0 differ, 0 only in A, 0 only in B\n");
}

TEST_CASE("points of databases are compared by configuration, or by number") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const auto sweep = [&](const std::string& batches, const std::string& database) {
    place.write("s.yaml",
                "networks: [t.csv]\narchitectures: [edge-4x4]\nbatch: [" + batches + "]\n");
    CHECK(place.run({"sweep", "s.yaml", "-o", database, "-j", "1"}).exit_code == 0);
  };
  sweep("1, 2, 3", "a.db");
  sweep("3, 2, 4", "b.db");
  const CommandResult sets = place.run({"compare", "a.db", "b.db"});
  CHECK(sets.out ==
        "  only in A\n    t.csv on edge-4x4, batch 1\n  only in B\n    t.csv on edge-4x4, batch 4\n"
        "2 equal, 0 differ, 1 only in A, 1 only in B\n");
  CHECK(sets.exit_code == 1);
  CHECK(place.run({"compare", "a.db:2", "b.db:2"}).exit_code == 0);
  const CommandResult points = place.run({"compare", "a.db:1", "a.db:2"});
  CHECK(points.exit_code == 1);
  CHECK_THAT(points.out, Catch::Contains("    batch ") && Catch::Contains("    cycles "));
}

TEST_CASE("databases that are read have any name, and nothing is left beside them") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  const std::string name = "a b?c#d%20e\xc3\xbc.db";
  place.run({"sweep", "s.yaml", "-o", name});
  std::filesystem::copy(place.path() / name, place.path() / "b.db");
  place.write("cut.db", read_file(place.path() / "b.db").substr(0, 5000));
  CHECK(place.run({"compare", name, "b.db"}).exit_code == 0);
  CHECK(place.run({"merge", name, (place.path() / "b.db").string(), "-o", "all.db"}).exit_code ==
        0);
  CHECK(place.run({"sweep", "s.yaml", "--dry-run", "-o", name}).exit_code == 0);
  CHECK(place.run({"compare", "cut.db", "b.db"}).exit_code == 2);
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(place.path()))
    files.insert(entry.path().filename().string());
  CHECK(files == std::set<std::string>{"t.csv", "s.yaml", name, "b.db", "cut.db", "all.db"});
}

TEST_CASE("what is no result is refused with what was expected") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  place.write("x.json", "[1]");
  place.write("x.db", std::string(3000, 'x'));
  const auto refused = [&](const std::string& a, const std::string& b, const std::string& message) {
    const CommandResult result = place.run({"compare", a, b});
    CHECK(result.err == "systole: " + message + "\n");
    CHECK(result.exit_code == 2);
  };
  place.run({"sweep", "s.yaml", "-o", "r.db"});
  place.run({"run", "--topology", "t.csv", "-o", "out"});
  refused("x.json", "out", "x.json: is no result, expected result.json of `systole run -o`");
  refused("none.json", "out", "none.json: no such file, or it cannot be read");
  refused("none.db", "r.db", "none.db: cannot be opened: No such file or directory");
  refused(
      "x.db", "r.db",
      "x.db: is no database, expected one that `systole sweep -o` made, or a name that is free");
  refused("out", "r.db", "A is a result, B is a database, expected two of a kind");
  refused("r.db:9", "r.db:1", "r.db: has no point 9");
  refused("r.db:x", "r.db:1", "r.db:x: expected the number of a point");
  refused("r.db:", "r.db:1", "r.db:: expected the number of a point");
  std::filesystem::create_directory(place.path() / "empty");
  refused("empty", "out", "empty: has no results.db and no result.json, expected one of them");
}

}  // namespace
}  // namespace systole
