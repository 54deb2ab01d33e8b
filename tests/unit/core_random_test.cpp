// SPDX-License-Identifier: Apache-2.0
// Random programs, legal or not: skipping idle cycles changes nothing, and nothing hangs or leaves
// its buffers.
#include "model/arch/weight_rows.h"
#include "model/golden/golden.h"
#include "model/golden/random_program.h"
#include "model/isa/units.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

using isa::Opcode;

isa::HwParams random_params(std::mt19937& random) {
  static constexpr int kSizes[][2] = {{1, 1}, {4, 4}, {5, 3}, {3, 7}, {8, 16}, {16, 16}};
  const auto pick = [&](std::initializer_list<int> values) {
    return values.begin()[random() % values.size()];
  };
  isa::HwParams hw;
  const auto& size = kSizes[random() % 6];
  hw.rows = size[0];
  hw.cols = size[1];
  hw.ub_kib = pick({1, 4, 16});
  hw.ub_banks = pick({1, 2, 4});
  hw.wb_tiles = pick({2, 3, 8});
  hw.acc_rows = pick({2, 16, 64});
  hw.pb_rows = pick({2, 6, 16});
  hw.axi_bits = pick({32, 64, 256, 512});
  hw.burst_beats = pick({1, 2, 8});
  hw.outstanding = pick({1, 2, 8});
  hw.queue_depth = pick({1, 2, 8});
  hw.weight_bits = pick({1, 2, 8});
  hw.act_bits = pick({1, 2, 4, 8});
  hw.codebook = pick({0, 1});
  hw.structured = hw.rows % 2 == 0 ? pick({0, 1}) : 0;
  return hw;
}

/// An instruction whose fields are mostly small, sometimes wild.
isa::Words random_instruction(const isa::HwParams& hw, std::mt19937& random) {
  const arch::Geometry geo(hw);
  const isa::InstructionInfo& info = isa::kInstructions[random() % isa::kInstructions.size()];
  isa::Words words{};
  const uint32_t ub_part = static_cast<uint32_t>(std::max<int64_t>(1, geo.ub_words / 4));
  for (const isa::FieldInfo& field : info.fields) {
    const std::string name = field.name;
    uint32_t value = static_cast<uint32_t>(field.min) + random() % 4;
    if (name == "dram_addr") value = random() % 0x8000;
    if (name.starts_with("dram_stride")) value = random() % 200;
    if (name == "ub_addr" || name == "dst_addr" || name == "res_addr") value = random() % ub_part;
    if (name == "channels" || name == "pixel_bytes" || name == "size")
      value = 1 + random() % static_cast<uint32_t>(3 * geo.lanes);
    if (name == "row_bytes") value = 1 + random() % 300;
    if (name == "cols") value = 1 + random() % static_cast<uint32_t>(hw.cols);
    if (name == "lanes_m1" || name.ends_with("_slice")) value = 0;
    if (name == "pixels" || name == "windows" || name == "ow") value = 1 + random() % 12;
    if (field.kind == isa::FieldKind::kFloat) value = 0x3f000000 + random() % 0x1000000;
    if (name == "clamp_lo" || name == "mid_lo") value = static_cast<uint32_t>(-100);
    if (name == "row" || name == "param_row") value = 0;
    if (random() % 200 == 0) value = random();
    isa::set_bits(words, field.word, field.lsb, field.width, value);
  }
  if (info.opcode == Opcode::kLoadWeights && random() % 20 != 0) {
    auto load = isa::LoadWeights::decode(words);
    if (random() % 2 == 0) load.holes = {};
    load.bitmask = load.bitmask && hw.bitmask != 0;
    load.structured = load.structured && hw.structured != 0;
    const bool stream = arch::needs_stream_bytes(load);
    load.diagonal = load.diagonal && !stream;
    load.stream_bytes = stream ? 1 + random() % 400 : 0;
    load.encode(words);
  }
  const uint32_t partners = isa::partners_of(info.unit);
  isa::Header header;
  header.opcode = static_cast<uint8_t>(info.opcode);
  if (random() % 6 == 0) header.signal = static_cast<uint16_t>(random() & partners);
  if (random() % 40 == 0)
    header.wait = static_cast<uint16_t>(1u << random() % isa::kUnits & partners);
  header.encode(words);
  if (random() % 300 == 0) words[random() % 16] ^= 1u << random() % 32;
  return words;
}

