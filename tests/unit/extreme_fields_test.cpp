// SPDX-License-Identifier: Apache-2.0
// Instructions whose fields are as small or as large as they can be, alone and together: the golden
// executor and the model find the same faults, and end alike.
#include "tests/unit/extreme_fields.h"

#include "model/core/check.h"
#include "model/golden/golden.h"
#include "model/golden/instruction.h"
#include "model/golden/stream_check.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

constexpr size_t kMemoryBytes = size_t{1} << 20;
constexpr double kMostWork = 1e6;  ///< that of an instruction that is run

isa::HwParams hardware(int rows, int cols) {
  isa::HwParams hw;
  hw.rows = rows;
  hw.cols = cols;
  hw.ub_kib = 4;
  hw.acc_rows = 64;
  hw.pb_rows = 64;
  hw.wb_tiles = 8;
  hw.axi_bits = 64;
  hw.act_bits = 1;
  hw.weight_bits = 1;
  hw.codebook = hw.bitmask = 1;
  hw.structured = rows % 2 == 0 ? 1 : 0;
  return hw;
}

/// The largest of all arrays with the largest buffers: here extents are legal that nowhere else
/// are.
isa::HwParams largest() {
  isa::HwParams hw = hardware(256, 256);
  hw.structured = 0;
  hw.ub_kib = 65536;
  hw.acc_rows = 65536;
  hw.pb_rows = 65536;
  for (const isa::HwParamInfo& param : isa::kHwParams)
    hw.*param.member = std::min(hw.*param.member, param.max);
  return hw;
}

uint32_t largest_bits(const isa::FieldInfo& field) {
  if (field.kind == isa::FieldKind::kFloat) return 0x5f7fffff;  // just below 2^64
  return static_cast<uint32_t>(field.max) & (field.width == 32 ? ~0u : (1u << field.width) - 1);
}

/// Calls visit(words) for each field at each extreme, every two and three fields at their largest,
/// and all of them.
template <typename Visit>
void for_each_extreme(const isa::InstructionInfo& info, const Visit& visit) {
  const isa::Words plain = defaults(info);
  isa::Words all = plain;
  visit(plain);
  for (size_t a = 0; a < info.fields.size(); ++a) {
    const isa::FieldInfo& first = info.fields[a];
    all = with(all, first, largest_bits(first));
    for (const uint32_t bits : extremes(first)) visit(with(plain, first, bits));
    for (size_t b = a + 1; b < info.fields.size(); ++b) {
      const isa::FieldInfo& second = info.fields[b];
      for (const uint32_t one : extremes(first))
        for (const uint32_t other : extremes(second))
          visit(with(with(plain, first, one), second, other));
      const isa::Words two =
          with(with(plain, first, largest_bits(first)), second, largest_bits(second));
      for (size_t c = b + 1; c < info.fields.size(); ++c)
        for (const uint32_t bits : {largest_bits(info.fields[c]), uint32_t{2}, uint32_t{4}})
          visit(with(two, info.fields[c], bits));
    }
  }
  visit(all);
  for (const isa::FieldInfo& field : info.fields) visit(with(all, field, isa::default_bits(field)));
}

isa::Fault model_fault(const isa::Words& words, const isa::HwParams& hw) {
  core::Command command;
  return core::check_instruction(words, 0, hw, arch::Geometry(hw), command);
}

/// Runs `words` behind a sync on the golden executor and on the model, which must end alike.
void check_end(const isa::HwParams& hw, const isa::Words& words) {
  isa::Words sync{};
  sync[0] = static_cast<uint8_t>(isa::Opcode::kSyncLda);
  CoreBench bench(hw);
  bench.code = {sync, words};
  const BenchResult model = bench.run({.cycle_limit = 10'000'000, .watchdog_cycles = 2000});

  program::Program program;
  program.hw = hw;
  program.code = bench.code;
  program.code_addr = CoreBench::kCodeAddr;
  program.dram_bytes = kMemoryBytes;
  std::vector<uint8_t> dram(kMemoryBytes);
  const golden::GoldenResult golden =
      golden::run_golden(program, dram, {.memory_bytes = kMemoryBytes});
  switch (golden.status) {
    case golden::GoldenResult::Status::kFault: {
      const golden::GoldenFault fault{model.fault, model.fault_pc};
      REQUIRE(std::find(golden.faults.begin(), golden.faults.end(), fault) != golden.faults.end());
      return;
    }
    case golden::GoldenResult::Status::kDeadlock:
      REQUIRE(model.outcome == core::CoreKernel::Outcome::kWatchdog);
      return;
    case golden::GoldenResult::Status::kFinished:
      REQUIRE(model.outcome == core::CoreKernel::Outcome::kFinished);
      REQUIRE(model.fault == isa::Fault::kNone);
  }
}

TEST_CASE("weights of more bytes than 32 bits count fault in the golden executor as in the model") {
  const isa::LoadWeights load = [] {
    isa::LoadWeights w;
    w.positions = w.channels = 65535;
    w.cols = 4;
    return w;
  }();
  const isa::Words words = encode(load);
  CHECK(golden::weight_bytes(load) == int64_t{65535} * 65535 * 4);
  CHECK(golden::dispatch_fault(words, hardware(4, 4)) == isa::Fault::kDramRange);
  CHECK(model_fault(words, hardware(4, 4)) == isa::Fault::kDramRange);
  check_end(hardware(4, 4), words);
}

TEST_CASE("a weight stream of more tiles than bytes is refused without listing them") {
  program::Program program;
  program.hw = hardware(2, 2);
  isa::LoadWeights load;
  load.positions = load.channels = 65535;
  load.structured = true;
  load.stream_bytes = 1;
  CHECK(golden::stream_problem(load, program) ==
        "has a weight stream of 1 bytes, of which its 1073725440 tiles take more");
}

TEST_CASE("fields at their extremes fault alike in the golden executor and the model") {
  for (const isa::HwParams& hw : {hardware(1, 1), hardware(2, 2), hardware(4, 8), largest()}) {
    REQUIRE(arch::check_params(hw) == "");
    size_t faults = 0, legal = 0;
    for (const isa::InstructionInfo& info : isa::kInstructions)
      for_each_extreme(info, [&](const isa::Words& words) {
        const isa::Fault golden = golden::dispatch_fault(words, hw);
        (golden == isa::Fault::kNone ? legal : faults) += 1;
        if (golden == model_fault(words, hw)) return;
        INFO(hw.rows << "x" << hw.cols << ": " << text_of(info, words));
        REQUIRE(isa::fault_name(golden) == isa::fault_name(model_fault(words, hw)));
      });
    CHECK(faults > 20'000);
    CHECK(legal > 1'000);
  }
}

TEST_CASE("programs with fields at their extremes end alike on the golden executor and the model") {
  const isa::HwParams hw = hardware(2, 2);
  const arch::Geometry geometry(hw);
  size_t run = 0;
  for (const isa::InstructionInfo& info : isa::kInstructions)
    for (const isa::FieldInfo& field : info.fields)
      for (const uint32_t bits : extremes(field)) {
        const isa::Words words = with(defaults(info), field, bits);
        if (golden::dispatch_fault(words, hw) == isa::Fault::kNone &&
            golden::work_of(golden::decode_instruction(words, 0), geometry) > kMostWork)
          continue;
        INFO(text_of(info, words));
        check_end(hw, words);
        ++run;
      }
  CHECK(run > 500);
}

}  // namespace
}  // namespace systole
