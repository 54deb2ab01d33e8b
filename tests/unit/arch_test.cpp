// SPDX-License-Identifier: Apache-2.0
// Architectures: shipped files, overrides, and the message of every kind of mistake.
#include "model/arch/arch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "model/base/error.h"

namespace systole {
namespace {

// A file in the temporary directory for the life of the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("arch_test_" + std::to_string(getpid()) + ".yaml")) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string message_of(const std::string& arch, const std::vector<std::string>& overrides = {}) {
  try {
    arch::load_arch(arch, overrides);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    return error.what();
  }
  return "no error";
}

// The message for a file, with the file's path replaced by FILE.
std::string message_of_text(const std::string& text) {
  const TemporaryFile file(text);
  std::string message = message_of(file.path());
  for (size_t at; (at = message.find(file.path())) != std::string::npos;)
    message.replace(at, file.path().size(), "FILE");
  return message;
}

constexpr const char* kMinimal = "clock_mhz: 100\narray: {rows: 2, cols: 3}\n";

TEST_CASE("every shipped architecture loads and says what it is") {
  for (const std::string& name : arch::list_archs()) {
    CAPTURE(name);
    const arch::ArchConfig arch = arch::load_arch(name);
    CHECK(arch.name == name);
    CHECK_FALSE(arch.description.empty());
  }
}

TEST_CASE("edge-16x16 is the reference of the benchmarks") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  isa::HwParams hw;
  hw.weight_bits = hw.act_bits = hw.codebook = hw.bitmask = 1;
  CHECK(arch.hw == hw);
  CHECK(arch.clock_mhz == 1000);
  CHECK(arch.memory == arch::MemoryConfig{});
}

TEST_CASE("tpu-v1 has the paper's figures") {
  const arch::ArchConfig arch = arch::load_arch("tpu-v1");
  CHECK(arch.hw.rows == 256);
  CHECK(arch.hw.cols == 256);
  CHECK(arch.hw.ub_kib == 24 * 1024);
  CHECK(arch.hw.wb_tiles == 4);
  CHECK(arch.hw.acc_rows == 4096);
  CHECK(arch.memory.bytes_per_cycle == Approx(34e9 / 700e6));
}

TEST_CASE("an architecture printed as YAML loads as the same architecture") {
  for (const std::string& name : arch::list_archs()) {
    for (const char* kind : {"ideal", "random"}) {
      CAPTURE(name, kind);
      const arch::ArchConfig arch = arch::load_arch(name, {std::string("memory.kind=") + kind});
      const TemporaryFile file(arch::to_yaml(arch));
      const arch::ArchConfig again = arch::load_arch(file.path());
      CHECK(again.name == arch.name);
      CHECK(again.description == arch.description);
      CHECK(again.hw == arch.hw);
      CHECK(again.clock_mhz == arch.clock_mhz);
      CHECK(again.memory == arch.memory);
    }
  }
}

TEST_CASE("a DRAM printed as YAML loads as the same DRAM") {
  for (const std::string& preset : arch::ddr_preset_names()) {
    CAPTURE(preset);
    const arch::ArchConfig arch =
        arch::load_arch("edge-16x16", {"memory.kind=ddr", "memory.preset=" + preset,
                                       "memory.tras_ps=60000", "memory.mapping=RoBaBgCoCh"});
    CHECK(arch.memory.ddr.tras_ps == 60000);
    CHECK(arch.memory.ddr.trcd_ps == arch::ddr_preset(preset).trcd_ps);
    const TemporaryFile file(arch::to_yaml(arch));
    CHECK(arch::load_arch(file.path()).memory == arch.memory);
  }
}

TEST_CASE("a preset on the command line drops the single values of the file's DRAM") {
  const std::string ddr =
      "memory: {kind: ddr, preset: ddr4-2400, channels: 4, tras_ps: 60000, size_mib: 512}\n";
  const TemporaryFile file(std::string(kMinimal) + ddr);
  CHECK(arch::load_arch(file.path()).memory.ddr.channels == 4);
  const arch::ArchConfig other =
      arch::load_arch(file.path(), {"memory.preset=hbm2", "memory.trp_ps=9999"});
  CHECK(other.memory.ddr.channels == 16);
  CHECK(other.memory.ddr.tras_ps == arch::ddr_preset("hbm2").tras_ps);
  CHECK(other.memory.ddr.trp_ps == 9999);
  CHECK(other.memory.size_mib == 512);
}

