// SPDX-License-Identifier: Apache-2.0
// The command that a random program which differs is told with runs that very program again.
#include <catch2/catch.hpp>
#include <sstream>

#include "sim/cosim/cosim.h"

namespace systole {
namespace {

TEST_CASE("the command for a random program names what the nearest architecture has not") {
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  CHECK(cosim::rerun_command(arch, 7, {}) == "systole cosim --random 1 --seed 7 --arch edge-16x16");
  arch.hw.rows = 5;
  arch.memory.kind = "random";
  CHECK(cosim::rerun_command(arch, 8, {}) ==
        "systole cosim --random 1 --seed 8 --arch edge-16x16 --set array.rows=5 --set "
        "memory.kind=random");
  arch = arch::load_arch("edge-4x4", {"queue.depth=1"});
  CHECK(cosim::rerun_command(arch, 9, {}) ==
        "systole cosim --random 1 --seed 9 --arch edge-4x4 --set queue.depth=1");
}

TEST_CASE("the command for a random program gives its architecture, whichever is the nearest") {
  for (const std::string& name : arch::list_archs()) {
    CAPTURE(name);
    CHECK(cosim::rerun_command(arch::load_arch(name), 7, {}) ==
          "systole cosim --random 1 --seed 7 --arch " + name);
  }
}

TEST_CASE(
    "the command for a random program has its hardware, defaults that edge-16x16 changes too") {
  arch::ArchConfig arch;  // widths of 8 bits alone and no codebook
  arch.hw.rows = 8;
  std::istringstream words(cosim::rerun_command(arch, 7, {}));
  std::vector<std::string> overrides;
  for (std::string word; words >> word;)
    if (word.find('=') != std::string::npos) overrides.push_back(word);
  CHECK(arch::load_arch("edge-16x16", overrides).hw == arch.hw);
  CHECK(arch::load_arch("edge-16x16", {"array.rows=8"}).hw != arch.hw);
}

TEST_CASE("the command for a random program that was cut off has its limits") {
  platform::RunOptions run;
  run.cycle_limit = 55;
  CHECK(cosim::rerun_command(arch::load_arch("edge-16x16"), 7, run) ==
        "systole cosim --random 1 --seed 7 --arch edge-16x16 --cycle-limit 55");
  run.watchdog_cycles = 300;
  CHECK(cosim::rerun_command(arch::load_arch("edge-16x16"), 7, run) ==
        "systole cosim --random 1 --seed 7 --arch edge-16x16 --cycle-limit 55 --watchdog 300");
}

}  // namespace
}  // namespace systole
