// SPDX-License-Identifier: Apache-2.0
// Runs engines side by side and words what is different.
#include "sim/cosim/cosim.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "model/base/error.h"
#include "model/golden/golden.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/run_process.h"
#include "sim/trace/wave_words.h"

namespace systole::cosim {
namespace {

Outcome run_one(engine::Engine& engine, const program::Program& program,
                const platform::DramImage& image, const platform::RunOptions& options) {
  Outcome outcome{engine.name(), {}, image};
  outcome.result = engine::run_in_process(engine, program, outcome.image, options);
  return outcome;
}

std::unique_ptr<engine::Engine> make_rtl(const arch::ArchConfig& arch,
                                         const CosimOptions& options) {
  return engine::make_rtl_engine(arch, {.trace = !options.run.wave_file.empty(),
                                        .quick = options.quick_build,
                                        .allow_large = options.allow_large});
}

/// Sets `first`, if nothing did yet.
std::string compare_images(const Outcome& run, const program::Program& program,
                           const arch::ArchConfig& arch, const platform::DramImage& golden,
                           std::optional<Divergence>& first) {
  const size_t size = std::min(run.image.size(), golden.size());
  for (size_t i = 0; i < size; ++i) {
    if (run.image[i] == golden[i]) continue;
    if (!first) first = first_wrong_byte({program, arch, run.result}, run.image, golden);
    return fmt::format("  dram byte 0x{:x}: {} has 0x{:02x}; the golden executor has 0x{:02x}\n", i,
                       run.engine, run.image[i], golden[i]);
  }
  return {};
}

/// How `run` differs from what the program means; empty if it does not. What completes before a
/// fault is a matter of time, so of a faulting program only the fault is compared.
std::string compare_golden(const Outcome& run, const program::Program& program,
                           const arch::ArchConfig& arch, const platform::DramImage& image,
                           std::optional<Divergence>& first) {
  const platform::RunStatus status = run.result.status;
  if (status == platform::RunStatus::kCycleLimit) return {};
  platform::DramImage golden = image;
  golden::GoldenOptions options;
  options.memory_bytes = arch.memory.size_mib << 20;
  const golden::GoldenResult expected = golden::run_golden(program, golden, options);
  switch (expected.status) {
    case golden::GoldenResult::Status::kFinished:
      if (status == platform::RunStatus::kFinished)
        return compare_images(run, program, arch, golden, first);
      return fmt::format("  status: {} stopped; the golden executor finished\n", run.engine);
    case golden::GoldenResult::Status::kFault: {
      const golden::GoldenFault fault{run.result.fault, run.result.fault_pc};
      const auto& all = expected.faults;
      if (status == platform::RunStatus::kFault &&
          std::find(all.begin(), all.end(), fault) != all.end())
        return {};
      return fmt::format("  fault: {} has {} at pc {}; the golden executor expects {} at pc {}\n",
                         run.engine, isa::fault_name(fault.code), fault.pc,
                         isa::fault_name(all.front().code), all.front().pc);
    }
    case golden::GoldenResult::Status::kDeadlock:
      if (status == platform::RunStatus::kWatchdog) return {};
      return fmt::format("  status: {} ended; the golden executor deadlocks: {}\n", run.engine,
                         expected.waiting);
  }
  return {};
}

/// The memory as options that say what is not the default.
std::string memory_options(const arch::MemoryConfig& memory) {
  const arch::MemoryConfig defaults;
  std::string options;
  const auto add = [&](const char* key, const auto& value, const auto& usual) {
    if (value != usual) options += fmt::format(" --set memory.{}={}", key, value);
  };
  add("kind", memory.kind, defaults.kind);
  add("size_mib", memory.size_mib, defaults.size_mib);
  if (memory.kind == "ideal") {
    add("bytes_per_cycle", memory.bytes_per_cycle, defaults.bytes_per_cycle);
    add("latency_cycles", memory.latency_cycles, defaults.latency_cycles);
  }
  if (memory.kind == "ddr") {
    const arch::DdrConfig preset = arch::ddr_preset(memory.ddr.preset);
    add("preset", memory.ddr.preset, std::string());
    add("mapping", memory.ddr.mapping, preset.mapping);
    for (const arch::DdrKey& key : arch::ddr_keys())
      add(key.key, memory.ddr.*key.member, preset.*key.member);
  }
  return options;
}

/// `arch` as the architecture `name` with what is to be changed of it. None: its memory cannot be
/// told so.
std::optional<std::string> options_from(const std::string& name, const arch::ArchConfig& arch) {
  const arch::ArchConfig named = arch::load_arch(name);
  const std::string memory = memory_options(arch.memory), usual = memory_options(named.memory);
  if (memory != usual && !usual.empty()) return std::nullopt;
  std::string options = " --arch " + name;
  for (const isa::HwParamInfo& param : isa::kHwParams)
    if (arch.hw.*param.member != named.hw.*param.member)
      options += fmt::format(" --set {}={}", param.key, arch.hw.*param.member);
  if (arch.clock_mhz != named.clock_mhz)
    options += fmt::format(" --set clock_mhz={}", arch.clock_mhz);
  return memory == usual ? options : options + memory;
}

/// The shortest options that give `arch`.
std::string arch_options(const arch::ArchConfig& arch) {
  std::string shortest = options_from("edge-16x16", arch).value();
  for (const std::string& name : arch::list_archs())
    if (auto options = options_from(name, arch); options && options->size() < shortest.size())
      shortest = std::move(*options);
  return shortest;
}

}  // namespace

CosimResult cosim_engines(engine::Engine& rtl, engine::Engine& model,
                          const program::Program& program, const arch::ArchConfig& arch,
                          const platform::DramImage& image, const CosimOptions& options) {
  platform::RunOptions plain = options.run;
  plain.wave_file.clear();
  CosimResult result;
  result.model = run_one(model, program, image, plain);
  platform::RunOptions waved = options.run;
  if (!waved.wave_file.empty())
    waved.wave_words =
        trace::wave_words({program, arch, result.model.result}, waved.wave_from, waved.wave_to);
  result.rtl = run_one(rtl, program, image, waved);
  result.difference = compare(result.rtl, result.model, program);
  if (!result.difference.empty())
    result.first = first_divergence(result.rtl, result.model, program, arch);
  if (options.golden)
    result.difference += compare_golden(result.rtl, program, arch, image, result.first);
  if (result.first) result.difference = divergence_text(*result.first, program) + result.difference;
  return result;
}

CosimResult cosim_program(const program::Program& program, const arch::ArchConfig& arch,
                          const platform::DramImage& image, const CosimOptions& options) {
  const auto rtl = make_rtl(arch, options);
  const auto model = engine::make_model_engine(arch);
  return cosim_engines(*rtl, *model, program, arch, image, options);
}

CosimBatch cosim_random(const arch::ArchConfig& arch, int count, uint64_t seed,
                        const golden::RandomOptions& random, const CosimOptions& options,
                        int max_different, const std::function<void(const CosimBatch&)>& progress) {
  CosimBatch batch;
  for (int i = 0; i < count && batch.different < max_different; ++i) {
    arch::ArchConfig own = arch;
    own.memory.seed = seed + static_cast<uint64_t>(i);
    CosimOptions run = options;
    run.run.reset_seed = own.memory.seed;
    const program::Program program = golden::random_program(arch.hw, own.memory.seed, random);
    // Made outside of the try: what goes wrong here, or interrupts a build, concerns the whole
    // batch.
    const auto rtl = make_rtl(own, run);
    const auto model = engine::make_model_engine(own);
    std::string difference;
    try {
      const CosimResult result =
          cosim_engines(*rtl, *model, program, own, platform::make_image(program), run);
      difference = result.difference;
      if (result.first && !batch.first) batch.first.emplace(own.memory.seed, result.first->cycle);
      batch.cycles += result.rtl.result.cycles;
      if (result.rtl.result.status == platform::RunStatus::kFault) ++batch.faults;
      if (result.rtl.result.status == platform::RunStatus::kCycleLimit) ++batch.cut;
    } catch (const Error& error) {
      // A run that could not be finished is a difference of its own.
      if (error.code() != ExitCode::kStopped && error.code() != ExitCode::kInternal) throw;
      difference = fmt::format("  {}\n", error.what());
    }
    ++batch.programs;
    if (!difference.empty()) {
      ++batch.different;
      batch.differences +=
          fmt::format("random program {} differs; run it again with\n  {}\n{}", own.memory.seed,
                      rerun_command(arch, own.memory.seed, run.run), difference);
    }
    if (progress) progress(batch);
  }
  return batch;
}

std::string rerun_command(const arch::ArchConfig& arch, uint64_t seed,
                          const platform::RunOptions& run) {
  std::string command =
      fmt::format("systole cosim --random 1 --seed {}{}", seed, arch_options(arch));
  if (run.cycle_limit > 0) command += fmt::format(" --cycle-limit {}", run.cycle_limit);
  if (run.watchdog_cycles != platform::RunOptions{}.watchdog_cycles)
    command += fmt::format(" --watchdog {}", run.watchdog_cycles);
  return command;
}

}  // namespace systole::cosim