TEST_CASE("the peak is the smaller of AXI and DRAM") {
  const auto peak = [](const std::vector<std::string>& set) {
    return arch::peak_bytes_per_cycle(arch::load_arch("edge-16x16", set));
  };
  CHECK(peak({"memory.kind=ddr", "memory.preset=ddr4-2400"}) == Approx(19.196));  // 64 / 3.334 ns
  CHECK(peak({"memory.kind=ddr", "memory.preset=ddr4-2400", "clock_mhz=500"}) == Approx(38.392));
  CHECK(peak({"memory.kind=ddr", "memory.preset=hbm2"}) == 64);  // 512 bits
  CHECK(peak({"memory.bytes_per_cycle=8"}) == 8);
  CHECK(peak({"memory.kind=random"}) == 64);
}

TEST_CASE("mistakes in a DRAM name file, line, key and legal range") {
  const std::string minimal = kMinimal;
  const auto with = [&](const std::string& rest) {
    return message_of_text(minimal + "memory: {kind: ddr, " + rest + "}\n");
  };
  const std::string names = fmt::format("{}", fmt::join(arch::ddr_preset_names(), ", "));
  CHECK(with("preset: ddr4-2400") == "no error");
  CHECK(with("channels: 2") == "FILE: memory.preset: missing, expected one of " + names);
  CHECK(with("preset: ddr9") ==
        "FILE:3: memory.preset: unknown memory 'ddr9': expected a YAML file or one of " + names);
  CHECK(with("preset: hbm22") ==
        "FILE:3: memory.preset: unknown memory 'hbm22': expected a YAML file or one of " + names +
            ", did you mean 'hbm2'?");
  CHECK(with("preset: hbm2, trcd: 5") ==
        "FILE:3: memory.trcd: unknown key, did you mean memory.trcd_ps?");
  CHECK(with("preset: hbm2, trcd_ps: 0") == "FILE:3: memory.trcd_ps: 0 is outside 1..1000000");
  CHECK(with("preset: hbm2, trcd_ps: 1.5") ==
        "FILE:3: memory.trcd_ps: '1.5' is not a whole number in 1..1000000");
  CHECK(with("preset: hbm2, channels: 3") ==
        "FILE:3: memory.channels: 3 is not a power of two in 1..64");
  CHECK(with("preset: ddr4-2400, tburst_ps: 5000") ==
        "FILE: memory.tccd_s_ps: 3334 is below 5000 (tburst_ps)");
  CHECK(with("preset: ddr4-2400, mapping: RoBaCoBg")
            .starts_with("FILE:3: memory.mapping: 'RoBaCoBg' is not a mapping, expected Ro, Ba, "));
  CHECK(with("preset: lpddr4-3200, size_mib: 4096") ==
        "FILE:3: memory.size_mib: 4096 is more than the 2048 MiB that the DRAM has");
  CHECK(with("preset: ddr4-2400, latency_cycles: 3") ==
        "FILE:3: memory.latency_cycles: only a memory of kind ideal has it, this one is ddr");
  CHECK(message_of_text(minimal + "memory: {kind: ideal, bytes_per_cycle: 4, trp_ps: 3}\n") ==
        "FILE:3: memory.trp_ps: only a memory of kind ddr has it, this one is ideal");
}

TEST_CASE("the command line overrides keys, a later one wins") {
  const arch::ArchConfig arch = arch::load_arch(
      "edge-16x16", {"array.rows=32", "array.rows=8", "memory.gb_per_s=2", "clock_mhz=500"});
  CHECK(arch.hw.rows == 8);
  CHECK(arch.memory.bytes_per_cycle == 4.0);  // 2e9 / 500e6
}

