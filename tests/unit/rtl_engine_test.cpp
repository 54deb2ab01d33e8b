// SPDX-License-Identifier: Apache-2.0
// The rtl engine on a toy core: builds and their cache, exact AXI cycles, assertions, watchdog,
// waveforms.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "model/base/error.h"
#include "sim/engine/library_cache.h"
#include "sim/engine/library_seal.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/run_process.h"
#include "sim/engine/wave_check.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

/// The toy as it stands, and the user's cache: built once for all tests that only run it.
void use_toy() {
  setenv("SYSTOLE_RTL_DIR", (fs::path(SYSTOLE_SOURCE_DIR) / "tests/unit/toy_rtl").c_str(), 1);
}

/// An empty cache of its own and the toy's sources for the time of a test.
class ToyRtl {
 public:
  explicit ToyRtl(const std::string& name = "systole-test")
      : root_(fs::temp_directory_path() / fmt::format("{}-{}", name, getpid())) {
    fs::create_directories(root_ / "rtl");
    fs::copy_file(fs::path(SYSTOLE_SOURCE_DIR) / "tests/unit/toy_rtl/sys_core.sv", source());
    setenv("SYSTOLE_RTL_DIR", (root_ / "rtl").c_str(), 1);
    setenv("SYSTOLE_CACHE", cache().c_str(), 1);
  }
  ~ToyRtl() { fs::remove_all(root_); }
  fs::path source() const { return root_ / "rtl" / "sys_core.sv"; }
  fs::path cache() const { return root_ / "cache"; }
  /// Files in the cache whose name ends so.
  int count(const std::string& extension) const {
    int n = 0;
    if (fs::exists(cache()))
      for (const auto& entry : fs::directory_iterator(cache()))
        n += entry.path().extension() == extension;
    return n;
  }

 private:
  const fs::path root_;
};

arch::ArchConfig small_arch() {
  arch::ArchConfig arch;
  arch.hw.axi_bits = 64;
  return arch;
}

program::Program toy_program(size_t length) {
  program::Program program;
  program.code.resize(length);
  for (size_t i = 0; i < length; ++i)
    for (uint32_t w = 0; w < 16; ++w) program.code[i][w] = 0x03020100u + 0x04040404u * w;
  program.dram_bytes = 8192;
  return program;
}

TEST_CASE("a burst is read and written back in the cycles the memory names") {
  use_toy();
  const auto engine = engine::make_rtl_engine(small_arch(), false);
  const program::Program program = toy_program(4);
  platform::DramImage image = platform::make_image(program);
  const platform::RunResult r = engine::run_in_process(*engine, program, image, {});
  CHECK(r.status == platform::RunStatus::kFinished);
  // AR in cycle 0, beats in 20..23, AW in 24, beats in 44..47, B in 48, which is the last cycle.
  CHECK(r.cycles == 49);
  CHECK(r.dram == std::vector<core::DramEvent>{{0, 0, 4, false}, {24, 4096, 4, true}});
  CHECK(r.retired ==
        std::vector<core::RetireEvent>{{3, isa::Unit::kSto, 0x0302, 0x123456789abc, 48}});
  // The toy's counter 0 has the cycles as its low word; any other register answers with its
  // address.
  CHECK(r.counters[0] == (uint64_t{0x104} << 32 | 49));
  CHECK(r.counters[1] == (uint64_t{0x10c} << 32 | 0x108));
  for (size_t i = 0; i < 32; ++i) {
    INFO(i);
    CHECK(image[4096 + i] ==
          (i % 4 == 3 ? 0 : image[i]));  // its strobes leave out each fourth byte
  }
}

TEST_CASE("a failed assertion ends the run and tells its words") {
  use_toy();
  const auto engine = engine::make_rtl_engine(small_arch(), false);
  const program::Program program = toy_program(98);
  platform::DramImage image = platform::make_image(program);
  CHECK_THROWS_WITH(engine::run_in_process(*engine, program, image, {}),
                    Contains("cycle ten was reached"));
}

