// SPDX-License-Identifier: Apache-2.0
// The changes of the hardware that `run --explain` tries are what compiling for them and running
// gives.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "sim/engine/run_process.h"
#include "sim/session/hardware_changes.h"

namespace systole {
namespace {

Cycle cycles_of(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const program::Program program = lower::compile_back(graph, arch, {});
  platform::DramImage dram = platform::make_image(program);
  const auto engine = engine::make_model_engine(arch);
  return engine::run_in_process(*engine, program, dram, {}).cycles;
}

TEST_CASE("each change of the hardware is a run of the network compiled for it") {
  const pipeline::NetworkPlan plan =
      pipeline::compile_front(SYSTOLE_SOURCE_DIR "/tests/data/lenet_fmnist.onnx", {});
  arch::ArchConfig arch = arch::load_arch("edge-16x16", {"memory.gb_per_s=8"});
  size_t told = 0;
  const auto results =
      session::try_hardware_changes(plan, arch, {}, 2, [&](size_t done) { told = done; });
  const auto changes = session::hardware_changes(arch);
  REQUIRE(results.size() == changes.size());
  CHECK(told == changes.size());
  for (const session::HardwareChange& change : changes) {
    const auto found = std::find_if(results.begin(), results.end(),
                                    [&](const auto& r) { return r.name == change.name; });
    INFO(change.name);
    REQUIRE(found != results.end());
    CHECK(found->cycles == cycles_of(*plan.stages.at(0).device, change.arch));
  }
  for (size_t i = 1; i < results.size(); ++i) CHECK(results[i - 1].cycles <= results[i].cycles);
  // Each of 10 weight bytes a MAC and 8 bytes a cycle: memory is what this network lacks.
  CHECK(results[0].name == "memory.bytes_per_cycle 8 -> 16");
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
  CHECK(std::none_of(wide.begin(), wide.end(), [](const std::string& name) {
    return name.starts_with("array.rows") || name.starts_with("queue.depth") ||
           name.starts_with("memory.bytes_per_cycle");  // 64 of the 64 that a bus may have
  }));
  CHECK(has(wide, "array.cols 16 -> 32"));
  CHECK(has(names(arch::load_arch("edge-16x16", {"axi.data_bits=64", "memory.bytes_per_cycle=8"})),
            "memory.bytes_per_cycle 8 -> 16 with axi.data_bits 64 -> 128"));
}

}  // namespace
}  // namespace systole
