// SPDX-License-Identifier: Apache-2.0
// What a layer alone takes under the plan that is chosen for it.
#include <catch2/catch.hpp>

#include "model/arch/arch.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {

TEST_CASE("channels are loaded together where bursts of a few bytes would wait for the memory") {
  const arch::ArchConfig arch =
      arch::load_arch("edge-32x32");  // 40 cycles of latency, 8 bursts in flight
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(28, 28, 192);
  const program::Program program = check_compiled(
      builder.finish({builder.conv(in, {}, 192, -1, 192)}), arch.hw, random, "scales");
  const platform::RunResult run = run_on_model(program, arch.hw);
  // 4,704 words to load, and then to store. If a column tile's words were loaded alone, with a
  // burst for each, they would take 4,704 * 45 / 8 = 26,460 cycles.
  CHECK(run.cycles < 2 * 4704);
}

}  // namespace systole
