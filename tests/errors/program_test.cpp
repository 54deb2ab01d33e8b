// SPDX-License-Identifier: Apache-2.0
// Broken programs: damaged files, programs for other hardware, programs that fault, hang or run too
// long.
#include "model/isa/program.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

// A program of `instructions` for edge-4x4, as the bytes of its file.
template <typename... Instruction>
std::string program_file(const Workplace& place, uint16_t wait, const Instruction&... fields) {
  Program program;
  program.name = "test";
  program.hw.rows = program.hw.cols = 4;
  program.hw.ub_kib = 64;
  program.hw.acc_rows = 256;
  program.hw.axi_bits = 64;
  program.hw.outstanding = 4;
  program.dram_bytes = 4096;
  const auto add = [&](const auto& f) {
    isa::Words words{};
    isa::Header header;
    header.opcode = static_cast<uint8_t>(f.kOpcode);
    header.wait = wait;
    header.encode(words);
    f.encode(words);
    program.code.push_back(words);
  };
  (add(fields), ...);
  const auto path = place.path() / "saved.sysb";
  program.save(path);
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  std::filesystem::remove(path);
  return bytes.str();
}

TEST_CASE("a damaged program file is refused") {
  const Workplace place;
  const std::string good = program_file(place, 0, isa::SyncLda{});
  for (size_t size = 0; size < good.size(); size += 1 + size / 16) {
    place.write("p.sysb", std::string_view(good).substr(0, size));
    const CommandResult result = place.run({"run", "p.sysb", "--arch", "edge-4x4"});
    CAPTURE(size, result.err);
    CHECK(result.exit_code == 2);
    CHECK(result.err.starts_with("systole: p.sysb: "));
  }
  std::string flipped = good;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  place.write("p.sysb", flipped);
  const CommandResult result = place.run({"run", "p.sysb", "--arch", "edge-4x4"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("checksum") != std::string::npos);
}

TEST_CASE("a program for other hardware is refused with the parameter") {
  const Workplace place;
  place.write("p.sysb", program_file(place, 0, isa::SyncLda{}));
  const CommandResult result =
      place.run({"run", "p.sysb", "--arch", "edge-4x4", "--set", "acc.rows=128"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("acc.rows") != std::string::npos);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
}

TEST_CASE("a program that waits for a token nobody gives is stopped by the watchdog") {
  const Workplace place;
  const auto from_vpu = static_cast<uint16_t>(1 << static_cast<int>(isa::Unit::kVpu));
  place.write("p.sysb", program_file(place, from_vpu, isa::SyncLda{}));
  const CommandResult result =
      place.run({"run", "p.sysb", "--arch", "edge-4x4", "--watchdog", "500"});
  CHECK(result.exit_code == 4);
  CHECK(result.err.find("systole: stopped by the watchdog after ") != std::string::npos);
  CHECK(result.err.find("lda") != std::string::npos);  // the dump names each unit
}

TEST_CASE("a program that faults says fault and instruction") {
  const Workplace place;
  isa::Load load;
  load.ub_addr = 0xffffff;
  place.write("p.sysb", program_file(place, 0, isa::SyncLda{}, load));
  const CommandResult result = place.run({"run", "p.sysb", "--arch", "edge-4x4"});
  CHECK(result.exit_code == 4);
  CHECK(result.err.find("by fault ub_range at instruction 1 (load with tag 0)") !=
        std::string::npos);
}

TEST_CASE("the cycle limit stops a run") {
  const Workplace place;
  place.write("p.sysb", program_file(place, 0, isa::SyncLda{}));
  const CommandResult result =
      place.run({"run", "p.sysb", "--arch", "edge-4x4", "--cycle-limit", "3"});
  CHECK(result.exit_code == 4);
  CHECK(result.err.find("systole: stopped by the cycle limit after 3 cycles\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace systole
