// SPDX-License-Identifier: Apache-2.0
// `cache`: what is kept of verilated RTL is told, and removed unless somebody uses it.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/arch/arch_text.h"
#include "model/isa/any_instruction.h"
#include "model/program/program_file.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const std::string kIdle = "core-4x4-debug-0123456789abcdef",
                  kWaves = "core-16x8-trace-00000000000000ff";
const std::string kOwnCache = "export SYSTOLE_CACHE=$PWD/cache\n";

/// A cache with two libraries, which are none, what a build has left, and a file of somebody else.
void fill(const Workplace& place) {
  const fs::path cache = place.path() / "cache";
  fs::create_directories(cache / (kWaves + ".so.build") / "obj");
  const auto write = [&](const std::string& name, size_t bytes) {
    std::ofstream(cache / name) << std::string(bytes, 'x');
  };
  write(kIdle + ".so", 2048);
  write(kIdle + ".lock", 0);
  write(kIdle + ".so.log", 1024);
  write(kWaves + ".lock", 0);
  write(kWaves + ".so.build/obj/core.so", 4096);
  write("core-4x4-notes.txt", 10);
}

size_t files_in(const fs::path& directory) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST_CASE("the cache is listed with sizes, and emptied of what is Systole's") {
  const Workplace place;
  fill(place);
  const CommandResult list = place.shell(kOwnCache + "$SYSTOLE cache list --json");
  CHECK(list.exit_code == 0);
  const auto json = nlohmann::json::parse(list.out);
  REQUIRE(json["libraries"].size() == 2);
  CHECK(json["bytes"] == 2048 + 1024 + 4096);
  CHECK(json["libraries"][0]["name"] == kWaves);
  CHECK(json["libraries"][0]["array"] == "16x8");
  CHECK(json["libraries"][0]["waves"] == true);
  CHECK(json["libraries"][0]["state"] == "unfinished");
  CHECK(json["libraries"][1]["state"] == "idle");
  CHECK(json["libraries"][1]["bytes"] == 3072);

  const CommandResult tried = place.shell(kOwnCache + "$SYSTOLE cache clean --dry-run");
  CHECK_THAT(tried.out, Catch::EndsWith("cache: would remove 2 libraries, 7.0 KiB\n"));
  CHECK(files_in(place.path() / "cache") == 6);
  const CommandResult cleaned = place.shell(kOwnCache + "$SYSTOLE cache clean");
  CHECK_THAT(cleaned.out, Catch::EndsWith("cache: removed 2 libraries, 7.0 KiB\n"));
  CHECK(files_in(place.path() / "cache") == 1);
  CHECK(fs::exists(place.path() / "cache" / "core-4x4-notes.txt"));
}

TEST_CASE("what is built or loaded meanwhile stays") {
  const Workplace place;
  fill(place);
  const std::string lock = "cache/" + kIdle + ".lock", library = "cache/" + kIdle + ".so";
  const CommandResult built = place.shell(kOwnCache + "flock " + lock +
                                          " sh -c \"$SYSTOLE cache list; $SYSTOLE cache clean\"");
  CHECK(built.out.find("being built\n") != std::string::npos);
  CHECK_THAT(built.out, Catch::EndsWith("removed 1 library, 4.0 KiB, kept 1 library in use\n"));
  const CommandResult loaded = place.shell(kOwnCache + "flock -s " + library +
                                           " sh -c \"$SYSTOLE cache list; $SYSTOLE cache clean\"");
  CHECK(loaded.out.find("in use\n") != std::string::npos);
  CHECK_THAT(loaded.out, Catch::EndsWith("removed 0 libraries, 0 B, kept 1 library in use\n"));
  CHECK(fs::exists(place.path() / library));
}