TEST_CASE("the watchdog and the cycle limit stop a core that hangs, with its state") {
  use_toy();
  const auto engine = engine::make_rtl_engine(small_arch(), false);
  const program::Program program = toy_program(99);
  platform::DramImage image = platform::make_image(program);
  platform::RunOptions options;
  options.watchdog_cycles = 500;
  const platform::RunResult watched = engine::run_in_process(*engine, program, image, options);
  CHECK(watched.status == platform::RunStatus::kWatchdog);
  CHECK(watched.cycles == 500);
  CHECK_THAT(watched.dump, Contains("lda    memory       newest instruction 5"));
  options.cycle_limit = 77;
  const platform::RunResult limited = engine::run_in_process(*engine, program, image, options);
  CHECK(limited.status == platform::RunStatus::kCycleLimit);
  CHECK(limited.cycles == 77);
}

TEST_CASE("a trace build writes a waveform whose enums have names") {
  use_toy();
  const fs::path directory = fs::temp_directory_path() / fmt::format("systole-wave-{}", getpid());
  fs::create_directories(directory);
  const auto engine = engine::make_rtl_engine(small_arch(), true);
  const program::Program program = toy_program(4);
  platform::DramImage image = platform::make_image(program);
  platform::RunOptions options;
  options.wave_file = directory / "waves.fst";
  CHECK(engine::run_in_process(*engine, program, image, options).cycles == 49);
  std::ifstream wave(options.wave_file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(wave), {}};
  CHECK_THAT(text, Contains("StHang"));
  CHECK(engine::is_whole_waveform(options.wave_file));
  for (const size_t size : {size_t{0}, size_t{8}, text.size() / 2, text.size() - 1}) {
    std::ofstream(directory / "cut.fst", std::ios::binary) << text.substr(0, size);
    CHECK_FALSE(
        engine::is_whole_waveform(directory / "cut.fst"));  // as a disk that is full leaves it
  }
  options.wave_file = directory / "missing" / "waves.fst";
  CHECK_THROWS_WITH(engine::run_in_process(*engine, program, image, options),
                    Contains("cannot be written"));
  fs::remove_all(directory);
}

TEST_CASE("a library is built once, whole, and anew when its sources change") {
  const ToyRtl toy;
  const fs::path first = engine::RtlBuilder().library({}, {});
  const auto written = fs::last_write_time(first);
  CHECK(engine::RtlBuilder().library({}, {}) == first);
  CHECK(fs::last_write_time(first) == written);
  CHECK(toy.count(".build") == 0);
  std::ofstream(toy.source(), std::ios::app) << "// changed\n";
  CHECK(engine::RtlBuilder().library({}, {}) != first);
}

TEST_CASE("a library that writes waveforms serves runs that want none") {
  const ToyRtl toy;
  CHECK_FALSE(engine::RtlBuilder().has({}));
  const fs::path traced = engine::RtlBuilder().library({}, {.trace = true});
  CHECK(engine::RtlBuilder().has({}));
  CHECK(engine::RtlBuilder().library({}, {}) == traced);
  CHECK(toy.count(".so") == 1);
}

