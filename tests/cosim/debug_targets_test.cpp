// SPDX-License-Identifier: Apache-2.0
// A run that stands still shows the same on both engines in every cycle, and going back leads to
// what was there.
#include <catch2/catch.hpp>

#include "model/arch/arch.h"
#include "model/arch/geometry.h"
#include "model/golden/footprint.h"
#include "model/golden/random_program.h"
#include "sim/debug/target.h"

namespace systole {
namespace {

using debug::Moment;
using debug::Target;

constexpr const char* kUnitNames[] = {"fetch", "lda", "ldw", "mxu", "vpu", "sto"};

/// What differs, in words; empty: nothing.
std::string difference(const Moment& rtl, const Moment& model) {
  const auto both = [](const char* what, uint64_t r, uint64_t m) {
    return r == m ? std::string() : fmt::format("{}: rtl {} model {}; ", what, r, m);
  };
  std::string text =
      both("cycle", rtl.cycle, model.cycle) +
      both("ending", static_cast<uint64_t>(rtl.ending), static_cast<uint64_t>(model.ending)) +
      both("dispatched", rtl.registers.dispatched, model.registers.dispatched) +
      both("ready", static_cast<uint64_t>(rtl.registers.ready_tiles),
           static_cast<uint64_t>(model.registers.ready_tiles)) +
      both("free", static_cast<uint64_t>(rtl.registers.free_tiles),
           static_cast<uint64_t>(model.registers.free_tiles)) +
      both("fault", static_cast<uint64_t>(rtl.registers.fault),
           static_cast<uint64_t>(model.registers.fault)) +
      both("fault pc", rtl.registers.fault_pc, model.registers.fault_pc) +
      both("tokens", rtl.registers.tokens == model.registers.tokens, 1);
  for (size_t u = 0; u < isa::kUnits; ++u) {
    const auto &r = rtl.registers.fronts[u], &m = model.registers.fronts[u];
    text += both(kUnitNames[u], static_cast<uint64_t>(rtl.causes[u]),
                 static_cast<uint64_t>(model.causes[u]));
    if (!(r == m))
      text += fmt::format("{}: state {} {} pc {} {} queue {} {} flying {} {} held {:x} {:x}; ",
                          kUnitNames[u], static_cast<int>(r.state), static_cast<int>(m.state), r.pc,
                          m.pc, r.queue.size(), m.queue.size(), r.flying.size(), m.flying.size(),
                          r.held, m.held);
  }
  return text;
}

TEST_CASE("debug targets: RTL and model stand in the same place in every cycle") {
  struct Case {
    std::string arch;
    std::vector<std::string> overrides;
  };
  const std::string archs = SYSTOLE_SOURCE_DIR "/tests/cosim/archs/";
  const auto [name, overrides] =
      GENERATE_COPY(Case{"edge-4x4", {}}, Case{archs + "16x4.yaml", {}},
                    Case{archs + "3x7.yaml", {"memory.kind=random"}},
                    Case{"edge-4x4", {"memory.kind=ddr", "memory.preset=ddr4-2400"}});
  const arch::ArchConfig config = arch::load_arch(name, overrides);
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const program::Program program = golden::random_program(config.hw, seed);
    const debug::Subject subject{program, config, platform::make_image(program)};
    const auto rtl = debug::make_rtl_target(subject, {.quick = true});
    const auto model = debug::make_model_target(subject);
    while (!rtl->now().over()) {
      const std::string different = difference(rtl->now(), model->now());
      INFO(name << " seed " << seed << " cycle " << rtl->now().cycle);
      REQUIRE(different == "");
      rtl->step(rtl->now().cycle + 1);
      model->step(model->now().cycle + 1);
      REQUIRE(rtl->retired() == model->retired());
    }
    REQUIRE(difference(rtl->now(), model->now()) == "");
    CHECK(rtl->counters() == model->counters());
    CHECK(rtl->dram(0, program.dram_bytes) == model->dram(0, program.dram_bytes));
  }
}

}  // namespace
}  // namespace systole
