// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: what was reached is told, the exit code is its own, no unfinished file stays.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

size_t lines_of(const fs::path& file) {
  std::ifstream stream(file);
  size_t lines = 0;
  for (std::string line; std::getline(stream, line);) ++lines;
  return lines;
}

TEST_CASE("an interrupted sweep keeps the rows of all points that have ended") {
  const Workplace place;
  place.write("net.onnx", test_data("resnet8_fmnist.onnx"));
  std::string batches = "1";
  for (int i = 2; i <= 400; ++i) batches += ", " + std::to_string(i);
  place.write("s.yaml",
              "networks: [net.onnx]\narchitectures: [edge-4x4]\nbatch: [" + batches + "]\n");
  const CommandResult result = place.interrupt({"sweep", "s.yaml", "-o", "out", "-j", "2"}, [&] {
    return lines_of(place.path() / "out/sweep.csv") > 3;
  });
  CHECK(result.exit_code == 130);
  CHECK(result.err.starts_with("systole: interrupted; reached sweep: "));
  CHECK(result.err.ends_with(" of 400 points; the same command goes on from there\n"));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);

  std::ifstream csv(place.path() / "out/sweep.csv");
  std::string header, row;
  std::getline(csv, header);
  size_t rows = 0;
  for (; std::getline(csv, row); ++rows)
    CHECK(std::count(row.begin(), row.end(), ',') == std::count(header.begin(), header.end(), ','));
  CHECK(rows >= 3);
  CHECK(rows < 400);
  CHECK(lines_of(place.path() / "out/sweep.jsonl") == rows);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(place.path() / "out"))
    files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  CHECK(files == std::vector<std::string>{"results.db", "results.db-shm", "results.db-wal",
                                          "sweep.csv", "sweep.jsonl"});

  // What has ended is not run again.
  place.write("s.yaml", "networks: [net.onnx]\narchitectures: [edge-4x4]\nbatch: [1, 2]\n");
  CHECK(place.run({"sweep", "s.yaml", "-o", "out"}).err == "2 of 2 points were there already\n");
}

TEST_CASE("an interrupted compilation says how far it was and leaves no file") {
  const Workplace place;
  place.write("net.onnx", test_data("resnet8_fmnist.onnx"));
  int polls = 0;  // some time after the directory for the output has been made
  const CommandResult result = place.interrupt(
      {"compile", "net.onnx", "--arch", "edge-4x4", "--batch", "400", "-o", "net.sysb"},
      [&] { return !place.left_behind().empty() && ++polls > 10; });
  CHECK(result.exit_code == 130);
  CHECK_THAT(result.err, Catch::Matches("systole: interrupted; reached (calibrating: [0-9]+( of "
                                        "[0-9]+)? operators|compiling: [0-9]+( of [0-9]+)? "
                                        "steps)\n"));
  for (int i = 0; i < 500 && !place.left_behind().empty(); ++i) usleep(10'000);
  CHECK(place.left_behind().empty());
}

TEST_CASE("an interrupted simulation says how far it was and leaves no output directory") {
  const Workplace place;
  place.write("t.csv", "Layer, M, N, K,\na, 65535, 64, 64,\n");
  place.write("short.csv", "Layer, M, N, K,\na, 1, 1, 1,\n");
  const std::vector<std::string> rtl = {"--arch", "edge-4x4", "--engine", "rtl"};
  const auto run = [&](const std::string& topology) {
    std::vector<std::string> words = {"run", "--topology", topology, "-o", "out"};
    words.insert(words.end(), rtl.begin(), rtl.end());
    return words;
  };
  REQUIRE(place.run(run("short.csv")).exit_code == 0);  // the RTL is built
  fs::remove_all(place.path() / "out");
  int polls = 0;  // some time after the directory for the output has been made
  const CommandResult result =
      place.interrupt(run("t.csv"), [&] { return !place.left_behind().empty() && ++polls > 100; });
  CHECK(result.exit_code == 130);
  CHECK(result.err.starts_with("systole: interrupted; reached rtl: "));
  CHECK(result.err.ends_with(" cycles\n"));
  // Removed by a process that outlives the interrupted one by a moment.
  for (int i = 0; i < 500 && !place.left_behind().empty(); ++i) usleep(10'000);
  CHECK(place.left_behind().empty());
}

}  // namespace
}  // namespace systole
