// SPDX-License-Identifier: Apache-2.0
// Compiles a quantised graph and holds the program to the reference.
#include "tests/unit/lower_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/lower/least_work.h"
#include "model/golden/golden.h"
#include "model/golden/legality.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

using Bytes = std::vector<int8_t>;

/// What is told before planning is no more than what is told of the program.
void check_least_work(const graph::QGraph& graph, const arch::ArchConfig& arch,
                      const program::Program& program) {
  const lower::LeastWork least = lower::least_work(graph, arch);
  lower::LeastWork bound;
  for (const program::LayerInfo& layer : program.layers) {
    bound.mxu += layer.mxu_bound;
    bound.vpu += layer.vpu_bound;
    bound.bytes += layer.weight_bytes + layer.least_bytes;
  }
  CHECK(least.mxu <= bound.mxu);
  CHECK(least.vpu <= bound.vpu);
  CHECK(least.bytes <= bound.bytes);
}

}  // namespace

std::string describe(const isa::HwParams& hw) {
  std::string text;
  for (const isa::HwParamInfo& p : isa::kHwParams)
    text += fmt::format("{}={} ", p.key, hw.*p.member);
  return text;
}

program::Program check_compiled(const graph::QGraph& graph, const isa::HwParams& hw,
                                SeededRandom& random, const std::string& where, std::string* dump,
                                const choices::Choices& choices) {
  INFO(where);
  arch::ArchConfig arch;
  arch.hw = hw;
  const program::Program program =
      lower::compile_back(graph, arch, {.choices = choices, .ir_dump = dump});
  check_least_work(graph, arch, program);
  const golden::LegalityReport report = golden::check_legality(program);
  INFO(report.violation);
  REQUIRE(report.legal());
  REQUIRE(report.fault == isa::Fault::kNone);

  std::vector<uint8_t> dram(program.dram_bytes);
  for (const program::Segment& s : program.segments)
    std::copy(s.bytes.begin(), s.bytes.end(), dram.begin() + s.addr);
  const std::vector<Bytes> inputs = random_inputs(graph, random);
  for (size_t k = 0; k < inputs.size(); ++k)
    std::transform(inputs[k].begin(), inputs[k].end(), dram.begin() + program.inputs[k].addr,
                   [](int8_t b) { return static_cast<uint8_t>(b); });
  const golden::GoldenResult result =
      golden::run_golden(program, dram, {.order_seed = random.next()});
  INFO(result.waiting);
  REQUIRE(result.status == golden::GoldenResult::Status::kFinished);

  const std::vector<Bytes> expected = run_reference(graph, inputs);
  for (size_t k = 0; k < graph.outputs.size(); ++k) {
    const Bytes& want = expected[graph.outputs[k]];
    const uint8_t* got = dram.data() + program.outputs[k].addr;
    const auto [first, other] =
        std::mismatch(want.begin(), want.end(), got,
                      [](int8_t a, uint8_t b) { return a == static_cast<int8_t>(b); });
    INFO("output " << k << " differs from byte " << first - want.begin() << " on");
    REQUIRE(first == want.end());
  }
  return program;
}

platform::RunResult run_on_model(const program::Program& program, const isa::HwParams& hw) {
  arch::ArchConfig arch;
  arch.hw = hw;
  platform::DramImage dram = platform::make_image(program);
  platform::RunResult run =
      engine::run_in_process(*engine::make_model_engine(arch), program, dram, {});
  REQUIRE(run.status == platform::RunStatus::kFinished);
  return run;
}

}  // namespace systole
