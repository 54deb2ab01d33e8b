// SPDX-License-Identifier: Apache-2.0
// Outputs that are no files of their own, outputs that cannot be written, and what stays of earlier
// ones: nothing of the user's is replaced by accident, and nothing is lost without a word.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/numpy/npy_writer.h"
#include "tests/errors/command.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const std::string kTopology = "Layer, M, N, K,\na, 4, 4, 4,\n";
/// What `run -o` writes of it, in order.
const std::vector<std::string> kTopologyFiles = {
    "BANDWIDTH_REPORT.csv", "COMPUTE_REPORT.csv", "DETAILED_ACCESS_REPORT.csv",
    "layers.csv",           "over_time.json",     "program.sysb",
    "result.json"};

std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_device(const fs::path& path) {
  return fs::symlink_status(path).type() == fs::file_type::character;
}

TEST_CASE("an output that is a link is written to what it names, with that file's permissions") {
  const Workplace place;
  place.write("t.csv", kTopology);
  fs::create_directory(place.path() / "far");
  place.write("far/old.json", "old");
  chmod((place.path() / "far/old.json").c_str(), 0640);
  fs::create_symlink("far/old.json", place.path() / "near");
  fs::create_symlink("near", place.path() / "link.json");
  fs::create_symlink("new.json", place.path() / "dangling.json");
  for (const std::string name : {"link.json", "dangling.json"}) {
    const CommandResult result = place.run({"run", "--topology", "t.csv", "--json", name});
    CHECK(result.err == "");
    CHECK(result.exit_code == 0);
    CHECK(fs::is_symlink(place.path() / name));
  }
  CHECK(fs::is_symlink(place.path() / "near"));
  CHECK_THAT(read_file(place.path() / "far/old.json"), StartsWith("{"));
  CHECK_THAT(read_file(place.path() / "new.json"), StartsWith("{"));
  struct stat info = {};
  stat((place.path() / "far/old.json").c_str(), &info);
  CHECK((info.st_mode & 0777) == 0640);
}

TEST_CASE("pipes, devices and open files take the output of every command and stay what they are") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("p.s", ".dram 4096\nsync_lda\n");
  REQUIRE(place.run({"asm", "p.s", "-o", "p.sysb"}).exit_code == 0);
  const CommandResult piped = place.shell(
      "mkfifo pipe\n"
      "for c in 'run --topology t.csv --json' 'compile --topology t.csv -o' 'disasm p.sysb -o' "
      "'asm p.s -o'; do\n"
      "  head -c 4 pipe & $SYSTOLE $c pipe >/dev/null || echo failed; wait; echo; test -p pipe || "
      "echo replaced\ndone");
  CHECK(piped.out.starts_with("{\n \"\nSYSB\n"));
  CHECK(piped.out.ends_with("\nSYSB\n"));
  CHECK_THAT(piped.out, !Contains("failed") && !Contains("replaced"));

  const CommandResult open = place.shell(
      "$SYSTOLE run --topology t.csv --json /dev/fd/3 3>three >/dev/null\n"
      "$SYSTOLE disasm p.sysb -o /dev/stdout > one\n"
      "(echo before; $SYSTOLE disasm p.sysb -o /dev/stdout; echo after) > two");
  CHECK(open.err == "");
  CHECK_THAT(read_file(place.path() / "three"), StartsWith("{"));
  CHECK_THAT(read_file(place.path() / "one"), Contains("sync_lda"));
  CHECK(read_file(place.path() / "two") ==
        "before\n" + read_file(place.path() / "one") + "after\n");

  if (place.shell("mknod null c 1 3").exit_code != 0) return;  // the user may not
  for (const std::string command :
       {"run --topology t.csv --json null", "compile --topology t.csv -o null",
        "disasm p.sysb -o null", "asm p.s -o null", "compile --topology t.csv -o x --json null"}) {
    INFO(command);
    CHECK(place.shell("$SYSTOLE " + command).exit_code == 0);
    CHECK(is_device(place.path() / "null"));
  }
}

