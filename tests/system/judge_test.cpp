// SPDX-License-Identifier: Apache-2.0
// The compiler's judge and the model: the same cycles.
#include "compiler/lower/judge.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "compiler/lower/compile_back.h"
#include "sim/engine/engine.h"
#include "sim/engine/run_process.h"
#include "sim/engine/timed_model.h"
#include "tests/compile.h"
#include "tests/run_equal.h"

namespace systole {
namespace {

/// But for how long they took.
void check_equal(const platform::RunResult& a, const platform::RunResult& b) {
  check_equal_runs(a, b);
  CHECK(a.dump == b.dump);
}

/// LeNet's cycles, and when each instruction ran, by the judge and by the model.
void check_agrees(const arch::ArchConfig& arch, const pipeline::FrontOptions& options) {
  const graph::QGraph graph =
      compile_graph(SYSTOLE_SOURCE_DIR "/tests/data/lenet_fmnist.onnx", options);
  const program::Program program = lower::compile_back(graph, arch, {});
  const lower::Verdict verdict = lower::judge(program, arch, 0, true);

  platform::DramImage dram = platform::make_image(program);
  platform::RunOptions timing_only;
  timing_only.functional = false;
  const platform::RunResult run =
      engine::run_in_process(*engine::make_model_engine(arch), program, dram, timing_only);
  REQUIRE(run.status == platform::RunStatus::kFinished);
  CHECK(verdict.cycles == run.cycles);
  CHECK(verdict.retired == run.retired);
  CHECK(lower::judge(program, arch, run.cycles - 1).cycles == kNever);

  // The whole result, of the whole run and of one that is cut off.
  check_equal(engine::run_kernel(program, arch, timing_only), run);
  timing_only.cycle_limit = run.cycles / 2;
  platform::DramImage again = platform::make_image(program);
  check_equal(
      engine::run_kernel(program, arch, timing_only),
      engine::run_in_process(*engine::make_model_engine(arch), program, again, timing_only));
}

/// LeNet's cycles on `array` with the changes `set`.
Cycle lenet_cycles(const graph::QGraph& graph, const std::string& array,
                   const std::vector<std::string>& set) {
  const arch::ArchConfig arch = arch::load_arch(array, set);
  return lower::judge(lower::compile_back(graph, arch, {}), arch).cycles;
}

}  // namespace

TEST_CASE("the compiler's judge and the model agree to the cycle on an ideal memory") {
  check_agrees(arch::load_arch("edge-16x16", {"memory.kind=ideal", "memory.gb_per_s=3"}), {});
}

// Places of buffers decide here whether the second convolution's input is loaded while the first
// layers run: with 128 KiB it was not, for 9 % more cycles than with 64.
TEST_CASE("more unified buffer or accumulators never cost LeNet half a percent") {
  const graph::QGraph graph = compile_graph(SYSTOLE_SOURCE_DIR "/tests/data/lenet_fmnist.onnx", {});
  const std::vector<std::vector<std::string>> memories{
      {"memory.kind=ideal", "memory.gb_per_s=8"}, {"memory.kind=ddr", "memory.preset=ddr4-2400"}};
  const std::vector<std::vector<std::string>> richer{
      {"ub.kib=64", "ub.kib=128", "ub.kib=512"}, {"acc.rows=128", "acc.rows=256", "acc.rows=2048"}};
  for (const char* array : {"edge-16x16", "edge-32x32"})
    for (const auto& memory : memories)
      for (const auto& values : richer) {
        Cycle least = kNever;
        for (const std::string& value : values) {
          std::vector<std::string> set = memory;
          set.push_back(value);
          const Cycle cycles = lenet_cycles(graph, array, set);
          CAPTURE(array, memory, value, least);
          CHECK((least == kNever || cycles * 1000 <= least * 1005));
          least = std::min(least, cycles);
        }
      }
}

TEST_CASE("the compiler's judge and the model agree to the cycle on DDR4, with masks") {
  const arch::ArchConfig arch = arch::load_arch(
      "edge-32x32",
      {"memory.kind=ddr", "memory.preset=ddr4-2400", "sparsity.bitmask=1", "axi.data_bits=64"});
  pipeline::FrontOptions options;
  options.prune = {prune::parse_prune(std::vector<std::string>{"unstructured:0.8"}), arch.hw};
  check_agrees(arch, options);
}

TEST_CASE("the compiler's judge and the model agree to the cycle on a random memory") {
  check_agrees(arch::load_arch("edge-4x4", {"memory.kind=random"}), {});
}

}  // namespace systole
