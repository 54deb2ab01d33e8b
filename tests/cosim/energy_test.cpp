// SPDX-License-Identifier: Apache-2.0
// Both engines count the same, so a run has the same energy on both.
#include "sim/energy/energy.h"

#include <catch2/catch.hpp>

#include "sim/cosim/cosim.h"

namespace systole {
namespace {

TEST_CASE("random programs have the same energy on both engines at 4x4") {
  arch::ArchConfig arch;  // of the random programs at 4x4: the RTL is built once
  arch.name = "test";
  arch.hw.rows = arch.hw.cols = 4;
  arch.hw.ub_kib = 4;
  arch.hw.ub_banks = 2;
  arch.hw.acc_rows = 64;
  arch.hw.weight_bits = 1;
  arch.hw.act_bits = 2;
  arch.hw.axi_bits = 32;
  arch.memory.kind = "ddr";
  arch.memory.ddr = arch::ddr_preset("lpddr4-3200");
  golden::RandomOptions random;
  random.fault_percent = 0;
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  int64_t narrow_products = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    const program::Program program = golden::random_program(arch.hw, seed, random);
    const cosim::CosimResult run =
        cosim::cosim_program(program, arch, platform::make_image(program), {});
    INFO(run.difference);
    REQUIRE(run.equal());
    REQUIRE(run.rtl.result.status == platform::RunStatus::kFinished);
    // Each checks the counters of its engine against the program.
    const auto energy = [&](const cosim::Outcome& outcome) {
      const report::Report report =
          report::make_report(program, arch, outcome.result, outcome.engine, true);
      return energy::make_energy(program, arch, outcome.result, report, table);
    };
    const energy::EnergyReport rtl = energy(run.rtl), model = energy(run.model);
    CHECK(rtl.events == model.events);
    CHECK(rtl.energy.pj == model.energy.pj);
    CHECK(rtl.events[energy::EnergyEvent::kDramActivation] > 0);
    CHECK(rtl.events[energy::EnergyEvent::kInstruction] ==
          static_cast<int64_t>(program.code.size()));
    narrow_products +=
        rtl.events[energy::EnergyEvent::kMac4] + rtl.events[energy::EnergyEvent::kMac2];
  }
  CHECK(narrow_products > 0);
}

}  // namespace
}  // namespace systole