BenchResult run_once(const isa::HwParams& hw, const std::vector<isa::Words>& code, uint32_t seed,
                     bool every_cycle, bool functional, std::vector<uint8_t>& dram) {
  CoreBench bench(hw);
  std::mt19937 random(seed);
  for (size_t i = 0; i < 0x10000; ++i) bench.memory.bytes[i] = static_cast<uint8_t>(random());
  bench.memory.random = seed % 3 != 0 ? &random : nullptr;
  bench.code = code;
  BenchResult result = bench.run(
      {.cycle_limit = 20000, .watchdog_cycles = 300, .every_cycle = every_cycle}, functional);
  dram = std::move(bench.memory.bytes);
  return result;
}

}  // namespace

TEST_CASE("random programs run alike whether idle cycles are skipped or not") {
  const uint32_t first = 1, count = 300;
  for (uint32_t seed = first; seed < first + count; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const isa::HwParams hw = random_params(random);
    REQUIRE(arch::check_params(hw).empty());
    std::vector<isa::Words> code(1 + random() % 60);
    for (isa::Words& words : code) words = random_instruction(hw, random);

    std::vector<uint8_t> dram[3];
    const BenchResult event = run_once(hw, code, seed, false, true, dram[0]);
    const BenchResult ticked = run_once(hw, code, seed, true, true, dram[1]);
    const BenchResult timing = run_once(hw, code, seed, false, false, dram[2]);
    for (const BenchResult* other : {&ticked, &timing}) {
      REQUIRE(event.outcome == other->outcome);
      REQUIRE(event.cycles == other->cycles);
      REQUIRE(event.fault == other->fault);
      REQUIRE(event.fault_pc == other->fault_pc);
      REQUIRE(event.counters == other->counters);
      REQUIRE(event.log.dram == other->log.dram);
      REQUIRE(event.log.retired == other->log.retired);
    }
    REQUIRE(dram[0] == dram[1]);
  }
}

TEST_CASE("words of random bits never hang or leave their buffers") {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    isa::HwParams hw = random_params(random);
    hw.bitmask = static_cast<int>(random() % 2);
    std::vector<isa::Words> code(8);
    for (isa::Words& words : code) {
      const isa::InstructionInfo& info = isa::kInstructions[random() % isa::kInstructions.size()];
      for (int i = 0; i < isa::kInstructionWords; ++i)
        words[i] = random() & random() & info.used[i];
      words[0] = static_cast<uint8_t>(info.opcode);
      words[1] = 0;
    }
    std::vector<uint8_t> dram;
    const BenchResult result = run_once(hw, code, seed, false, true, dram);
    CHECK(result.outcome != core::CoreKernel::Outcome::kRunning);
  }
}

TEST_CASE("legal random programs leave the memory that the golden executor leaves") {
  int finished = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    isa::HwParams hw = random_params(random);
    hw.bitmask = static_cast<int>(random() % 2);
    const program::Program program = golden::random_program(hw, seed);
    std::vector<uint8_t> image(std::max<uint64_t>(program.dram_bytes, 1));
    for (const program::Segment& segment : program.segments)
      std::copy(segment.bytes.begin(), segment.bytes.end(), image.begin() + segment.addr);
    std::memcpy(image.data() + program.code_addr, program.code.data(),
                program.code.size() * sizeof(isa::Words));
    image.resize((image.size() + 4095) / 4096 * 4096);

    FixedMemory memory(static_cast<size_t>(hw.axi_bits) / 8);
    memory.bytes = image;
    memory.end = image.size();
    memory.random = &random;
    core::Datapath datapath(hw);
    core::CoreKernel kernel(hw, memory, &datapath, nullptr, program.code_addr,
                            static_cast<uint32_t>(program.code.size()), {});
    while (kernel.outcome() == core::CoreKernel::Outcome::kRunning) kernel.step();
    REQUIRE(kernel.outcome() == core::CoreKernel::Outcome::kFinished);

    const golden::GoldenResult golden = golden::run_golden(program, image);
    if (golden.status == golden::GoldenResult::Status::kFault) {
      const golden::GoldenFault fault{kernel.fault(), kernel.fault_pc()};
      CHECK(std::find(golden.faults.begin(), golden.faults.end(), fault) != golden.faults.end());
      continue;
    }
    ++finished;
    CHECK(kernel.fault() == isa::Fault::kNone);
    CHECK(memory.bytes == image);
  }
  CHECK(finished > 20);
}

}  // namespace systole