TEST_CASE("one file is not two outputs") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("old", "old");
  fs::create_symlink("old", place.path() / "link");
  struct Case {
    std::vector<std::string> arguments;
    std::string error;
  };
  for (const Case& c :
       {Case{{"run", "--topology", "t.csv", "--json", "old", "--dram-trace", "link"},
             "--dram-trace link: is also the file of --json, expected another one"},
        Case{{"run", "--topology", "t.csv", "-o", "./out", "--json", "out"},
             "--json out: is also the file of --output, expected another one"},
        Case{{"quantise", "n.onnx", "-o", "q", "--masks", "./q"},
             "--masks ./q: is also the file of --output, expected another one"},
        Case{{"search-precision", "n.onnx", "--calib", "c.yaml", "--json", "q", "--csv", "q"},
             "--csv q: is also the file of --json, expected another one"}}) {
    const CommandResult result = place.run(c.arguments);
    CHECK(result.err == "systole: " + c.error + "\n");
    CHECK(result.exit_code == 2);
  }
  CHECK(files_in(place.path()) == std::vector<std::string>{"link", "old", "t.csv"});
  CHECK(read_file(place.path() / "old") == "old");
}

TEST_CASE("a file that is read is no output") {
  const Workplace place;
  const std::string network = test_data("mlp_fmnist.onnx");
  place.write("n.onnx", network);
  place.write("t.csv", kTopology);
  place.write("c.yaml", "batch: 1\n");
  fs::create_symlink("n.onnx", place.path() / "link");
  place.shell("$SYSTOLE compile --topology t.csv -o p.sysb && $SYSTOLE disasm p.sysb -o p.s");
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& what) {
    const CommandResult result = place.run(arguments);
    CHECK(result.err == "systole: " + what + ", which is read, expected another one\n");
    CHECK(result.exit_code == 2);
  };
  const std::string program = read_file(place.path() / "p.sysb");
  refused({"run", "n.onnx", "--json", "n.onnx"}, "--json n.onnx: is also the file of network");
  refused({"run", "n.onnx", "--calib", "c.yaml", "--json", "./c.yaml"},
          "--json ./c.yaml: is also the file of --calib");
  refused({"run", "n.onnx", "--input", "input=t.csv", "--retire-log", "t.csv"},
          "--retire-log t.csv: is also the file of --input");
  refused({"run", "--topology", "t.csv", "--json", "t.csv"},
          "--json t.csv: is also the file of --topology");
  refused({"compile", "n.onnx", "-o", "link"}, "--output link: is also the file of network");
  refused({"quantise", "link", "-o", "n.onnx"}, "--output n.onnx: is also the file of network");
  refused({"disasm", "p.sysb", "-o", "p.sysb"}, "--output p.sysb: is also the file of program");
  refused({"asm", "p.s", "-o", "p.s"}, "--output p.s: is also the file of source");
  CHECK(read_file(place.path() / "n.onnx") == network);
  CHECK(read_file(place.path() / "p.sysb") == program);
  // A folder of results may hold what made them.
  CHECK(place.shell("mkdir out && cp p.sysb out && $SYSTOLE run out/p.sysb -o out").exit_code == 0);
}

TEST_CASE("what cannot be a file is refused before any work") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("file", "x");
  fs::create_directory(place.path() / "folder");
  fs::create_symlink("loop", place.path() / "loop");
  const std::string longest(300, 'x');
  for (const auto& [name, reason] : std::vector<std::pair<std::string, std::string>>{
           {"folder", "is a directory"},
           {"folder/", "expected the name of a file"},
           {"file/x.json", "Not a directory"},
           {"loop", "Too many levels of symbolic links"},
           {longest, "File name too long"},
           {"/dev/fd/77", "No such file or directory"}}) {
    const CommandResult result = place.run({"run", "--topology", "t.csv", "--json", name});
    CHECK(result.err == "systole: " + name + ": cannot be written: " + reason + "\n");
    CHECK(result.out == "");
    CHECK(result.exit_code == 2);
  }
  for (const auto& [name, reason] : std::vector<std::pair<std::string, std::string>>{
           {"file", "is a file, expected a directory"},
           {"file/x", "file is a file, expected a directory"},
           {longest, "File name too long"}}) {
    const CommandResult result = place.run({"run", "--topology", "t.csv", "-o", name});
    CHECK(result.err == "systole: " + name + ": cannot be written: " + reason + "\n");
    CHECK(result.exit_code == 2);
  }
  // A directory where a file of the run belongs.
  fs::create_directories(place.path() / "out/layers.csv");
  const CommandResult blocked = place.run({"run", "--topology", "t.csv", "-o", "out"});
  CHECK(blocked.err == "systole: out/layers.csv: cannot be written: is a directory\n");
  CHECK(files_in(place.path() / "out") == std::vector<std::string>{"layers.csv"});
}

