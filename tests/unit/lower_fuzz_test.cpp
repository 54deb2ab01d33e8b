// SPDX-License-Identifier: Apache-2.0
// Random networks on random hardware: compiled programs are legal and give the reference's bytes.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "model/arch/error.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

std::string describe(const HwParams& hw) {
  std::string text;
  for (const HwParamInfo& p : kHwParams) text += fmt::format("{}={} ", p.key, hw.*p.member);
  return text;
}

/// Runs seeds [first, first + count); returns how many networks did not fit their hardware.
int run_seeds(uint64_t first, int count) {
  int unfit = 0;
  for (uint64_t seed = first; seed < first + static_cast<uint64_t>(count); ++seed) {
    SeededRandom random(seed);
    const QGraph graph = random_graph(random);
    const HwParams hw = random_hardware(random);
    const std::string where = fmt::format("seed {} on {}", seed, describe(hw));
    try {
      check_compiled(graph, hw, random, where);
    } catch (const Error& error) {
      // Only a pooling window may be too large for a buffer: everything else can be cut small
      // enough.
      INFO(where << ": " << error.what());
      REQUIRE(error.code() == ExitCode::kCannotCompile);
      REQUIRE_THAT(error.what(), Catch::StartsWith("layer 'pool"));
      REQUIRE_THAT(error.what(), Catch::Contains("unified buffer"));
      ++unfit;
    }
  }
  return unfit;
}

}  // namespace

TEST_CASE(
    "random networks compile to legal programs that give the reference's bytes on random "
    "hardware") {
  const int unfit = run_seeds(1, 400);
  CHECK(unfit < 100);
}

TEST_CASE("random networks run on the smallest legal hardware") {
  for (uint64_t seed = 1000; seed < 1060; ++seed) {
    SeededRandom random(seed);
    const QGraph graph = random_graph(random);
    HwParams hw;
    hw.rows = hw.cols = 1;
    hw.ub_kib = 1, hw.ub_banks = 1, hw.wb_tiles = 2, hw.acc_rows = 2, hw.pb_rows = 2;
    hw.axi_bits = 32, hw.burst_beats = 1, hw.outstanding = 1, hw.queue_depth = 1;
    try {
      check_compiled(graph, hw, random, fmt::format("seed {}", seed));
    } catch (const Error& error) {
      REQUIRE_THAT(error.what(), Catch::StartsWith("layer 'pool"));
    }
  }
}

}  // namespace systole
