// SPDX-License-Identifier: Apache-2.0
// The files of configs/memory: the figures they give, what they are known by, and what is wrong
// with a file.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "model/arch/arch.h"
#include "model/base/error.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

TEST_CASE("presets give these picoseconds, to the last") {
  // Each a sum in clocks of its standard: ddr4-2400's tRCD is 17 clocks of 833 1/3 ps.
  struct Figures {
    const char* preset;
    const char* mapping;
    std::vector<int64_t> values;  ///< of ddr_keys, up to trfc_ps
  };
  const std::vector<Figures> all = {
      {"ddr3-2133", "RoBaCoBgCh", {1,     1,     8,     65536, 8192, 64,      3750,  3750, 3750,
                                   0,     13125, 13125, 13125, 9375, 33750,   5625,  5625, 25313,
                                   15000, 7500,  7500,  7500,  1875, 7800000, 260000}},
      {"ddr4-2400", "RoBaCoBgCh", {1,     4,     4,     65536, 8192,  64,      3334,  3334, 5000,
                                   0,     14167, 14167, 14167, 10000, 32500,   3334,  5000, 21667,
                                   15000, 2500,  7500,  7500,  1667,  7800000, 350000}},
      {"ddr4-3200", "RoBaCoBgCh", {1,     4,     4,     65536, 8192,  64,      2500,  2500, 5000,
                                   0,     13750, 13750, 13750, 10000, 32500,   2500,  5000, 21250,
                                   15000, 2500,  7500,  7500,  1250,  7800000, 350000}},
      {"hbm2", "RoBaCoChBg", {16,    4,     4,     16384, 1024, 32,      2000,  2000, 3000,
                              0,     12000, 14000, 18000, 7000, 28000,   4000,  6000, 16000,
                              14000, 4000,  9000,  5000,  5000, 3900000, 220000}},
      {"lpddr4-3200", "RoBaCoBgCh", {2,     1,     8,     65536, 2048, 32,      5000,  5000,  5000,
                                     0,     18125, 18125, 21250, 9375, 42500,   10000, 10000, 40000,
                                     18125, 10000, 10000, 7500,  1875, 3904000, 280000}},
      {"lpddr5-6400", "RoBaCoBgCh", {2,     4,     4,     32768, 2048,  32,      2500,  2500, 5000,
                                     0,     18750, 18750, 22850, 11250, 42500,   5000,  5000, 20000,
                                     35000, 6250,  12500, 7500,  3400,  3906000, 210000}},
      {"tpu-v1", "RoBaCoBgCh", {2,     1,     8,     65536, 8192, 64,      3750,  3750, 3750,
                                0,     13125, 13125, 13125, 9375, 33750,   5625,  5625, 25313,
                                15000, 7500,  7500,  7500,  1875, 7800000, 260000}},
  };
  for (const Figures& figures : all) {
    const arch::DdrConfig ddr = arch::ddr_preset(figures.preset);
    CHECK(ddr.name == figures.preset);
    CHECK(ddr.mapping == figures.mapping);
    for (size_t i = 0; i < figures.values.size(); ++i) {
      CAPTURE(figures.preset, arch::ddr_keys()[i].key);
      CHECK(ddr.*arch::ddr_keys()[i].member == figures.values[i]);
    }
    CHECK(ddr.trefisb_ps == 0);
    CHECK(ddr.controller_ps == 20'000);
    CHECK(ddr.write_bursts == 8);
  }
}

TEST_CASE("DDR5 has 32 banks, a longer write to write, and refreshes a bank of each group") {
  const arch::DdrConfig ddr = arch::ddr_preset("ddr5-4800");  // 2400 MHz: 416 2/3 ps
  CHECK(ddr.bank_groups * ddr.banks == 32);
  CHECK(ddr.bytes() == int64_t{16} << 30);  // 2 channels x 4 devices x 16 Gb
  CHECK(ddr.tccd_s_ps == 3'334);            // 8 nCK
  CHECK(ddr.tccd_l_ps == 5'000);            // 12 nCK
  CHECK(ddr.write_to_write_ps() == 10'000);
  CHECK(ddr.trcd_ps == 16'250);      // 39 nCK
  CHECK(ddr.tcl_ps == 16'667);       // 40 nCK
  CHECK(ddr.tfaw_ps == 13'334);      // 32 nCK
  CHECK(ddr.trefisb_ps == 487'500);  // 1.95 us / 4
  CHECK(ddr.trfcsb_ps == 130'000);
  CHECK(ddr.trefsbrd_ps == 30'000);
}

TEST_CASE("presets have the peaks that they are known by") {
  const std::vector<std::pair<std::string, double>> peaks = {
      {"ddr3-2133", 17.07},     // 2133 MT/s * 8 bytes
      {"ddr4-2400", 19.2},      // 2400 * 8
      {"ddr4-3200", 25.6},      // 3200 * 8
      {"ddr5-4800", 38.4},      // 4800 * 4 * 2 channels
      {"ddr5-6400", 51.2},      // 6400 * 4 * 2 channels
      {"hbm2", 256},            // 2000 * 8 * 16 pseudo channels
      {"hbm2e", 409.6},         // 3200 * 8 * 16 pseudo channels
      {"hbm3", 819.2},          // 6400 * 4 * 32 pseudo channels
      {"lpddr4-3200", 12.8},    // 3200 * 2 * 2 channels
      {"lpddr5-6400", 25.6},    // 6400 * 2 * 2 channels
      {"lpddr5x-8533", 34.13},  // 8533 * 2 * 2 channels
      {"tpu-v1", 34.13},        // 2 * 17.07
  };
  for (const auto& [name, gb_per_s] : peaks) {
    CAPTURE(name);
    CHECK(arch::ddr_preset(name).peak_bytes_per_ns() == Approx(gb_per_s).epsilon(0.001));
  }
}

TEST_CASE("every preset has energies, and a row with its peak in docs/memory.md") {
  std::ifstream page(SYSTOLE_SOURCE_DIR "/docs/memory.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  for (const std::string& name : arch::ddr_preset_names()) {
    CAPTURE(name);
    const arch::DdrConfig ddr = arch::ddr_preset(name);
    CHECK_FALSE(arch::check_ddr(ddr));
    CHECK_FALSE(arch::ddr_preset_description(name).empty());
    CHECK(ddr.energy.read_byte.value > 0);
    CHECK(ddr.energy.write_byte.value > 0);
    CHECK(ddr.energy.activation.value > 0);
    const size_t row = text.find("\n| `" + name + "` | ");
    REQUIRE(row != std::string::npos);
    CHECK_THAT(text.substr(row + 1, text.find('\n', row + 1) - row - 1),
               Catch::Matchers::EndsWith(fmt::format(" | {:.2f} |", ddr.peak_bytes_per_ns())));
  }
}

/// A folder with files of memories for the life of the object.
class Folder {
 public:
  Folder() { fs::create_directories(path_); }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  /// What ddr_preset says of `text`, with the file's path replaced by FILE.
  std::string message(const std::string& text) const {
    const std::string file = write("m.yaml", text);
    try {
      arch::ddr_preset(file);
    } catch (const Error& error) {
      std::string what = error.what();
      for (size_t at; (at = what.find(file)) != std::string::npos;)
        what.replace(at, file.size(), "FILE");
      return what;
    }
    return "no error";
  }

 private:
  const fs::path path_ = fs::temp_directory_path() / ("ddr_preset_" + std::to_string(getpid()));
};

std::string stock(const std::string& name) {
  std::ifstream file(fs::path(SYSTOLE_SOURCE_DIR) / "configs/memory" / (name + ".yaml"));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = stock("ddr4-2400");
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a memory is read by path as by name") {
  const Folder folder;
  const std::string file = folder.write("mine.yaml", stock("ddr4-2400"));
  arch::DdrConfig ddr = arch::ddr_preset(file);
  CHECK(ddr.preset == file);
  CHECK(ddr.name == "mine");
  ddr.preset = ddr.name = "ddr4-2400";
  CHECK(ddr == arch::ddr_preset("ddr4-2400"));
}

TEST_CASE("an architecture names a memory by a path from its own folder") {
  const Folder folder;
  folder.write("mine.yaml", changed("channels: 1", "channels: 2"));
  const std::string arch = folder.write(
      "arch.yaml",
      "clock_mhz: 100\narray: {rows: 2, cols: 3}\nmemory: {kind: ddr, preset: mine.yaml}\n");
  const arch::MemoryConfig memory = arch::load_arch(arch).memory;
  CHECK(memory.ddr.channels == 2);
  fs::create_directory(fs::path(arch).parent_path() / "elsewhere");
  const std::string again =
      folder.write("elsewhere/again.yaml", arch::to_yaml(arch::load_arch(arch)));
  CHECK(arch::load_arch(again).memory == memory);
  CHECK_THROWS_WITH(arch::load_arch(arch, {"memory.preset=none.yaml"}), "none.yaml: no such file");
}

TEST_CASE("mistakes in a memory name file, line, key and what was expected") {
  const Folder folder;
  const auto with = [&](const std::string& from, const std::string& to) {
    return folder.message(changed(from, to));
  };
  CHECK(folder.message(stock("ddr4-2400")) == "no error");
  CHECK(with("  trcd:", "  trcdd:") ==
        "FILE:17: timing.trcdd: unknown key, did you mean timing.trcd?");
  CHECK(with("  trcd: 17 nCK", "  #") == "FILE: timing.trcd: missing, a memory must state it");
  CHECK(with("  trcd: 17 nCK", "  trcd: 17") ==
        "FILE:17: timing.trcd: '17' is not a time, expected a sum of times such as 17 nCK, 13.75 "
        "ns, 260000 ps or max(4 nCK, 7.5 ns)");
  CHECK(with("  trcd: 17 nCK", "  trcd: 17000 nCK") ==
        "FILE:17: timing.trcd: 14166667 ps is outside 1..1000000 ps");
  CHECK(with("  banks: 4", "  banks: four") ==
        "FILE:9: organisation.banks: 'four' is not a whole number in 1..64");
  CHECK(with("  banks: 4", "  banks: 128") == "FILE:9: organisation.banks: 128 is outside 1..64");
  CHECK(with("  banks: 4", "  banks: 3") ==
        "FILE:9: organisation.banks: 3 is not a power of two in 1..64");
  CHECK(with("  banks: 4", "  banks: 4\n  mapping: RoRo") ==
        "FILE:10: organisation.mapping: 'RoRo' is not a mapping, expected Ro, Ba, Bg, Co and Ch "
        "once each, highest address bits first, e.g. RoBaCoBgCh");
  CHECK(with("clock_mhz: 1200", "clock_mhz: fast") ==
        "FILE:5: clock_mhz: 'fast' is not a clock in 1..10000 MHz such as 1200 or 3200/3");
  CHECK(with("  tccd_s: 4 nCK", "  tccd_s: 3 nCK") ==
        "FILE:15: timing.tccd_s: 2500 is below 3334 (tburst_ps)");
  CHECK(with("  tccd_s: 4 nCK", "  tccd_s: 4 nCK\n  tccd_l_wr: 5 nCK - 1 ps") ==
        "FILE:16: timing.tccd_l_wr: '5 nCK - 1 ps' is not a time, expected a sum of times such as "
        "17 nCK, 13.75 ns, 260000 ps or max(4 nCK, 7.5 ns)");
  CHECK(with("  tccd_s: 4 nCK", "  tccd_s: 4 nCK\n  tccd_l_wr: 5 nCK") ==
        "FILE:16: timing.tccd_l_wr: 4167 is below 5000 (tccd_l_ps; 0: the same)");
  CHECK(with("  tccd_s: 4 nCK", "  tccd_s: 4 nCK\n  trefisb: 1 ns") ==
        "FILE: timing.trfcsb: 0 is below 1 (trefisb_ps is given)");
  CHECK(with("description: ", "#") == "FILE: description: missing, a memory must state it");
  CHECK(with("standard: ", "#") == "FILE: standard: missing, a memory must state it");
  CHECK(with("value: 93", "value: -93") ==
        "FILE:38: energy.read_byte.value: -93 is outside 0..1000000000");
  CHECK(with("  activation: {", "  #") ==
        "FILE: energy.activation.value: missing, a memory must state it");
  CHECK(with("value: 93, source: ddr4-2400", "value: 93, source: hearsay") ==
        "FILE:38: energy.read_byte.source: 'hearsay' is not among the sources of the file");
  CHECK(with("sources:\n", "sources:\n  folklore: what everybody knows\n") ==
        "FILE:33: sources.folklore: no entry names this source");
  CHECK(folder.message("- 1\n") == "FILE: expected a map of keys and values");
}

TEST_CASE("a memory may give what differs from a base") {
  const Folder folder;
  const std::string head = "description: mine\nbase: ";
  const std::string file = folder.write(
      "mine.yaml", head + "ddr4-2400\norganisation: {channels: 4}\ntiming: {trcd: 18 nCK}\n");
  const arch::DdrConfig mine = arch::ddr_preset(file), base = arch::ddr_preset("ddr4-2400");
  CHECK(mine.channels == 4);
  CHECK(mine.trcd_ps == 15'000);
  CHECK(mine.tcl_ps == base.tcl_ps);
  CHECK(mine.energy == base.energy);
  CHECK(folder.message(head + "tpu-v1\n") ==
        "FILE:2: base: 'tpu-v1' has a base itself, expected one that has none");
  CHECK_THAT(folder.message(head + "ddr4-240\n"),
             Catch::Matchers::StartsWith("FILE:2: base: unknown memory 'ddr4-240': expected a YAML "
                                         "file or one of ddr") &&
                 Catch::Matchers::Contains(", ddr4-2400, "));
}

}  // namespace
}  // namespace systole
