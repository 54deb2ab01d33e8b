// SPDX-License-Identifier: Apache-2.0
// A run that goes on from a snapshot gives what the whole run gives: image, counters, logs,
// statistics of the memory, and the bytes of a waveform.
#include "sim/engine/snapshots.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "model/golden/random_program.h"
#include "sim/engine/run_process.h"
#include "sim/engine/snapshot_keeper.h"
#include "tests/run_equal.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Outcome {
  platform::RunResult result;
  platform::DramImage image;
};

Outcome run(engine::Engine& engine, const program::Program& program,
            const platform::RunOptions& options) {
  Outcome outcome{{}, platform::make_image(program)};
  outcome.result = engine::run_in_process(engine, program, outcome.image, options);
  return outcome;
}

void check_equal(const Outcome& resumed, const Outcome& whole) {
  CHECK(resumed.image == whole.image);
  check_equal_runs(resumed.result, whole.result);
  CHECK(resumed.result.written == whole.result.written);
}

/// The window of 90 cycles at `from`, from the snapshot before it and from reset.
void check_waveform(engine::Engine& engine, const program::Program& program,
                    platform::RunOptions options, Cycle from, const fs::path& folder) {
  options.wave_from = from;
  options.wave_to = from + 90;
  options.wave_file = folder / "resumed.fst";
  options.snapshots.leave = false;
  options.cycle_limit = options.wave_to + 1;
  run(engine, program, options);
  const std::string resumed = bytes_of(options.wave_file);
  options.wave_file = folder / "whole.fst";
  options.snapshots = {};
  options.cycle_limit = 0;
  run(engine, program, options);
  CHECK(resumed.size() > 1000);
  CHECK((resumed == bytes_of(options.wave_file)));
}

}  // namespace

TEST_CASE("a run from any snapshot gives all that the whole run gives, with each memory") {
  const fs::path folder =
      fs::temp_directory_path() / ("systole-snapshots-" + std::to_string(getpid()));
  arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const char* kind = GENERATE("ideal", "random", "ddr");
  arch.memory.kind = kind;
  arch.memory.ddr = arch::ddr_preset("ddr4-2400");
  fs::create_directories(folder);
  const auto engine = engine::make_rtl_engine(arch, true);
  int resumed = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(kind, seed);
    arch.memory.seed = seed;
    const program::Program program = golden::random_program(arch.hw, seed);
    platform::RunOptions options;
    options.reset_seed = seed;
    const Outcome whole = run(*engine, program, options);
    options.snapshots.file = folder / "run.snap";
    options.snapshots.leave = true;
    options.snapshots.interval = 1 + whole.result.cycles / 7;
    fs::remove(options.snapshots.file);
    check_equal(run(*engine, program, options), whole);
    const auto set = engine::read_snapshots(options.snapshots.file);
    if (!set) continue;  // a run of a few cycles
    CHECK(set->reached == kNever);
    for (const engine::Snapshot& snapshot : set->snapshots) {
      CAPTURE(snapshot.cycle);
      options.snapshots.resume_at = snapshot.cycle;
      check_equal(run(*engine, program, options), whole);
      if (++resumed % 4 == 0) check_waveform(*engine, program, options, snapshot.cycle + 5, folder);
    }
  }
  CHECK(resumed > 30);
  fs::remove_all(folder);
}

TEST_CASE("where states take too much room every second one goes, and the last stays") {
  engine::SnapshotPlan plan;
  plan.interval = plan.least_interval = 10;
  plan.most_bytes = 400;
  plan.share = 1;
  engine::SnapshotKeeper keeper(plan, {});
  std::vector<Cycle> taken;
  for (Cycle now = 1; now <= 100; ++now) {
    if (!keeper.due(now, {})) continue;
    taken.push_back(now);
    keeper.note_write({now * engine::kSnapshotPage, now * engine::kSnapshotPage + 1});
    keeper.take(
        now, {}, [] { return std::vector<uint8_t>(100); },
        [](engine::DramPage& page) { page.bytes.fill(7); });
  }
  // The fifth is too much: 10, 30 and 50 stay, and one in 20 cycles follows, until 110 is too late.
  CHECK(taken == std::vector<Cycle>{10, 20, 30, 40, 50, 70, 90});
  const engine::SnapshotSet set = keeper.finish(kNever, {});
  std::vector<Cycle> kept;
  for (const engine::Snapshot& snapshot : set.snapshots) kept.push_back(snapshot.cycle);
  CHECK(kept == std::vector<Cycle>{10, 50, 90});
  CHECK(set.pages.size() == taken.size());
  CHECK(set.snapshots.back().logs.pages == taken.size());
  CHECK(set.before(9) == nullptr);
  CHECK(set.before(89)->cycle == 50);
}

TEST_CASE("a file of snapshots that is damaged or cut is none") {
  const fs::path file =
      fs::temp_directory_path() / ("systole-damaged-" + std::to_string(getpid()) + ".snap");
  engine::SnapshotSet set;
  set.snapshots.push_back({.cycle = 5, .logs = {}, .written = {}, .state = {1, 2, 3}});
  REQUIRE(engine::write_snapshots(file, set));
  REQUIRE(engine::read_snapshots(file));
  std::string bytes = bytes_of(file);
  std::ofstream(file, std::ios::binary) << bytes.substr(0, bytes.size() - 1);
  CHECK_FALSE(engine::read_snapshots(file));
  bytes[bytes.size() - 2] ^= 1;
  std::ofstream(file, std::ios::binary) << bytes;
  CHECK_FALSE(engine::read_snapshots(file));
  fs::remove(file);
  CHECK_FALSE(engine::read_snapshots(file));
}

}  // namespace systole
