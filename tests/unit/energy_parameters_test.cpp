// SPDX-License-Identifier: Apache-2.0
// Every hardware parameter that builds something costs energy where it is used: not leakage and
// clock alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "sim/energy/energy.h"
#include "tests/unit/energy_fixture.h"

namespace systole {
namespace {

using Change = std::function<void(isa::HwParams&)>;

/// Loads, a convolution of 6 to 3 channels, its requantisation and a store; `weights` and `matmul`
/// may be of an option.
program::Program program_on(const isa::HwParams& hw, const isa::LoadWeights& weights,
                            const isa::Matmul& matmul) {
  isa::Load load;
  load.pixels = 9;
  load.pixel_bytes = 6;
  isa::LoadParam params;
  params.count = 2;
  isa::Vector vector;
  vector.oh = vector.ow = vector.height = vector.width = 3;
  isa::Store store;
  store.pixels = 9;
  store.pixel_bytes = 3;
  program::Program program;
  program.hw = hw;
  program.dram_bytes = 4096;
  program.segments.push_back({0, "weights", std::vector<uint8_t>(4096, 0xff)});
  program.code = {tagged(1, load),   tagged(1, params), tagged(1, weights),
                  tagged(1, matmul), tagged(1, vector), tagged(1, store)};
  return program;
}

isa::HwParams base_hw() {
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  hw.axi_bits = 64;
  return hw;
}

/// pJ of what a program does on the chip, without leakage and clock.
double dynamic_pj(const isa::HwParams& hw, const isa::LoadWeights& weights,
                  const isa::Matmul& matmul) {
  arch::ArchConfig arch;
  arch.hw = hw;
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  energy::EnergyEvents events;
  for (const auto& [tag, part] : energy::program_events(program_on(hw, weights, matmul)).by_tag)
    events += part;
  return energy::energy_of(events, energy::event_costs(table, arch)).on_chip();
}

/// What is larger costs more for the same work.
const std::map<std::string, Change> kSizes = {
    {"ROWS", [](isa::HwParams& hw) { hw.rows = 16; }},
    {"COLS", [](isa::HwParams& hw) { hw.cols = 16; }},
    {"UB_KIB", [](isa::HwParams& hw) { hw.ub_kib *= 2; }},
    {"UB_BANKS", [](isa::HwParams& hw) { hw.ub_banks *= 2; }},
    {"WB_TILES", [](isa::HwParams& hw) { hw.wb_tiles *= 2; }},
    {"ACC_ROWS", [](isa::HwParams& hw) { hw.acc_rows *= 2; }},
    {"PB_ROWS", [](isa::HwParams& hw) { hw.pb_rows *= 2; }},
    {"AXI_BITS", [](isa::HwParams& hw) { hw.axi_bits *= 2; }},
    {"BURST_BEATS", [](isa::HwParams& hw) { hw.burst_beats *= 2; }},
    {"OUTSTANDING", [](isa::HwParams& hw) { hw.outstanding *= 2; }},
    {"QUEUE_DEPTH", [](isa::HwParams& hw) { hw.queue_depth *= 2; }},
};

/// An option costs in what uses it, which is `event`.
struct Option {
  energy::EnergyEvent event;
  Change build;
  std::function<void(isa::LoadWeights&, isa::Matmul&)> use;
};
const std::map<std::string, Option> kOptions = {
    {"WEIGHT_BITS",
     {energy::EnergyEvent::kExpandedWeight, [](isa::HwParams& hw) { hw.weight_bits = 4; },
      [](isa::LoadWeights& weights, isa::Matmul&) { weights.narrow = 1; }}},
    {"ACT_BITS",
     {energy::EnergyEvent::kExpandedActivation, [](isa::HwParams& hw) { hw.act_bits = 4; },
      [](isa::LoadWeights&, isa::Matmul& matmul) { matmul.expand = 1; }}},
    {"CODEBOOK",
     {energy::EnergyEvent::kCodebookWeight, [](isa::HwParams& hw) { hw.codebook = 1; },
      [](isa::LoadWeights& weights, isa::Matmul&) { weights.narrow = 1, weights.codebook = 1; }}},
    {"BITMASK",
     {energy::EnergyEvent::kMaskedWeight, [](isa::HwParams& hw) { hw.bitmask = 1; },
      [](isa::LoadWeights& weights, isa::Matmul&) { weights.bitmask = 1; }}},
    {"STRUCTURED",
     {energy::EnergyEvent::kSelection, [](isa::HwParams& hw) { hw.structured = 1; },
      [](isa::LoadWeights& weights, isa::Matmul& matmul) {
        weights.structured = 1, matmul.structured = 1;
      }}},
};

TEST_CASE("each hardware parameter costs energy where it is used") {
  const double base = dynamic_pj(base_hw(), conv_weights(), conv_matmul());
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  for (const auto& param : isa::kHwParams) {
    const std::string name(param.sv_name);
    INFO(name);
    if (const auto size = kSizes.find(name); size != kSizes.end()) {
      isa::HwParams hw = base_hw();
      size->second(hw);
      CHECK(dynamic_pj(hw, conv_weights(), conv_matmul()) > base * (1 + 1e-9));
      continue;
    }
    const auto found = kOptions.find(name);
    REQUIRE(found != kOptions.end());  // a new parameter: what does it cost?
    const Option& option = found->second;
    arch::ArchConfig with;
    with.hw = base_hw();
    const auto price = [&] {
      return energy::event_costs(table, with)[static_cast<size_t>(option.event)].value;
    };
    CHECK(price() == 0);  // it is not built
    option.build(with.hw);
    CHECK(price() > 0);
    isa::LoadWeights weights = conv_weights();
    isa::Matmul matmul = conv_matmul();
    option.use(weights, matmul);
    int64_t uses = 0;
    for (const auto& [tag, part] :
         energy::program_events(program_on(with.hw, weights, matmul)).by_tag)
      uses += part[option.event];
    CHECK(uses > 0);
  }
  CHECK(kSizes.size() + kOptions.size() == isa::kHwParams.size());
}

}  // namespace
}  // namespace systole