TEST_CASE("mistakes in an architecture file name file, line, key and legal range") {
  const std::string minimal = kMinimal;
  const std::string memory = "memory: {kind: ideal, bytes_per_cycle: 4}\n";
  CHECK(message_of_text("") == "FILE: expected a map of keys and values");
  CHECK(message_of_text("- 1\n") == "FILE: expected a map of keys and values");
  CHECK(message_of_text(minimal + memory) == "no error");
  CHECK(message_of_text(minimal) == "FILE: memory.kind: missing, an architecture must state it");
  CHECK(message_of_text(memory) == "FILE: array.rows: missing, an architecture must state it");
  CHECK(message_of_text("array: {rows: 2, cols: 2}\n" + memory) ==
        "FILE: clock_mhz: missing, an architecture must state it");
  CHECK(message_of_text(minimal + memory + "ub: {size: 3}\n")
            .starts_with("FILE:4: ub.size: unknown key, "));
  CHECK(message_of_text(minimal + memory + "ub: {kibs: 3}\n") ==
        "FILE:4: ub.kibs: unknown key, did you mean ub.kib?");
  CHECK(message_of_text(minimal + memory + "ub: {kib: -3}\n") ==
        "FILE:4: ub.kib: -3 is outside 1..65536");
  CHECK(message_of_text(minimal + memory + "ub: {kib: 1.5}\n") ==
        "FILE:4: ub.kib: '1.5' is not a whole number in 1..65536");
  CHECK(message_of_text(minimal + memory + "ub: {kib: 99999999999999999999}\n") ==
        "FILE:4: ub.kib: '99999999999999999999' is not a whole number in 1..65536");
  CHECK(message_of_text(minimal + memory + "ub:\n  kib: 4\n  kib: 4\n") ==
        "FILE:6: ub.kib: given twice (first at FILE:5)");
  CHECK(message_of_text(minimal + memory + "ub: {kib: }\n") == "FILE:4: ub.kib: has no value");
  CHECK(message_of_text(minimal + memory + "ub: {kib: [1, 2]}\n") ==
        "FILE:4: ub.kib: expected a single value, got a list");
  CHECK(message_of_text(minimal + memory + "ub: {banks: 3}\n") ==
        "FILE:4: ub.banks: 3 is not a power of two in 1..16");
  CHECK(message_of_text(minimal + memory + "acc: {rows: 7}\n") ==
        "FILE:4: acc.rows: 7 is odd, expected two equal banks");
  CHECK(message_of_text("clock_mhz: .nan\narray: {rows: 2, cols: 2}\n" + memory) ==
        "FILE:1: clock_mhz: '.nan' is not a number in 1..10000");
  CHECK(message_of_text("clock_mhz: nan\narray: {rows: 2, cols: 2}\n" + memory) ==
        "FILE:1: clock_mhz: 'nan' is not a number in 1..10000");
  CHECK(message_of_text("clock_mhz: 1e300\narray: {rows: 2, cols: 2}\n" + memory) ==
        "FILE:1: clock_mhz: 1e+300 is outside 1..10000");
  CHECK(message_of_text(minimal + "memory: {kind: hbm}\n") ==
        "FILE:3: memory.kind: 'hbm' is unknown, expected ideal, ddr or random");
  CHECK(message_of_text(minimal + "memory: {kind: random, latency_cycles: 3}\n") ==
        "FILE:3: memory.latency_cycles: only a memory of kind ideal has it, this one is random");
  CHECK(
      message_of_text(minimal + "memory: {kind: ideal, gb_per_s: 1, bytes_per_cycle: 1}\n") ==
      "FILE:3: memory.gb_per_s: given together with memory.bytes_per_cycle, expected one of them");
  CHECK(message_of_text(minimal + "memory: {kind: ideal\n").starts_with("FILE:"));
  CHECK(message_of_text(minimal + memory + "---\na: 1\n") ==
        "FILE: 2 YAML documents, expected one");
}

TEST_CASE("mistakes on the command line name the option") {
  CHECK(message_of("edge-16x16", {"array.rows"}) == "--set array.rows: expected KEY=VALUE");
  CHECK(message_of("edge-16x16", {"=3"}) == "--set =3: expected KEY=VALUE");
  CHECK(message_of("edge-16x16", {"array.rows=0"}) ==
        "--set array.rows=0: array.rows: 0 is outside 1..256");
  CHECK(message_of("edge-16x16", {"array.row=1"}) ==
        "--set array.row=1: array.row: unknown key, did you mean array.rows?");
  CHECK(message_of("edge-99").starts_with(
      "unknown architecture 'edge-99': expected a YAML file or one of "));
  CHECK(message_of("no/such.yaml") == "no/such.yaml: no such file");
  CHECK(message_of("/") == "/: not a regular file");
}

}  // namespace
}  // namespace systole
