// SPDX-License-Identifier: Apache-2.0
// The changes of the hardware that `run --explain` tries are what compiling for them and running
// gives.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "sim/energy/area.h"
#include "sim/engine/run_process.h"
#include "sim/session/change_trials.h"
#include "sim/session/timed_run.h"

namespace systole {
namespace {

Cycle cycles_of(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const program::Program program = lower::compile_back(graph, arch, {});
  platform::DramImage dram = platform::make_image(program);
  const auto engine = engine::make_model_engine(arch);
  return engine::run_in_process(*engine, program, dram, {}).cycles;
}

/// LeNet on a machine that waits for its memory, with all its changes.
struct Tried {
  const pipeline::NetworkPlan plan =
      pipeline::compile_front(SYSTOLE_SOURCE_DIR "/tests/data/lenet_fmnist.onnx", {});
  const arch::ArchConfig arch = arch::load_arch("edge-16x16", {"memory.gb_per_s=8"});
  const choices::Choices choices;
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  size_t told = 0;

  session::Trials trials(const std::string& layer = "") {
    return session::try_hardware_changes({plan, arch, choices, table, true, layer}, 2,
                                         [&](size_t done) { told = done; });
  }
};

TEST_CASE("each change of the hardware is a run of the network compiled for it") {
  Tried tried;
  const session::Trials trials = tried.trials();
  const auto changes = session::hardware_changes(tried.arch);
  REQUIRE(trials.results.size() == changes.size());
  CHECK(tried.told == changes.size() + 1);
  CHECK(trials.before.cycles == cycles_of(*tried.plan.stages.at(0).device, tried.arch));
  for (const session::HardwareChange& change : changes) {
    const auto found = std::find_if(trials.results.begin(), trials.results.end(),
                                    [&](const auto& r) { return r.name == change.name; });
    INFO(change.name);
    REQUIRE(found != trials.results.end());
    REQUIRE(found->failure.empty());
    const session::TimedRun run = session::run_timed(tried.plan, change.arch, &tried.table);
    CHECK(found->figures.cycles == cycles_of(*tried.plan.stages.at(0).device, change.arch));
    CHECK(found->figures.energy_uj == run.energy().energy.total() * 1e-6);
    CHECK(found->figures.area_mm2 ==
          energy::estimate_area(tried.table, change.arch.hw).total_mm2());
  }
  for (size_t i = 1; i < trials.results.size(); ++i)
    CHECK(trials.results[i - 1].figures.cycles <= trials.results[i].figures.cycles);
  // Each of 10 weight bytes a MAC and 8 bytes a cycle: memory is what this network lacks.
  CHECK(trials.results[0].name == "memory.bytes_per_cycle 8 -> 16");
}

TEST_CASE("changes of one layer are told by its cycles and its energy") {
  Tried tried;
  const session::Trials all = tried.trials(), one = tried.trials("/conv1/Conv");
  CHECK(one.before.cycles < all.before.cycles);
  CHECK(*one.before.energy_uj < *all.before.energy_uj);
  const session::TimedRun run = session::run_timed(tried.plan, tried.arch, &tried.table);
  REQUIRE(run.run.report.layers.at(0).name == "/conv1/Conv");
  CHECK(one.before.cycles == run.run.report.layers[0].cycles);
  CHECK(one.before.area_mm2 == all.before.area_mm2);
}

TEST_CASE("the best changes are those of most gain for an area, and of most area for no loss") {
  const auto made = [](const std::string& name, Cycle cycles, double area, bool off_chip = false) {
    session::TrialResult result;
    result.name = name;
    result.off_chip = off_chip;
    result.figures = {cycles, 1.0, area};
    return result;
  };
  session::TrialResult failed = made("failed", 0, 0.1);
  failed.failure = "cannot be compiled";
  session::Trials trials{"a table", "", {1000, 2.0, 4.0}, {}};
  trials.results = {made("memory", 400, 4.0, true),
                    made("array", 500, 6.0),
                    made("queue", 900, 4.1),
                    made("free", 950, 4.0),
                    made("buffer", 1010, 3.0),
                    made("small", 1011, 1.0),
                    failed};
  REQUIRE(trials.best_gain());
  CHECK(trials.results[*trials.best_gain()].name == "queue");  // 1,000 cycles a mm2, array 250
  CHECK(*trials.gain_per_mm2(trials.results[1]) == Approx(250));
  CHECK_FALSE(trials.gain_per_mm2(trials.results[0]));
  REQUIRE(trials.best_for_nothing());
  CHECK(trials.results[*trials.best_for_nothing()].name == "free");
  REQUIRE(trials.largest_saving());
  CHECK(trials.results[*trials.largest_saving()].name == "buffer");  // 1,010 is 1 % more
  CHECK(trials.area_ratio(trials.results[1].figures) == Approx(1.5));
  CHECK(trials.cycles_ratio(trials.results[1].figures) == Approx(0.5));
  CHECK(*trials.energy_ratio(trials.results[1].figures) == Approx(0.5));
}

TEST_CASE("changes stay inside the legal ranges, and the bus is widened with the memory") {
  const auto names = [](const arch::ArchConfig& arch) {
    std::vector<std::string> result;
    for (const session::HardwareChange& change : session::hardware_changes(arch))
      result.push_back(change.name);
    return result;
  };
  const auto has = [](const std::vector<std::string>& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  const auto wide = names(arch::load_arch("edge-16x16", {"array.rows=256", "queue.depth=64"}));
  for (const char* beyond : {"array.rows 256 -> 512", "queue.depth 64 -> 128",
                             "memory.bytes_per_cycle 64 -> 128 with axi.data_bits 512 -> 1024"})
    CHECK(!has(wide, beyond));
  CHECK(has(wide, "array.cols 16 -> 32"));
  CHECK(has(wide, "array.rows 256 -> 128"));
  // Options are there or not, whatever they are now.
  const auto plain =
      names(arch::load_arch("edge-16x16", {"precision.codebook=0", "precision.activation_bits=8"}));
  CHECK(has(plain, "sparsity.structured 0 -> 1"));
  CHECK(has(plain, "sparsity.bitmask 1 -> 0"));
  CHECK(has(plain, "precision.codebook 0 -> 1"));
  CHECK(has(plain, "precision.activation_bits 8 -> 4"));
  const auto dram = names(
      arch::load_arch("edge-16x16", {"memory.kind=ddr", "memory.preset=hbm2", "array.rows=7"}));
  CHECK(has(dram, "memory.channels 16 -> 8"));
  CHECK(!has(dram, "sparsity.structured 0 -> 1"));  // it wants an even number of rows
  CHECK(has(names(arch::load_arch("edge-16x16", {"axi.data_bits=64", "memory.bytes_per_cycle=8"})),
            "memory.bytes_per_cycle 8 -> 16 with axi.data_bits 64 -> 128"));
}

}  // namespace
}  // namespace systole
