// SPDX-License-Identifier: Apache-2.0
// Bugs that are planted in the RTL: the divergence names cycle, instruction and what is wrong.
#include <catch2/catch.hpp>

#include "model/golden/random_program.h"
#include "model/isa/names.h"
#include "sim/cosim/cosim.h"
#include "sim/trace/names.h"
#include "tests/cosim/broken_rtl.h"

namespace systole {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

cosim::CosimResult run(const arch::ArchConfig& arch, const program::Program& program) {
  return cosim::cosim_program(program, arch, platform::make_image(program), {});
}

}  // namespace

TEST_CASE("a wrong byte with equal cycles leads to the store that wrote it") {
  const BrokenRtl rtl("sys_axi_write.sv", "assign m_wdata_o = wdata_q;",
                      "assign m_wdata_o = wdata_q ^ AXI_BITS'(1);");
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const program::Program program = golden::random_program(arch.hw, 3);
  const cosim::CosimResult result = run(arch, program);
  REQUIRE_FALSE(result.equal());
  REQUIRE(result.first);
  const cosim::Divergence& first = *result.first;
  CAPTURE(result.difference);
  CHECK(result.rtl.result.cycles == result.model.result.cycles);
  REQUIRE(first.pc);
  CHECK(trace::opcode_at(program, *first.pc) == isa::Opcode::kStore);
  CHECK_THAT(first.what, StartsWith("DRAM byte 0x"));
  CHECK((std::stoi(first.expected, nullptr, 16) ^ std::stoi(first.found, nullptr, 16)) == 1);
  bool writes_then = false;
  for (const core::DramEvent& burst : result.model.result.dram)
    writes_then = writes_then || (burst.write && burst.cycle == first.cycle);
  CHECK(writes_then);
  CHECK_THAT(result.difference,
             StartsWith("cycle " + std::to_string(first.cycle) + ": instruction " +
                        std::to_string(*first.pc) + " store"));
  CHECK_THAT(result.difference, Contains("expected 0x") && Contains(", found 0x"));
}

TEST_CASE("an instruction that is let go too late is named, with both cycles") {
  const BrokenRtl rtl("sys_front.sv", "missing == '0;", "missing == '0 && cycle_i[2:0] != 3'd5;");
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const program::Program program = golden::random_program(arch.hw, 3);
  const cosim::CosimResult result = run(arch, program);
  REQUIRE(result.first);
  CAPTURE(result.difference);
  CHECK(result.first->pc);
  // The cycle before, the unit waits for a token that it has.
  CHECK_THAT(result.first->what, StartsWith("cause of ") || StartsWith("start"));
  CHECK(result.first->expected != result.first->found);
}

}  // namespace systole
