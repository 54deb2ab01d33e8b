// SPDX-License-Identifier: Apache-2.0
// Batches one behind the other in one program.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/golden/golden.h"
#include "model/golden/legality.h"
#include "model/program/assembler.h"
#include "model/program/program_file.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

using Bytes = std::vector<int8_t>;

program::Program compile(const graph::QGraph& graph, const isa::HwParams& hw, int64_t repeat,
                         const choices::Choices& choices = {}) {
  arch::ArchConfig arch;
  arch.hw = hw;
  return lower::compile_back(graph, arch, {.choices = choices, .repeat = repeat});
}

/// Each repetition has inputs of its own, and its outputs are the reference's.
void check_repetitions(const graph::QGraph& graph, const program::Program& program, int64_t repeat,
                       SeededRandom& random) {
  const golden::LegalityReport report = golden::check_legality(program);
  INFO(report.violation);
  REQUIRE(report.legal());
  std::vector<uint8_t> dram(program.dram_bytes);
  for (const program::Segment& s : program.segments)
    std::copy(s.bytes.begin(), s.bytes.end(), dram.begin() + s.addr);
  std::vector<std::vector<Bytes>> expected;
  for (int64_t r = 0; r < repeat; ++r) {
    const std::vector<Bytes> inputs = random_inputs(graph, random);
    for (size_t k = 0; k < inputs.size(); ++k)
      std::copy(inputs[k].begin(), inputs[k].end(),
                dram.begin() + program.inputs[k].addr + r * std::ssize(inputs[k]));
    expected.push_back(run_reference(graph, inputs));
  }
  REQUIRE(golden::run_golden(program, dram, {.order_seed = random.next()}).status ==
          golden::GoldenResult::Status::kFinished);
  for (int64_t r = 0; r < repeat; ++r)
    for (size_t k = 0; k < graph.outputs.size(); ++k) {
      INFO("repetition " << r << ", output " << k);
      const Bytes& want = expected[static_cast<size_t>(r)][graph.outputs[k]];
      const auto* got = reinterpret_cast<const int8_t*>(dram.data()) + program.outputs[k].addr +
                        r * std::ssize(want);
      REQUIRE(std::equal(want.begin(), want.end(), got));
    }
}

template <class Instruction>
int64_t count(const program::Program& program) {
  return std::count_if(program.code.begin(), program.code.end(), [](const isa::Words& words) {
    return isa::Header::decode(words).opcode == static_cast<uint8_t>(Instruction::kOpcode);
  });
}

/// A convolution of 8 channels to `channels`, and a pooling: with 8 columns and channels, one load
/// of weights.
graph::QGraph small_network(SeededRandom& random, int64_t channels) {
  GraphBuilder builder(random, 1);
  const graph::TensorId conv = builder.conv(builder.input(8, 8, 8), {.kh = 3, .kw = 3}, channels);
  return builder.finish({builder.pool(conv, {.kh = 2, .kw = 2}, true, false)});
}

isa::HwParams small_hardware() {
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  hw.wb_tiles = 32;
  return hw;
}

}  // namespace

TEST_CASE("random networks give the reference's bytes in every repetition") {
  std::vector<uint64_t> seeds = {6802};  // weights that wait for loads behind stores
  for (uint64_t seed = 5000; seed < 5060; ++seed) seeds.push_back(seed);
  for (const uint64_t seed : seeds) {
    SeededRandom random(seed);
    const isa::HwParams hw = random_hardware(random);
    const arch::Geometry geometry(hw);
    const graph::QGraph graph =
        random_graph(random, geometry.whole_slices() ? geometry.act_bits : 8);
    const int64_t repeat = 2 + static_cast<int64_t>(seed % 3);
    const choices::Choices choices{.keep_on_chip = seed % 4 != 0, .prefetch = seed % 5 != 0};
    INFO("seed " << seed << ", " << repeat << " repetitions on " << describe(hw));
    const program::Program program = compile(graph, hw, repeat, choices);
    CHECK(program.batch == repeat * graph.batch);
    CHECK(program.repeat == repeat);
    check_repetitions(graph, program, repeat, random);
  }
}

TEST_CASE("one repetition is the program without, to the byte") {
  SeededRandom random(3);
  const graph::QGraph graph = small_network(random, 24);
  arch::ArchConfig arch;
  arch.hw = small_hardware();
  CHECK(program::program_bytes(compile(graph, arch.hw, 1)) ==
        program::program_bytes(lower::compile_back(graph, arch, {})));
}

TEST_CASE("parameters that stay are loaded once, and so are the weights of one load") {
  SeededRandom random(3);
  const graph::QGraph graph = small_network(random, 8);
  const program::Program once = compile(graph, small_hardware(), 1);
  const program::Program thrice = compile(graph, small_hardware(), 3);
  CHECK(count<isa::LoadParam>(once) == count<isa::LoadParam>(thrice));
  CHECK(count<isa::LoadWeights>(thrice) == 1);
  CHECK(count<isa::Matmul>(thrice) == 3 * count<isa::Matmul>(once));
  CHECK(count<isa::Store>(thrice) == 3 * count<isa::Store>(once));
  check_repetitions(graph, thrice, 3, random);
}

TEST_CASE("weights that do not fit the ring, or come in several loads, are loaded again") {
  SeededRandom random(3);
  const graph::QGraph graph = small_network(random, 8);
  isa::HwParams hw = small_hardware();
  hw.wb_tiles = 8;  // of the nine of a 3x3 kernel over 8 channels
  CHECK(count<isa::LoadWeights>(compile(graph, hw, 3)) ==
        3 * count<isa::LoadWeights>(compile(graph, hw, 1)));
  const graph::QGraph wide = small_network(random, 24);  // three column tiles
  CHECK(count<isa::LoadWeights>(compile(wide, small_hardware(), 3)) ==
        3 * count<isa::LoadWeights>(compile(wide, small_hardware(), 1)));
}

TEST_CASE("a program file and its text keep the repetitions") {
  SeededRandom random(3);
  const program::Program program = compile(small_network(random, 8), small_hardware(), 3);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("repeat_{}.sysb", getpid());
  program.save(file);
  CHECK(program::Program::load(file).repeat == 3);
  std::filesystem::remove(file);
  program::Program broken = program;
  broken.repeat = 2;
  CHECK_THROWS_WITH(program::program_bytes(broken), "2 repetitions of batches of 3 items together");
}

TEST_CASE("outputs without a leading dimension cannot be repeated") {
  SeededRandom random(3);
  graph::QGraph graph = small_network(random, 8);
  graph::QTensor& out = graph.tensors[static_cast<size_t>(graph.outputs[0])];
  out.onnx_shape = {8, 5, 5};
  CHECK_THROWS_WITH(compile(graph, small_hardware(), 2),
                    fmt::format("'{}' has the shape [8, 5, 5], which has no leading dimension for "
                                "2 batches",
                                out.name));
}

TEST_CASE("repetitions that the memory cannot hold are refused") {
  SeededRandom random(3);
  arch::ArchConfig arch;
  arch.hw = small_hardware();
  arch.memory.size_mib = 1;
  CHECK_THROWS_WITH(lower::compile_back(small_network(random, 8), arch, {.repeat = 1024}),
                    Catch::Matchers::Contains("bytes of DRAM, memory.size_mib gives 1 MiB"));
}

}  // namespace systole
