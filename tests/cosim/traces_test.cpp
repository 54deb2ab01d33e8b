// SPDX-License-Identifier: Apache-2.0
// Traces of random programs, which fault, read the same bytes with two units and are cut off: each
// burst finds its instruction, and the memory answers as it did in the run.
#include <catch2/catch.hpp>
#include <map>

#include "model/golden/random_program.h"
#include "model/isa/any_instruction.h"
#include "sim/engine/run_process.h"
#include "sim/trace/dram_replay.h"
#include "sim/trace/names.h"
#include "sim/trace/retire_log.h"

namespace systole {
namespace {

constexpr uint64_t kPrograms = 150;

/// Payload bytes by class.
std::map<std::string, uint64_t> traced_bytes(const trace::TracedRun& run) {
  std::map<std::string, uint64_t> bytes;
  trace::replay_dram(run, [&](const trace::TracedBurst& burst) {
    bytes[trace::traffic_class(run.program, burst.owner)] += burst.owner.bytes;
  });
  return bytes;
}

std::map<std::string, uint64_t> counted_bytes(const platform::RunResult& result) {
  std::map<std::string, uint64_t> bytes;
  for (const auto& [name, counter] :
       {std::pair{"instructions", isa::Counter::kReadBytesInstructions},
        {"activations", isa::Counter::kReadBytesActivations},
        {"params", isa::Counter::kReadBytesParams},
        {"weights", isa::Counter::kReadBytesWeights},
        {"outputs", isa::Counter::kWriteBytes}})
    if (const uint64_t count = result.counters[static_cast<size_t>(counter)]; count > 0)
      bytes[name] = count;
  return bytes;
}

/// The bursts of each instruction that retired lie between its start and its end.
void check_owners(const trace::TracedRun& run) {
  std::map<uint32_t, core::RetireEvent> retired;
  for (const core::RetireEvent& event : run.result.retired) retired[event.pc] = event;
  const std::vector<trace::BurstOwner> owners = trace::burst_owners(run);
  REQUIRE(owners.size() == run.result.dram.size());
  for (size_t i = 0; i < owners.size(); ++i) {
    const auto event = retired.find(owners[i].pc);
    if (owners[i].unit == isa::Unit::kFetch || event == retired.end()) continue;
    CHECK(event->second.unit == owners[i].unit);
    CHECK(event->second.start < run.result.dram[i].cycle);
    CHECK(run.result.dram[i].cycle <= event->second.end + 1);
  }
}

void check_traces(arch::ArchConfig arch, const char* kind) {
  arch.memory.kind = kind;
  arch.memory.ddr = arch::ddr_preset("ddr5-4800");
  const auto engine = engine::make_model_engine(arch);
  int faults = 0;
  for (uint64_t seed = 1; seed <= kPrograms; ++seed) {
    CAPTURE(arch.name, kind, seed);
    const program::Program program = golden::random_program(arch.hw, seed);
    platform::RunOptions options;
    options.functional = false;
    Cycle cycles = 0;
    for (const bool cut : {false, true}) {
      options.cycle_limit = cut ? 1 + seed * 7919 % cycles : 0;
      platform::DramImage image = platform::make_image(program);
      const platform::RunResult result = run_in_process(*engine, program, image, options);
      cycles = result.cycles;
      const trace::TracedRun run{program, arch, result};
      check_owners(run);
      const auto traced = traced_bytes(run), counted = counted_bytes(result);
      if (!cut) CHECK(traced == counted);
      for (const auto& [name, bytes] : traced) CHECK(bytes <= counted.at(name));
      CHECK(trace::fetch_cycles(run).size() >= trace::dispatch_cycles(result).size());
      faults += result.status == platform::RunStatus::kFault;
    }
  }
  CHECK(faults > 0);
}

TEST_CASE("every burst of a random program has its instruction, in whole and in cut runs") {
  for (const char* name : {"4x4", "13x8"})
    for (const char* kind : {"ideal", "random", "ddr"})
      check_traces(
          arch::load_arch(SYSTOLE_SOURCE_DIR "/tests/cosim/archs/" + std::string(name) + ".yaml"),
          kind);
}

/// The same bytes for both load units, whichever the arbiter takes first.
TEST_CASE("bursts that two units want alike are dealt out by the cycles of their instructions") {
  arch::ArchConfig arch = arch::load_arch(SYSTOLE_SOURCE_DIR "/tests/cosim/archs/4x4.yaml");
  arch.memory.kind = "random";
  program::Program program;
  program.hw = arch.hw;
  program.code_addr = 0x4000;
  program.dram_bytes = 0x8000;
  for (int i = 0; i < 6; ++i) {
    isa::LoadCodebook codebook;
    codebook.dram_addr = 0x1000;
    isa::Load load;
    load.dram_addr = 0x1000;
    load.pixels = load.count0 = load.count1 = load.count2 = 1;
    load.pixel_bytes = 16;
    program.code.push_back(isa::encode(codebook, {}));
    program.code.push_back(isa::encode(load, {}));
  }
  for (uint64_t seed = 0; seed < 50; ++seed) {
    arch.memory.seed = seed;
    platform::DramImage image = platform::make_image(program);
    platform::RunOptions options;
    options.functional = false;
    const platform::RunResult result =
        run_in_process(*engine::make_model_engine(arch), program, image, options);
    REQUIRE(result.status == platform::RunStatus::kFinished);
    const trace::TracedRun run{program, arch, result};
    check_owners(run);
    CHECK(traced_bytes(run) == counted_bytes(result));
  }
}

}  // namespace
}  // namespace systole
