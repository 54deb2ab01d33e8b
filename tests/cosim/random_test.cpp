// SPDX-License-Identifier: Apache-2.0
// Random programs give the same cycles, logs, counters, faults and memory on both engines, on odd
// hardware too, and also where the host cuts them off.
#include <catch2/catch.hpp>

#include "sim/cosim/cosim.h"

namespace systole {
namespace {

constexpr int kPrograms = 25;    ///< of each memory and configuration: 3 * 9 * 25 = 675 in all
constexpr size_t kCutEvery = 3;  ///< of those one in so many is run a second time, cut off

ArchConfig small_arch(int rows, int cols) {
  ArchConfig arch;
  arch.name = "test";
  arch.hw.rows = rows;
  arch.hw.cols = cols;
  arch.hw.ub_kib = 4;
  arch.hw.acc_rows = 64;
  return arch;
}

/// Runs random program `seed`, which takes `length` cycles, with a limit inside of its run.
void check_cut(const ArchConfig& arch, uint64_t seed, Cycle length) {
  if (length < 2) return;
  CosimOptions options;
  options.run.cycle_limit = 1 + seed * 7919 % (length - 1);
  const CosimBatch batch = cosim_random(arch, 1, seed, {}, options);
  INFO(batch.differences);
  CHECK(batch.different == 0);
  CHECK(batch.cut == 1);
  CHECK(batch.cycles == options.run.cycle_limit);
}

void check_random_programs(ArchConfig arch, uint64_t seed) {
  // Each configuration has another DRAM behind it.
  const std::vector<std::string> presets = ddr_preset_names();
  arch.memory.ddr = ddr_preset(presets[seed / 1000 % presets.size()]);
  for (const char* kind : {"ideal", "random", "ddr"}) {
    arch.memory.kind = kind;
    std::vector<uint64_t> cycles{0};  // of the programs so far
    const CosimBatch batch =
        cosim_random(arch, kPrograms, seed, {}, {}, 1,
                     [&](const CosimBatch& done) { cycles.push_back(done.cycles); });
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
  ArchConfig arch = small_arch(1, 1);
  arch.hw.ub_kib = 1;
  arch.hw.ub_banks = 1;
  arch.hw.axi_bits = 32;
  arch.hw.queue_depth = 2;
  check_random_programs(arch, 1000);
}

TEST_CASE("random programs are equal on both engines at 4x4, 32-bit AXI, two banks") {
  ArchConfig arch = small_arch(4, 4);
  arch.hw.weight_bits = 1;
  arch.hw.act_bits = 2;
  arch.hw.codebook = arch.hw.bitmask = arch.hw.structured = 1;
  arch.hw.ub_banks = 2;
  arch.hw.axi_bits = 32;
  check_random_programs(arch, 2000);
}

TEST_CASE("random programs are equal on both engines at 5x3, 256-bit AXI, four banks") {
  ArchConfig arch = small_arch(5, 3);
  arch.hw.weight_bits = 2;
  arch.hw.act_bits = 1;  // none but 8: three columns fill bytes with no other
  arch.hw.codebook = arch.hw.bitmask = 1;
  arch.hw.wb_tiles = 3;
  arch.hw.axi_bits = 256;
  check_random_programs(arch, 3000);
}

TEST_CASE("random programs are equal on both engines at 3x7, 32-bit AXI, one bank") {
  ArchConfig arch = small_arch(3, 7);
  arch.hw.weight_bits = 1;
  arch.hw.ub_banks = 1;
  arch.hw.axi_bits = 32;
  arch.hw.outstanding = 3;
  check_random_programs(arch, 4000);
}

TEST_CASE(
    "random programs are equal on both engines at 8x16, 256-bit AXI, two outstanding bursts") {
  ArchConfig arch = small_arch(8, 16);
  arch.hw.weight_bits = 4;
  arch.hw.act_bits = 4;
  arch.hw.structured = 1;
  arch.hw.ub_kib = 16;
  arch.hw.axi_bits = 256;
  arch.hw.outstanding = 2;
  check_random_programs(arch, 5000);
}

TEST_CASE("random programs are equal on both engines at 16x4, 512-bit AXI, sixteen banks") {
  ArchConfig arch = small_arch(16, 4);
  arch.hw.weight_bits = 1;
  arch.hw.bitmask = arch.hw.structured = 1;
  arch.hw.ub_kib = 32;
  arch.hw.ub_banks = 16;
  arch.hw.burst_beats = 2;
  arch.hw.queue_depth = 1;
  check_random_programs(arch, 6000);
}

TEST_CASE("random programs are equal on both engines at 13x8, activations of one bit") {
  ArchConfig arch = small_arch(13, 8);
  arch.hw.weight_bits = arch.hw.act_bits = arch.hw.codebook = 1;
  arch.hw.axi_bits = 128;
  check_random_programs(arch, 9000);
}

TEST_CASE("random programs are equal on both engines at edge-16x16") {
  ArchConfig arch;
  arch.hw.weight_bits = arch.hw.act_bits = arch.hw.codebook = arch.hw.bitmask = 1;
  check_random_programs(arch, 7000);
}

TEST_CASE("random programs are equal on both engines with every buffer at its least") {
  ArchConfig arch = small_arch(2, 2);
  arch.hw.weight_bits = 1;
  arch.hw.act_bits = 4;
  arch.hw.structured = 1;
  arch.hw.ub_kib = 1;
  arch.hw.ub_banks = 1;
  arch.hw.wb_tiles = 2;
  arch.hw.acc_rows = 2;
  arch.hw.pb_rows = 2;
  arch.hw.axi_bits = 32;
  arch.hw.burst_beats = 1;
  arch.hw.outstanding = 1;
  arch.hw.queue_depth = 1;
  check_random_programs(arch, 8000);
}

}  // namespace
}  // namespace systole
