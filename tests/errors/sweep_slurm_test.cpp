// SPDX-License-Identifier: Apache-2.0
// Sweeps as array jobs: what is given to sbatch, what its tasks leave, how far they are. A script
// in place of sbatch runs tasks one after the other; tests/system/slurm.py has the real one.
#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

constexpr const char* kBatch = R"sh(#!/bin/bash
cd "$(dirname "${@: -1}")"
echo "$@" >>calls
last=1
for word; do
  case $word in
    --array=1-*) last=${word#--array=1-} ;;
  esac
  script=$word
done
for i in $(seq "$last"); do
  SLURM_ARRAY_TASK_ID=$i bash "$script" >&2
done 2>>said
wc -l <calls
)sh";

/// A sweep of 9 points of which 3 fail.
void prepare(const Workplace& place) {
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml",
              "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {ub.kib: [32, 64, 0]}\nbatch: "
              "[1, 2, 3]\n");
  place.write("sbatch", kBatch);
  CHECK(place.shell("chmod +x sbatch").exit_code == 0);
}

CommandResult sweep(const Workplace& place, const std::string& options) {
  return place.shell("PATH=$PWD:$PATH $SYSTOLE sweep s.yaml " + options);
}

TEST_CASE("an array job leaves the database of a sweep, and its state tells how far it is") {
  const Workplace place;
  prepare(place);
  const CommandResult submitted = sweep(
      place, "-o all.db --slurm --shards 4 --sbatch-options '--partition=fast --time=9' -j 2");
  CHECK(submitted.err == "");
  CHECK(submitted.exit_code == 0);
  const std::string folder = (std::filesystem::canonical(place.path()) / "all.db.slurm").string();
  CHECK(submitted.out == "job 1: 4 shards of 9 points, in " + folder +
                             "\njob 2: merges them into all.db when they have ended\n");
  CHECK(read_file(place.path() / "all.db.slurm/calls") ==
        "--parsable --job-name=systole-sweep --array=1-4 --requeue --open-mode=append --output=" +
            folder + "/shard-%a.log --cpus-per-task=2 --partition=fast --time=9 " + folder +
            "/task.sh\n--parsable --job-name=systole-merge --dependency=afterany:1 "
            "--open-mode=append --output=" +
            folder + "/merge.log --partition=fast --time=9 " + folder + "/merge.sh\n");
  CHECK(sweep(place, "-o local.db --allow-failed").exit_code == 0);
  CHECK(place.run({"compare", "all.db", "local.db"}).out ==
        "9 equal, 0 differ, 0 only in A, 0 only in B\n");
  // No log is shared on file systems of other machines.
  CHECK_FALSE(std::filesystem::exists(place.path() / "all.db.slurm/shard-1.db-wal"));
  const std::string status = sweep(place, "-o all.db --status").out;
  CHECK(status.find("    1  finished           3/3       1") != std::string::npos);
  CHECK(status.ends_with("\n9 of 9 points, 3 failed; merge: finished\n"));
  // The same goes on: nothing is there to be run.
  CHECK(sweep(place, "-o all.db --slurm --shards 4").exit_code == 0);
  CHECK(read_file(place.path() / "all.db.slurm/said").find("3 of 3 points were there already") !=
        std::string::npos);
  const CommandResult others = sweep(place, "-o all.db --slurm --shards 3");
  CHECK(others.exit_code == 2);
  CHECK(others.err == "systole: " + folder +
                          ": has a sweep in 4 shards, expected --shards 4 to go on with it, or "
                          "another -o" +
                          "\n");
  // A task at work, and one that was at work long ago.
  const auto running = [&](std::time_t when) {
    std::ofstream(place.path() / "all.db.slurm/shard-2.state", std::ios::app)
        << when << " running 1 2 0 0.5 node7 12\n";
  };
  running(std::time(nullptr) - 1000);
  CHECK(sweep(place, "-o all.db --status")
            .out.find("    2  silent             1/2       0      "
                      "0.50  17 min ago  node7\n") != std::string::npos);
  running(std::time(nullptr) - 10);
  const std::string working = sweep(place, "-o all.db --status").out;
  CHECK(working.find("8 of 9 points, 3 failed, about 2 s to go; merge: finished\n") !=
        std::string::npos);
  const CommandResult again = sweep(place, "-o all.db --slurm --shards 4");
  CHECK(again.exit_code == 2);
  CHECK(again.err.starts_with("systole: " + folder + ": shard 2 was at work 1"));
}

TEST_CASE("a sweep that cannot be submitted is refused in one line, and nothing is left behind") {
  const Workplace place;
  prepare(place);
  const auto refused = [&](const std::vector<std::string>& options, const std::string& message) {
    std::vector<std::string> arguments = {"sweep", "s.yaml"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    check_refused(place, arguments, 2, message);
  };
  refused({"--slurm"}, "--slurm, --status: expected -o NAME.db, where shards are merged to");
  refused({"--status", "-o", "out"},
          "--slurm, --status: expected -o NAME.db, where shards are merged to");
  const std::string folder = (std::filesystem::canonical(place.path()) / "r.db.slurm").string();
  refused({"--status", "-o", "r.db"},
          folder + ": has no states of shards, expected a sweep that was submitted with --slurm");
  place.write("sbatch", "#!/bin/sh\necho 'sbatch: error: invalid partition' >&2\nexit 1\n");
  const CommandResult failed = sweep(place, "-o r.db --slurm");
  CHECK(failed.err == "systole: sbatch ended with status 1: sbatch: error: invalid partition\n");
  CHECK(failed.exit_code == 2);
  std::filesystem::remove(place.path() / "sbatch");
  const CommandResult missing = place.shell("PATH=/nowhere $SYSTOLE sweep s.yaml -o r.db --slurm");
  CHECK(missing.err ==
        "systole: sbatch: not found in PATH, expected Slurm's, or another scheduler with "
        "--shard\n");
  CHECK(place.left_behind().empty());
}

TEST_CASE("a shard of which all points fail is no failure of its task") {
  const Workplace place;
  prepare(place);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [{name: edge-16x16, ub.kib: 0}]\n");
  const CommandResult shard =
      sweep(place, "-o r.db --shard 1/2 --exclusive --state r.state --allow-failed");
  CHECK(shard.exit_code == 0);
  const std::string state = read_file(place.path() / "r.state");
  CHECK(state.find(" running 0 1 0 0 ") != std::string::npos);
  CHECK(state.find(" finished 1 1 1 ") != std::string::npos);
  CHECK(
      sweep(place, "-o r.db --shard 1/2 --exclusive --state none/r.state")
          .err.starts_with("systole: none/r.state: cannot be written: No such file or directory"));
}

}  // namespace
}  // namespace systole