TEST_CASE("a standard output that is full or closed is an error of every command") {
  if (!is_device("/dev/full")) return;
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("p.s", ".dram 4096\nsync_lda\n");
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  REQUIRE(place.run({"asm", "p.s", "-o", "p.sysb"}).exit_code == 0);
  for (const std::string command :
       {"run --topology t.csv", "run --topology t.csv --json -", "disasm p.sysb", "asm p.s -o q",
        "sweep s.yaml", "sweep s.yaml --json", "archs list", "archs show edge-4x4",
        "archs area edge-4x4", "compile --topology t.csv -o x", "--help", "run --help",
        "compile --topology t.csv -o x --dump-ir", "memory ddr4-2400", "--version"}) {
    INFO(command);
    const CommandResult full = place.shell("$SYSTOLE " + command + " >/dev/full");
    CHECK(full.err == "systole: standard output cannot be written: No space left on device\n");
    CHECK(full.exit_code == 2);
    const CommandResult closed = place.shell("$SYSTOLE " + command + " >&-");
    CHECK(closed.err == "systole: standard output cannot be written: Bad file descriptor\n");
    CHECK(closed.exit_code == 2);
  }
}

TEST_CASE("files are written although standard output fails, and the failure is told") {
  if (!is_device("/dev/full")) return;
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4, edge-16x16]\n");
  CHECK(place.shell("$SYSTOLE run --topology t.csv -o out --json r.json >/dev/full").exit_code ==
        2);
  CHECK(files_in(place.path() / "out") == kTopologyFiles);
  CHECK_THAT(read_file(place.path() / "r.json"), StartsWith("{"));
  CHECK(place.shell("$SYSTOLE sweep s.yaml -o rows >/dev/full").exit_code == 2);
  const std::string rows = read_file(place.path() / "rows/sweep.jsonl");
  CHECK(std::count(rows.begin(), rows.end(), '\n') == 2);
  // A reader that leaves: the files are there all the same, and nothing is said, as of other tools.
  const CommandResult left = place.shell(
      "($SYSTOLE run --topology t.csv -o left; echo $? > code) | :\n"
      "sleep 1; cat code; LC_ALL=C ls left | tr '\\n' ' '");
  CHECK(left.err == "");
  const std::string files = fmt::format("{} ", fmt::join(kTopologyFiles, " "));
  CHECK((left.out == "141\n" + files || left.out == "0\n" + files));  // it was faster than `:`
}

TEST_CASE("a standard error that is full or closed changes nothing but what is said there") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("net.onnx", test_data("lenet_fmnist.onnx"));
  for (const std::string to : {"2>&-", "2>/dev/full"}) {
    CHECK(place.shell("$SYSTOLE run none.onnx " + to).exit_code == 2);
    CHECK(place.shell("$SYSTOLE fly " + to).exit_code == 2);
    // Without data there is a warning.
    CHECK(place.shell("$SYSTOLE run net.onnx -o out " + to + " >/dev/null").exit_code == 0);
    CHECK(fs::exists(place.path() / "out/result.json"));
    CHECK(place.shell("$SYSTOLE run --topology t.csv --cycle-limit 3 >/dev/null " + to).exit_code ==
          4);
    CHECK(place.shell("$SYSTOLE run none.onnx >/dev/full " + to).exit_code == 2);
  }
}

TEST_CASE("standard streams that are closed do not lend their numbers to outputs") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("p.s", ".dram 4096\nsync_lda\n");
  for (const std::string closed : {"<&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"}) {
    INFO(closed);
    place.shell("rm -rf out; $SYSTOLE run --topology t.csv -o out " + closed);
    CHECK(files_in(place.path() / "out") == kTopologyFiles);
    place.shell("rm -f p.sysb; $SYSTOLE asm p.s -o p.sysb " + closed);
    CHECK_THAT(read_file(place.path() / "p.sysb"), StartsWith("SYSB"));
  }
}