TEST_CASE("a damaged library is built anew, and only a whole one is loaded") {
  const ToyRtl toy;
  const fs::path library = engine::RtlBuilder().library({}, {});
  const std::string name = library.stem().string();
  REQUIRE(engine::has_seal(library, name));
  CHECK_FALSE(engine::has_seal(library, name + "0"));  // another one's
  std::ifstream stream(library, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto write = [&](const std::string& text) {
    std::ofstream(library, std::ios::binary) << text;
    return engine::has_seal(library, name);
  };
  CHECK(write(bytes));
  CHECK_FALSE(write(""));
  CHECK_FALSE(write("no library"));
  CHECK_FALSE(write(bytes + bytes));
  CHECK_FALSE(write(bytes.substr(0, bytes.size() / 2)));
  CHECK_FALSE(write(bytes.substr(0, bytes.size() - 32)));  // without its seal, as they were
  std::string flipped = bytes;
  flipped[flipped.size() / 3] = static_cast<char>(flipped[flipped.size() / 3] ^ 4);
  CHECK_FALSE(write(flipped));
  CHECK(engine::RtlBuilder().library({}, {}) == library);
  CHECK(engine::has_seal(library, name));
  CHECK(toy.count(".build") == 0);
}

TEST_CASE("a cache that is somebody else's is refused with the reason") {
  const ToyRtl toy;
  fs::create_directories(toy.cache());
  fs::permissions(toy.cache(), fs::perms::all);
  const auto build = [] { return engine::RtlBuilder().library({}, {}); };
  CHECK_THROWS_WITH(build(), toy.cache().string() +
                                 ": can be written by everybody, expected a cache of your own, "
                                 "which SYSTOLE_CACHE can name: code is loaded from it");
  fs::permissions(toy.cache(), fs::perms::others_write, fs::perm_options::remove);
  if (chown(toy.cache().c_str(), 12345, static_cast<gid_t>(-1)) == 0)  // root may
    CHECK_THROWS_WITH(build(), Contains(": belongs to user 12345, expected a cache of your own"));
  const fs::path file = toy.cache() / "file";
  std::ofstream(file) << "x";
  setenv("SYSTOLE_CACHE", file.c_str(), 1);
  CHECK_THROWS_WITH(build(), Contains(": is a file, expected the directory of built simulators"));
  CHECK(toy.count(".so") == 0);
}

TEST_CASE("a lock that another holds is waited for only so long, and its holder is named") {
  const ToyRtl toy;
  const fs::path file = toy.source().string() + ".lock";
  {
    const engine::FileLock first(file, 0);
    CHECK_THROWS_WITH(engine::FileLock(file, 0.2),
                      Contains(fmt::format("still locked by process {} after 0 s", getpid())));
  }
  const engine::FileLock again(file, 0);
  CHECK_THROWS_WITH(engine::FileLock(toy.cache() / "none" / "x.lock", 0),
                    Contains("cannot be written: No such file or directory"));
}

TEST_CASE("blanks in the paths of the cache and of the sources do no harm") {
  const ToyRtl toy("systole test with blanks");
  const fs::path library = engine::RtlBuilder().library({}, {});
  CHECK(library.parent_path() == toy.cache());
  CHECK(engine::has_seal(library, library.stem().string()));
  CHECK(toy.count(".build") == 0);
  CHECK(toy.count(".part") == 0);
}

TEST_CASE("concurrent builds of one configuration give one library") {
  const ToyRtl toy;
  pid_t children[2];
  for (pid_t& child : children) {
    child = fork();
    if (child == 0) {
      try {
        engine::RtlBuilder().library({}, {});
        _exit(0);
      } catch (...) {
        _exit(1);
      }
    }
  }
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(toy.count(".so") == 1);
  CHECK(toy.count(".build") == 0);
}

TEST_CASE("an interrupted build leaves nothing half-written") {
  const ToyRtl toy;
  const pid_t child = fork();
  if (child == 0) {
    setenv("CCACHE_DISABLE", "1", 1);  // it takes seconds
    try {
      engine::RtlBuilder().library({}, {});
      _exit(0);
    } catch (const Error& error) {
      const std::string what = error.what();
      const bool told =
          what.starts_with("interrupted; reached building the RTL simulator of 16x16: ");
      _exit(told && error.code() == ExitCode::kInterrupted ? 7 : 1);
    }
  }
  while (toy.count(".build") == 0) usleep(10'000);
  usleep(300'000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(toy.count(".so") == 0);
  CHECK(toy.count(".build") == 0);
}

TEST_CASE("RTL that does not compile is an error that quotes the tool") {
  const ToyRtl toy;
  std::ofstream(toy.source(), std::ios::app) << "module broken;\n";
  CHECK_THROWS_WITH(engine::RtlBuilder().library({}, {}),
                    Contains("verilator failed") && Contains("rror"));
  CHECK(toy.count(".so") == 0);
}

TEST_CASE("large arrays and illegal parameters are refused before anything is built") {
  const ToyRtl toy;
  isa::HwParams hw;
  hw.rows = hw.cols = 256;
  CHECK_THROWS_WITH(engine::RtlBuilder().library(hw, {}),
                    Contains("array 256x256") && Contains("--yes"));
  hw.rows = 0;
  CHECK_THROWS_WITH(engine::RtlBuilder().library(hw, {}),
                    Contains("array.rows: 0 is outside 1..256"));
  CHECK(toy.count(".so") == 0);
}

}  // namespace
}  // namespace systole
