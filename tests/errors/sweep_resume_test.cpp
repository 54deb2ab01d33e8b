// SPDX-License-Identifier: Apache-2.0
// Sweeps that go on: what a database has is not run again, whatever the file looks like now.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>

#include "tests/errors/command.h"

namespace systole {
namespace {

constexpr const char* kTopology = "Layer, M, N, K,\na, 16, 32, 32,\n";

void write_spec(const Workplace& place, const std::string& batches,
                const std::string& kib = "32, 64") {
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {ub.kib: [" + kib +
                            "]}\nbatch: [" + batches + "]\n");
}

TEST_CASE("a sweep runs what its database lacks, and its rows are those of a sweep at once") {
  const Workplace place;
  write_spec(place, "1, 3");
  CHECK(without_clock_warning(place.run({"sweep", "s.yaml", "-o", "part.db"}).err) == "");
  // More values on both axes, and in another order: the points of before stand elsewhere.
  write_spec(place, "2, 3, 1", "64, 128, 32");
  const CommandResult rest = place.run({"sweep", "s.yaml", "-o", "part.db", "--json"});
  CHECK(without_clock_warning(rest.err) == "4 of 9 points were there already\n");
  CHECK(rest.exit_code == 0);
  const CommandResult whole = place.run({"sweep", "s.yaml", "--json", "-j", "3"});
  CHECK(whole.out == rest.out);
  const CommandResult again = place.run({"sweep", "s.yaml", "-o", "part.db", "--json"});
  CHECK(without_clock_warning(again.err) == "9 of 9 points were there already\n");
  CHECK(again.out == whole.out);
  CHECK(place.left_behind() == std::vector<std::string>{"part.db"});
}

TEST_CASE("hardware that is named in another way is the same point") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("a.yaml", "networks: [t.csv]\narchitectures: [{name: edge-16x16, ub.kib: 64}]\n");
  place.write("b.yaml",
              "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {ub.kib: [64, 64]}\n");
  CHECK(without_clock_warning(place.run({"sweep", "a.yaml", "-o", "r.db"}).err) == "");
  CHECK(without_clock_warning(place.run({"sweep", "b.yaml", "-o", "r.db"}).err) ==
        "2 of 2 points were there already\n");
  place.write("t.csv", std::string(kTopology) + "b, 16, 32, 32,\n");  // not the network of before
  CHECK(without_clock_warning(place.run({"sweep", "b.yaml", "-o", "r.db"}).err) == "");
}

TEST_CASE("a sweep into a directory goes on with the same files as one at once") {
  const Workplace place;
  write_spec(place, "1, 2, 3");
  CHECK(place.run({"sweep", "s.yaml", "-o", "out"}).exit_code == 0);
  write_spec(place, "1, 2, 3, 4, 5, 6");
  CHECK(without_clock_warning(place.run({"sweep", "s.yaml", "-o", "out"}).err) ==
        "6 of 12 points were there already\n");
  CHECK(without_clock_warning(place.run({"sweep", "s.yaml", "-o", "once", "-j", "1"}).err) == "");
  for (const char* file : {"sweep.csv", "sweep.jsonl"})
    CHECK(read_file(place.path() / "out" / file) == read_file(place.path() / "once" / file));
  const CommandResult compared = place.run({"compare", "out", "once"});
  CHECK(compared.out == "12 equal, 0 differ, 0 only in A, 0 only in B\n");
  CHECK(compared.exit_code == 0);
}

TEST_CASE("a point that failed is kept until it is asked for again") {
  const Workplace place;
  write_spec(place, "1", "0, 64");
  const CommandResult first = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  CHECK(without_clock_warning(first.err) == "1 of 2 points failed\n");
  CHECK(first.exit_code == 6);
  const CommandResult kept = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  CHECK(without_clock_warning(kept.err) ==
        "2 of 2 points were there already\n1 of 2 points failed\n");
  CHECK(kept.exit_code == 6);
  CHECK(kept.out == first.out);
  const CommandResult retried =
      place.run({"sweep", "s.yaml", "-o", "r.db", "--retry-failed", "--allow-failed"});
  CHECK(without_clock_warning(retried.err) ==
        "1 of 2 points were there already\n1 of 2 points failed\n");
  CHECK(retried.exit_code == 0);
  write_spec(place, "1", "0");
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db", "--allow-failed"}).exit_code == 2);
}

TEST_CASE("points that were kept as totals are run again for their layers") {
  const Workplace place;
  write_spec(place, "1, 2");
  CHECK(without_clock_warning(
            place.run({"sweep", "s.yaml", "-o", "r.db", "--detail", "totals"}).err) == "");
  CHECK(without_clock_warning(place.run({"sweep", "s.yaml", "-o", "r.db"}).err) == "");
  CHECK(without_clock_warning(
            place.run({"sweep", "s.yaml", "-o", "r.db", "--detail", "totals"}).err) ==
        "4 of 4 points were there already\n");
}

TEST_CASE("two sweeps at once share the points of a database") {
  const Workplace place;
  place.write("net.onnx", test_data("lenet_fmnist.onnx"));
  place.write("s.yaml",
              "networks: [net.onnx]\narchitectures: [edge-16x16]\n"
              "batch: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]\n");
  const CommandResult both = place.shell(
      "$SYSTOLE sweep s.yaml -o r.db -j 1 --json >a.txt & "
      "$SYSTOLE sweep s.yaml -o r.db -j 1 --json >b.txt; s=$?; wait $! && exit $s");
  CHECK(both.exit_code == 0);
  CHECK(read_file(place.path() / "a.txt") == read_file(place.path() / "b.txt"));
  // Each says how many the other ran: together those are all of them.
  const std::regex line("(\\d+) of 16 points were there already\n");
  int there = 0;
  for (std::sregex_iterator at(both.err.begin(), both.err.end(), line), end; at != end; ++at)
    there += std::stoi((*at)[1]);
  CHECK(there == 16);
}

TEST_CASE("a database that cannot be used is refused in one line before anything is run") {
  const Workplace place;
  write_spec(place, "1");
  place.write("x.db", std::string(3000, 'x'));
  check_refused(
      place, {"sweep", "s.yaml", "-o", "x.db"}, 2,
      "x.db: is no database, expected one that `systole sweep -o` made, or a name that is "
      "free");
  check_refused(place, {"sweep", "s.yaml", "-o", "none/x.db"}, 2,
                "none/x.db: cannot be opened: No such file or directory");
  CHECK(read_file(place.path() / "x.db") == std::string(3000, 'x'));
  CHECK(place.run({"sweep", "s.yaml", "-o", "r.db"}).exit_code == 0);
  // Root writes where it must not: somebody else tries.
  if (!can_run_as_someone(place)) return;
  const CommandResult denied = place.shell("chmod 755 . && chmod 444 r.db && " + kAsSomeone +
                                           "$SYSTOLE sweep s.yaml -o r.db");
  CHECK(denied.err == "systole: r.db: cannot be written: it is read-only\n");
  CHECK(denied.exit_code == 2);
}

}  // namespace
}  // namespace systole