TEST_CASE("nothing of an earlier run stays beside newer files, and all else stays") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("net.onnx", test_data("lenet_fmnist.onnx"));
  place.write("x.npy", numpy::to_npy(std::vector<float>(28 * 28), {1, 1, 28, 28}));
  REQUIRE(place.run({"run", "net.onnx", "--input", "x.npy", "-o", "out"}).exit_code == 0);
  const std::vector<std::string> first = files_in(place.path() / "out");
  CHECK(first.size() == 6);
  CHECK(nlohmann::json::parse(read_file(place.path() / "out/result.json"))["files"] == first);
  for (const std::string name : {"out/notes.txt", "out/mine.npy", "out/stage-9.sysb"})
    place.write(name, "mine");
  REQUIRE(place.run({"run", "--topology", "t.csv", "-o", "out"}).exit_code == 0);
  std::vector<std::string> both = kTopologyFiles;
  both.insert(both.end(), {"mine.npy", "notes.txt", "stage-9.sysb"});
  std::sort(both.begin(), both.end());
  CHECK(files_in(place.path() / "out") == both);

  // A result that does not name its files, as they were; names that would lead elsewhere.
  place.write("out/waves.fst", "old");
  place.write("out/result.json", R"({"schema": "systole.result"})");
  REQUIRE(place.run({"run", "--topology", "t.csv", "-o", "out"}).exit_code == 0);
  CHECK_FALSE(fs::exists(place.path() / "out/waves.fst"));
  place.write(
      "out/result.json",
      R"({"schema": "systole.result", "files": ["../t.csv", "..", 7, "gone", "notes.txt"]})");
  REQUIRE(place.run({"run", "--topology", "t.csv", "-o", "out"}).exit_code == 0);
  CHECK(fs::exists(place.path() / "t.csv"));
  CHECK_FALSE(fs::exists(place.path() / "out/notes.txt"));
  // Somebody's waves.fst in a folder without a result.
  fs::create_directory(place.path() / "fresh");
  place.write("fresh/waves.fst", "mine");
  REQUIRE(place.run({"run", "--topology", "t.csv", "-o", "fresh"}).exit_code == 0);
  CHECK(read_file(place.path() / "fresh/waves.fst") == "mine");
}

TEST_CASE("a run fills the current directory, a directory behind a link and one beside nothing") {
  const Workplace place;
  place.write("t.csv", kTopology);
  fs::create_directories(place.path() / "real/inner");
  fs::create_directory_symlink("real/inner", place.path() / "link");
  fs::create_directory_symlink("later", place.path() / "dangling");
  for (const std::string name : {".", "link", "dangling", "real/", "./real/../made"}) {
    INFO(name);
    const CommandResult result = place.run({"run", "--topology", "t.csv", "-o", name});
    CHECK(result.err == "");
    CHECK(result.exit_code == 0);
    CHECK(fs::exists(place.path() / name / "result.json"));
  }
  CHECK(fs::is_symlink(place.path() / "link"));
  CHECK(fs::is_symlink(place.path() / "dangling"));
  for (const std::string& name : place.left_behind()) CHECK_FALSE(name.ends_with(".part"));
}

TEST_CASE(
    "outputs with names that no file may have, or that two would share, get files of theirs") {
  const Workplace place;
  test::OnnxBuilder net;
  const std::vector<std::string> outputs = {
      std::string(300, 'y'), "../up", "..\\up", "a\nb", "a_b", std::string(300, 'y') + "2"};
  net.input("x", {1, 4});
  for (const std::string& name : outputs) {
    net.node("Relu", {"x"}, {name});
    net.output(name);
  }
  place.write("net.onnx", net.bytes());
  place.write("x.npy", numpy::to_npy(std::vector<float>{1, -2, 3, 4}, {1, 4}));
  const CommandResult result =
      place.run({"run", "net.onnx", "--host-fallback", "--input", "x.npy", "-o", "out"});
  CHECK(result.exit_code == 0);
  const std::vector<std::string> names = files_in(place.path() / "out");
  CHECK(std::count_if(names.begin(), names.end(),
                      [](const std::string& name) { return name.ends_with(".int8.npy"); }) == 6);
  CHECK(std::count_if(names.begin(), names.end(),
                      [](const std::string& name) { return name.ends_with(".npy"); }) == 12);
  const std::string cut(200, 'y');
  for (const std::string& name : {cut, cut + "-2", std::string("___up"), std::string("___up-2"),
                                  std::string("a_b"), std::string("a_b-2")})
    CHECK(std::count(names.begin(), names.end(), name + ".npy") == 1);
  CHECK(place.left_behind() == std::vector<std::string>{"out"});
}