TEST_CASE("a library that a simulation has loaded stays until that ends") {
  const Workplace place;
  // The toy core hangs on a program of 99 instructions.
  const arch::ArchConfig arch = arch::load_arch("edge-16x16", {"axi.data_bits=64"});
  program::Program program;
  program.hw = arch.hw;
  program.dram_bytes = 8192;
  program.code.resize(99, encode(isa::SyncLda{}, {}));
  program::save_program(program, place.path() / "p.sysb", arch::to_stored_yaml(arch));
  const CommandResult result = place.shell(
      kOwnCache + "export SYSTOLE_RTL_DIR=" SYSTOLE_SOURCE_DIR "/tests/unit/toy_rtl\n" +
      "$SYSTOLE run p.sysb --engine rtl --watchdog 1000000000000 >/dev/null 2>&1 &\n"
      "for i in $(seq 600); do $SYSTOLE cache list | grep -q 'in use' && break; sleep 0.1; done\n"
      "$SYSTOLE cache clean; ls cache/*.so | wc -l\n"
      "kill -INT $!; wait $!\n"
      "$SYSTOLE cache clean; ls cache/*.so 2>/dev/null | wc -l\n");
  CAPTURE(result.err);
  CHECK(result.out.find("removed 0 libraries, 0 B, kept 1 library in use\n1\n") !=
        std::string::npos);
  CHECK(result.out.find("removed 1 library, ") != std::string::npos);
  CHECK_THAT(result.out, Catch::EndsWith("\n0\n"));
}

TEST_CASE("cache clean --unused keeps what was used in those days") {
  const Workplace place;
  fill(place);
  const std::string age = "touch -d '10 days ago' cache/" + kIdle + ".so\n";
  const CommandResult result = place.shell(
      kOwnCache + age + "$SYSTOLE cache clean --unused 11; $SYSTOLE cache clean --unused 9");
  CHECK(result.out.find("removed 0 libraries, 0 B, kept 2 libraries used since\n") !=
        std::string::npos);
  CHECK_THAT(result.out,
             Catch::EndsWith("removed 1 library, 3.0 KiB, kept 1 library used since\n"));
}

TEST_CASE("what cache clean cannot take is refused") {
  const Workplace place;
  check_refused(place, {"cache", "clean", "--unused", "-1"}, 2,
                "--unused: Value -1 not in range 0 to 36500 (see systole cache clean --help)");
  check_refused(place, {"cache"}, 2, "A subcommand is required (see systole cache --help)");
}

TEST_CASE("a cache that is not there is empty, one of somebody else's is not touched") {
  const Workplace place;
  const CommandResult none = place.shell(kOwnCache + "$SYSTOLE cache list; $SYSTOLE cache clean");
  CHECK(none.exit_code == 0);
  CHECK(none.out.find("cache: 0 libraries, 0 B, the directory does not exist\n") !=
        std::string::npos);
  CHECK(none.out.find("cache: removed 0 libraries, 0 B, the directory does not exist\n") !=
        std::string::npos);
  const CommandResult json = place.shell(kOwnCache + "$SYSTOLE cache list --json");
  CHECK(nlohmann::json::parse(json.out)["exists"] == false);
  fill(place);
  fs::permissions(place.path() / "cache", fs::perms::others_write, fs::perm_options::add);
  const CommandResult open = place.shell(kOwnCache + "$SYSTOLE cache clean");
  CHECK(open.exit_code == 2);
  CHECK(open.err.find("can be written by everybody") != std::string::npos);
  CHECK(files_in(place.path() / "cache") == 6);
}

TEST_CASE("a cache that is a file, or cannot be read, is told") {
  const Workplace place;
  place.write("cache", "");
  for (const std::string what : {"list", "list --json", "clean"}) {
    const CommandResult result = place.shell(kOwnCache + "$SYSTOLE cache " + what);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err,
               Catch::EndsWith("cache: is a file, expected the directory of built simulators\n"));
  }
  if (!can_run_as_someone(place)) return;
  const CommandResult result = place.shell("mkdir -m 700 closed\n" + kAsSomeone +
                                           "env SYSTOLE_CACHE=$PWD/closed $SYSTOLE cache list");
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::EndsWith("closed: cannot be read: Permission denied\n"));
}

}  // namespace
}  // namespace systole
