// SPDX-License-Identifier: Apache-2.0
// Random programs give the same cycles, logs, counters, faults and memory on both engines, on odd
// hardware too, and also where the host cuts them off.
#include <catch2/catch.hpp>

#include "sim/cosim/cosim.h"

namespace systole {
namespace {

constexpr int kPrograms = 25;    ///< of each memory and configuration: 3 * 9 * 25 = 675 in all
constexpr size_t kCutEvery = 3;  ///< of those one in so many is run a second time, cut off

/// One of tests/cosim/archs, which the nightly test runs, too.
arch::ArchConfig small_arch(const std::string& name) {
  return arch::load_arch(SYSTOLE_SOURCE_DIR "/tests/cosim/archs/" + name + ".yaml");
}

/// Runs random program `seed`, which takes `length` cycles, with a limit inside of its run.
void check_cut(const arch::ArchConfig& arch, uint64_t seed, Cycle length) {
  if (length < 2) return;
  cosim::CosimOptions options;
  options.run.cycle_limit = 1 + seed * 7919 % (length - 1);
  const cosim::CosimBatch batch = cosim::cosim_random(arch, 1, seed, {}, options);
  INFO(batch.differences);
  CHECK(batch.different == 0);
  CHECK(batch.cut == 1);
  CHECK(batch.cycles == options.run.cycle_limit);
}

void check_random_programs(arch::ArchConfig arch, uint64_t seed) {
  // Each configuration has another DRAM behind it.
  const std::vector<std::string> presets = arch::ddr_preset_names();
  arch.memory.ddr = arch::ddr_preset(presets[seed / 1000 % presets.size()]);
  for (const char* kind : {"ideal", "random", "ddr"}) {
    arch.memory.kind = kind;
    std::vector<uint64_t> cycles{0};  // of the programs so far
    const cosim::CosimBatch batch =
        cosim::cosim_random(arch, kPrograms, seed, {}, {}, 1,
                            [&](const cosim::CosimBatch& done) { cycles.push_back(done.cycles); });
    INFO("first seed " << seed << ", memory " << kind << "\n" << batch.differences);
    CHECK(batch.different == 0);
    CHECK(batch.programs == kPrograms);
    CHECK(batch.faults > 0);
    CHECK(batch.cut == 0);
    for (size_t i = 0; i + 1 < cycles.size(); i += kCutEvery)
      check_cut(arch, seed + i, cycles[i + 1] - cycles[i]);
    seed += kPrograms;
  }
}

TEST_CASE("random programs are equal on both engines at 1x1, 32-bit AXI, one bank") {
  check_random_programs(small_arch("1x1"), 1000);
}

TEST_CASE("random programs are equal on both engines at 4x4, 32-bit AXI, two banks") {
  check_random_programs(small_arch("4x4"), 2000);
}

TEST_CASE("random programs are equal on both engines at 5x3, 256-bit AXI, four banks") {
  check_random_programs(small_arch("5x3"), 3000);
}

TEST_CASE("random programs are equal on both engines at 3x7, 32-bit AXI, one bank") {
  check_random_programs(small_arch("3x7"), 4000);
}

TEST_CASE(
    "random programs are equal on both engines at 8x16, 256-bit AXI, two outstanding bursts") {
  check_random_programs(small_arch("8x16"), 5000);
}

TEST_CASE("random programs are equal on both engines at 16x4, 512-bit AXI, sixteen banks") {
  check_random_programs(small_arch("16x4"), 6000);
}

TEST_CASE("random programs are equal on both engines at 13x8, activations of one bit") {
  check_random_programs(small_arch("13x8"), 9000);
}

TEST_CASE("random programs are equal on both engines at edge-16x16") {
  check_random_programs(arch::load_arch("edge-16x16"), 7000);
}

TEST_CASE("random programs are equal on both engines with every buffer at its least") {
  check_random_programs(small_arch("least"), 8000);
}

}  // namespace
}  // namespace systole