TEST_CASE("a sweep whose files may not grow says so, leaves whole rows and goes on") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml",
              "networks: [t.csv]\narchitectures: [edge-4x4]\nbatch: [1, 2, 3, 4, 5, 6, 7, 8]\n");
  // Blocks of 512 bytes: too few for the tables, and for all points.
  const CommandResult none =
      place.shell("ulimit -f 4; $SYSTOLE sweep s.yaml -o out -j 1 >/dev/null");
  CHECK(none.err ==
        "systole: out/results.db: cannot be read or written: disk I/O error; what stands in it is "
        "whole\n");
  CHECK(none.exit_code == 2);
  CHECK_FALSE(std::filesystem::exists(place.path() / "out/sweep.csv"));
  const CommandResult some =
      place.shell("ulimit -f 600; $SYSTOLE sweep s.yaml -o out -j 1 >/dev/null");
  CHECK(some.err == none.err);
  CHECK(some.exit_code == 2);
  const std::string csv = read_file(place.path() / "out/sweep.csv");
  const std::string jsonl = read_file(place.path() / "out/sweep.jsonl");
  CHECK(csv.ends_with("\n"));
  const auto rows = std::count(jsonl.begin(), jsonl.end(), '\n');
  CHECK(rows > 0);
  CHECK(rows < 8);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + rows);
  std::istringstream lines(jsonl);
  for (std::string line; std::getline(lines, line);)
    CHECK(nlohmann::json::parse(line)["status"] == "finished");
  CHECK(place.run({"sweep", "s.yaml", "-o", "out"}).err ==
        std::to_string(rows) + " of 8 points were there already\n");
}

TEST_CASE("a second sweep into one directory is refused while the first is at work") {
  const Workplace place;
  place.write("net.onnx", test_data("resnet8_fmnist.onnx"));
  place.write("t.csv", kTopology);
  std::string batches = "1";
  for (int i = 2; i <= 400; ++i) batches += ", " + std::to_string(i);
  place.write("long.yaml",
              "networks: [net.onnx]\narchitectures: [edge-4x4]\nbatch: [" + batches + "]\n");
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  CommandResult second;
  const CommandResult first = place.interrupt({"sweep", "long.yaml", "-o", "out", "-j", "1"}, [&] {
    if (read_file(place.path() / "out/sweep.jsonl").empty()) return false;
    second = place.run({"sweep", "s.yaml", "-o", "out"});
    return true;
  });
  CHECK(first.exit_code == 130);
  CHECK(second.err ==
        "systole: out: another sweep writes its rows there, expected a directory of its own for "
        "each\n");
  CHECK(second.exit_code == 2);
  CHECK_THAT(read_file(place.path() / "out/sweep.jsonl"),
             Contains("net.onnx") && !Contains("t.csv"));
  CHECK(place.run({"sweep", "s.yaml", "-o", "out"}).exit_code == 0);
}

TEST_CASE("too few files that may be open are an error that says so") {
  const Workplace place;
  place.write("t.csv", kTopology);
  for (int limit = 3; limit < 12; ++limit) {
    const CommandResult result = place.shell("ulimit -n " + std::to_string(limit) +
                                             "; $SYSTOLE run --topology t.csv -o out");
    INFO(limit << ": " << result.err);
    if (result.exit_code == 0) continue;
    if (result.exit_code == 127) continue;  // the program itself could not be started
    CHECK_THAT(result.err, StartsWith("systole: "));
    CHECK(result.exit_code < 5);
    CHECK(std::none_of(place.left_behind().begin(), place.left_behind().end(),
                       [](const std::string& name) { return name.ends_with(".part"); }));
  }
}

}  // namespace
}  // namespace systole
