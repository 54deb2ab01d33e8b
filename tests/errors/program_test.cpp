// SPDX-License-Identifier: Apache-2.0
// Broken programs: damaged files, programs for other hardware, programs that fault, hang or run too
// long.
#include "model/program/program.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "model/isa/any_instruction.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

// A program of `instructions` for edge-4x4, as the bytes of its file.
template <typename... Instruction>
std::string program_file(const Workplace& place, uint16_t wait, const Instruction&... fields) {
  program::Program program;
  program.name = "test";
  program.hw.rows = program.hw.cols = 4;
  program.hw.ub_kib = 64;
  program.hw.acc_rows = 256;
  program.hw.axi_bits = 64;
  program.hw.outstanding = 4;
  program.hw.weight_bits = program.hw.act_bits = program.hw.codebook = program.hw.bitmask = 1;
  program.dram_bytes = 4096;
  program.segments.push_back({2048, "zeros", std::vector<uint8_t>(64)});
  (program.code.push_back(encode(fields, {.wait = wait})), ...);
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

TEST_CASE("a weight stream that its masks do not fill is refused") {
  const Workplace place;
  isa::LoadWeights load;
  load.dram_addr = 2048;  // zeros: a byte of masks for four rows, and a byte for each row
  load.channels = 4;
  load.cols = 2;
  load.bitmask = true;
  load.stream_bytes = 6;
  place.write("p.sysb", program_file(place, 0, load));
  const CommandResult result = place.run({"run", "p.sysb", "--arch", "edge-4x4"});
  CHECK(result.exit_code == 2);
  CHECK(
      result.err ==
      "systole: p.sysb: instruction 0 (load_weights) has a weight stream of 6 bytes, of which its "
      "tiles take 5\n");
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

TEST_CASE("explanations need a network, which can be compiled for other hardware") {
  const Workplace place;
  place.write("p.sysb", program_file(place, 0, isa::SyncLda{}));
  check_refused(place, {"run", "p.sysb", "--arch", "edge-4x4", "--explain"}, 2,
                "--explain: a program file cannot be compiled for other hardware, expected a "
                "network: p.sysb");
}

TEST_CASE("an explanation of one layer needs its name") {
  const Workplace place;
  const std::string net = SYSTOLE_SOURCE_DIR "/tests/data/lenet_fmnist.onnx";
  check_refused(place, {"run", net, "--layer", "/conv1/Conv"}, 2,
                "--layer /conv1/Conv: restricts --explain, add it");
  check_refused(place, {"run", net, "--explain", "--layer", "conv1"}, 2,
                "--layer conv1: unknown, expected one of /conv1/Conv, /MaxPool, /conv2/Conv, "
                "/MaxPool_1, /fc1/Gemm, /fc2/Gemm, /fc3/Gemm, did you mean '/conv1/Conv'?");
  const CommandResult run = place.run({"run", net, "--explain", "--layer", "/fc3/Gemm"});
  CHECK(run.exit_code == 0);
  CHECK(run.out.find("/fc3/Gemm (gemm): ") != std::string::npos);
  CHECK(run.out.find("/conv1/Conv (") == std::string::npos);
  CHECK(run.out.find("\nwhat would help in /fc3/Gemm, of ") != std::string::npos);
  CHECK(run.out.find("\nbest gain per mm2   ") != std::string::npos);
}

TEST_CASE("a run that was stopped tells what it had reached") {
  const Workplace place;
  const auto from_vpu = static_cast<uint16_t>(1 << static_cast<int>(isa::Unit::kVpu));
  place.write("p.sysb", program_file(place, from_vpu, isa::SyncLda{}));
  const CommandResult result =
      place.run({"run", "p.sysb", "--arch", "edge-4x4", "--watchdog", "500"});
  CHECK(result.out.find("reached           0 of 1 instructions retired, 64 B of DRAM traffic\n") !=
        std::string::npos);
  CHECK(result.out.find("\nlda    sem_vpu ") != std::string::npos);
}

TEST_CASE("cosim says that a program is not legal, and why") {
  const Workplace place;
  isa::Load load;  // 8 pixels into the words that the store reads, no token between them
  load.pixels = 8;
  load.pixel_bytes = 4;
  isa::Store store;
  store.pixels = 8;
  store.pixel_bytes = 4;
  store.dram_addr = 1024;
  place.write("p.sysb", program_file(place, 0, load, store));
  const CommandResult result = place.run({"cosim", "p.sysb", "--arch", "edge-4x4"});
  CAPTURE(result.out, result.err);
  CHECK(result.out.find("not a legal program, the engines need not agree: ") != std::string::npos);
  CHECK(result.out.find("reads UB word 0x0") != std::string::npos);
  place.write("p.sysb", program_file(place, 0, load));
  const CommandResult legal = place.run({"cosim", "p.sysb", "--arch", "edge-4x4"});
  CHECK(legal.out.find("not a legal program") == std::string::npos);
  CHECK(legal.exit_code == 0);
}

}  // namespace
}  // namespace systole
