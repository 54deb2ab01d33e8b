// SPDX-License-Identifier: Apache-2.0
// The files of `run` for other tools: what is refused, and that they appear together or not at all.
#include <catch2/catch.hpp>
#include <random>

#include "tests/errors/command.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const std::string kTopology = "Layer, M, N, K,\na, 4, 4, 4,\n";

std::vector<std::string> run_with(const std::vector<std::string>& options) {
  std::vector<std::string> words = {"run", "--topology", "t.csv", "--arch", "edge-4x4"};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

/// conv, LRN, conv: two stages of the accelerator, one of the host between them.
std::string network_of_stages() {
  std::mt19937 rng(3);
  test::OnnxBuilder b;
  b.input("x", {1, 3, 4, 4}).random("w", {4, 3, 3, 3}, rng).random("v", {2, 4, 4, 4}, rng);
  b.node("Conv", {"x", "w"}, "c").set("pads", test::Dims{1, 1, 1, 1});
  b.node("LRN", {"c"}, "l").set("size", 3);
  b.node("Conv", {"l", "v"}, "d");
  b.output("d");
  return b.bytes();
}

}  // namespace

TEST_CASE("traces that cannot be are refused before anything runs") {
  const Workplace place;
  place.write("t.csv", kTopology);
  check_refused(place, run_with({"--dram-commands", "c.csv"}), 2,
                "--dram-commands: memory.kind is ideal, which has no commands, expected ddr "
                "(--memory NAME)");
  check_refused(place, run_with({"--dram-trace", "a.csv", "--retire-log", "./a.csv"}), 2,
                "--retire-log ./a.csv: is also the file of --dram-trace, expected another one");
  check_refused(place, run_with({"--dram-trace", "-"}), 2, "--dram-trace -: expected a file");
  check_refused(place, run_with({"--dram-trace-format", "dramsys"}), 2,
                "--dram-trace-format dramsys: add --dram-trace FILE, which it is the form of");
  check_refused(place, run_with({"--dram-commands-format", "drampower"}), 2,
                "--dram-commands-format drampower: add --dram-commands FILE, which it is the form "
                "of");
  check_refused(place, run_with({"--timeline-window", "1:2"}), 2,
                "--timeline-window: add --timeline FILE, which it is a part of");
  for (const std::string window : {"7:7", "9:3", "1:2:3", "99999999999999999999:"})
    check_refused(place, run_with({"--timeline", "t.json", "--timeline-window", window}), 2,
                  "--timeline-window " + window +
                      ": expected FROM:TO in cycles with FROM < TO, or the name of a layer");
  check_refused(place, run_with({"--timeline", "t.json", "--timeline-window", "b"}), 2,
                "--timeline-window b: unknown layer, expected one of a");
  check_refused(place, run_with({"--retire-log", "no/r.csv"}), 2,
                "no/r.csv: cannot be written: there is no directory no");
  const CommandResult form = place.run(run_with({"--dram-trace", "d", "--dram-trace-format", "x"}));
  CHECK(form.exit_code == 2);
  CHECK_THAT(form.err, Contains("csv") && Contains("ramulator2") && Contains("dramsys"));
  CHECK(place.left_behind().empty());
}

TEST_CASE("traces of a run that is stopped tell what it had done, and a full disk leaves none") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const CommandResult stopped = place.run(
      run_with({"--cycle-limit", "100", "--dram-trace", "d.csv", "--retire-log", "r.csv"}));
  CHECK(stopped.exit_code == 4);
  CHECK_THAT(read_file(place.path() / "d.csv"), Contains("the run has 100 cycles"));
  CHECK_THAT(read_file(place.path() / "d.csv"), Contains(",read,instructions,fetch,0,a,"));
  CHECK_THAT(read_file(place.path() / "r.csv"), Contains("pc,unit,opcode"));
  CHECK(place.left_behind() == std::vector<std::string>{"d.csv", "r.csv"});

  const CommandResult full = place.run(run_with({"--dram-trace", "/dev/full"}));
  CHECK(full.exit_code == 2);
  CHECK_THAT(full.err, Contains("/dev/full: cannot be written: No space left on device"));
  const CommandResult piped = place.run(run_with({"--json", "-", "--retire-log", "/dev/stderr"}));
  CHECK(piped.exit_code == 0);
  CHECK_THAT(piped.out, StartsWith("{"));
  CHECK_THAT(piped.err, StartsWith("# systole retired instructions"));
}

TEST_CASE("a network in stages has traces of each stage of the accelerator") {
  const Workplace place;
  place.write("net.onnx", network_of_stages());
  const CommandResult run =
      place.run({"run", "net.onnx", "--host-fallback", "--arch", "edge-4x4", "--memory",
                 "ddr5-4800", "--dram-trace", "d.csv", "--retire-log", "r", "--dram-commands",
                 "c.csv", "--dram-commands-format", "drampower"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(place.left_behind() == std::vector<std::string>{"c-1-ch0.csv", "c-1-ch1.csv", "c-3-ch0.csv",
                                                        "c-3-ch1.csv", "d-1.csv", "d-3.csv", "r-1",
                                                        "r-3"});
  CHECK_THAT(run.out, Contains("DRAM requests of stage 1: d-1.csv\n") &&
                          Contains("DRAM requests of stage 3: d-3.csv\n") &&
                          Contains("stages of the host, which have no traces: 2\n"));
  CHECK_THAT(read_file(place.path() / "d-3.csv"), Contains("outputs,sto"));
}

TEST_CASE("a compiled network cannot be drawn of a program file") {
  const Workplace place;
  place.write("t.csv", kTopology);
  CHECK(place.run({"compile", "--topology", "t.csv", "--arch", "edge-4x4", "-o", "p.sysb"})
            .exit_code == 0);
  const CommandResult run = place.run({"run", "p.sysb", "--arch", "edge-4x4", "--graph", "g.onnx"});
  CHECK(run.exit_code == 2);
  CHECK(run.err ==
        "systole: --graph: a program file holds no network, expected an ONNX file or a topology\n");
  CHECK(place.left_behind() == std::vector<std::string>{"p.sysb"});
}

TEST_CASE("a timeline's window may lie in one stage, or in none") {
  const Workplace place;
  place.write("net.onnx", network_of_stages());
  const std::vector<std::string> words = {"run",    "net.onnx",         "--host-fallback",
                                          "--arch", "edge-4x4",         "--timeline",
                                          "t.json", "--timeline-window"};
  const auto run_in = [&](const std::string& window) {
    std::vector<std::string> all = words;
    all.push_back(window);
    return place.run(all);
  };
  const CommandResult none = run_in("1000000:");
  CHECK(none.exit_code == 0);
  CHECK_THAT(none.out, Contains("no stage was at work in the window"));
  CHECK(place.left_behind().empty());
  const CommandResult unknown = run_in("elsewhere");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Contains("--timeline-window elsewhere: unknown layer, expected one of "));
  const std::string layer = unknown.err.substr(unknown.err.rfind(", ") + 2,
                                               unknown.err.size() - unknown.err.rfind(", ") - 3);
  CHECK(run_in(layer).exit_code == 0);
  CHECK(place.left_behind() == std::vector<std::string>{"t-3.json"});
  CHECK(run_in(":10").exit_code == 0);
  CHECK(place.left_behind() == std::vector<std::string>{"t-1.json", "t-3.json"});
}

}  // namespace systole
