// SPDX-License-Identifier: Apache-2.0
// Instructions whose fields are as small or as large as they can be, alone and together: the golden
// executor and the model find the same faults, and end alike.
#include <fmt/format.h>

#include "model/core/check.h"
#include "model/golden/golden.h"
#include "model/golden/instruction.h"
#include "model/isa/field_default.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

constexpr size_t kMemoryBytes = size_t{1} << 20;
constexpr double kMostWork = 1e6;  ///< that of an instruction that is run

HwParams hardware(int rows, int cols) {
  HwParams hw;
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
HwParams largest() {
  HwParams hw = hardware(256, 256);
  hw.structured = 0;
  hw.ub_kib = 65536;
  hw.acc_rows = 65536;
  hw.pb_rows = 65536;
  for (const HwParamInfo& param : kHwParams)
    hw.*param.member = std::min(hw.*param.member, param.max);
  return hw;
}

isa::Words defaults(const isa::InstructionInfo& info) {
  isa::Words words{};
  words[0] = static_cast<uint8_t>(info.opcode);
  for (const isa::FieldInfo& field : info.fields)
    isa::set_bits(words, field.word, field.lsb, field.width, default_bits(field));
  return words;
}

isa::Words with(isa::Words words, const isa::FieldInfo& field, uint32_t bits) {
  isa::set_bits(words, field.word, field.lsb, field.width, bits);
  return words;
}

/// The bits of all ones, of the largest and the smallest legal value, 0, 1, and the sign alone.
std::vector<uint32_t> extremes(const isa::FieldInfo& field) {
  const uint32_t ones = field.width == 32 ? ~0u : (1u << field.width) - 1;
  std::vector<uint32_t> values = {ones, 0, 1 & ones, 1u << (field.width - 1)};
  if (field.kind != isa::FieldKind::kFloat)
    for (const int64_t value : {field.min, field.max, field.min + 1, field.max - 1})
      values.push_back(static_cast<uint32_t>(value) & ones);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

uint32_t largest_bits(const isa::FieldInfo& field) {
  if (field.kind == isa::FieldKind::kFloat) return 0x5f7fffff;  // just below 2^64
  return static_cast<uint32_t>(field.max) & (field.width == 32 ? ~0u : (1u << field.width) - 1);
}

std::string text_of(const isa::InstructionInfo& info, const isa::Words& words) {
  std::string text = info.name;
  for (const isa::FieldInfo& field : info.fields) {
    const uint32_t bits = isa::get_bits(words, field.word, field.lsb, field.width);
    if (bits != default_bits(field)) text += fmt::format(" {}={:#x}", field.name, bits);
  }
  return text;
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
  for (const isa::FieldInfo& field : info.fields) visit(with(all, field, default_bits(field)));
}

isa::Fault model_fault(const isa::Words& words, const HwParams& hw) {
  Command command;
  return check_instruction(words, 0, hw, Geometry(hw), command);
}

/// Runs `words` behind a sync on the golden executor and on the model, which must end alike.
void check_end(const HwParams& hw, const isa::Words& words) {
  isa::Words sync{};
  sync[0] = static_cast<uint8_t>(isa::Opcode::kSyncLda);
  CoreBench bench(hw);
  bench.code = {sync, words};
  const BenchResult model = bench.run({.cycle_limit = 10'000'000, .watchdog_cycles = 2000});

  Program program;
  program.hw = hw;
  program.code = bench.code;
  program.code_addr = CoreBench::kCodeAddr;
  program.dram_bytes = kMemoryBytes;
  std::vector<uint8_t> dram(kMemoryBytes);
  const GoldenResult golden = run_golden(program, dram, {.memory_bytes = kMemoryBytes});
  switch (golden.status) {
    case GoldenResult::Status::kFault: {
      const GoldenFault fault{model.fault, model.fault_pc};
      REQUIRE(std::find(golden.faults.begin(), golden.faults.end(), fault) != golden.faults.end());
      return;
    }
    case GoldenResult::Status::kDeadlock:
      REQUIRE(model.outcome == CoreKernel::Outcome::kWatchdog);
      return;
    case GoldenResult::Status::kFinished:
      REQUIRE(model.outcome == CoreKernel::Outcome::kFinished);
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
  isa::Words words{};
  words[0] = static_cast<uint8_t>(isa::Opcode::kLoadWeights);
  load.encode(words);
  CHECK(weight_bytes(load) == int64_t{65535} * 65535 * 4);
  CHECK(dispatch_fault(words, hardware(4, 4)) == isa::Fault::kDramRange);
  CHECK(model_fault(words, hardware(4, 4)) == isa::Fault::kDramRange);
  check_end(hardware(4, 4), words);
}

TEST_CASE("fields at their extremes fault alike in the golden executor and the model") {
  for (const HwParams& hw : {hardware(1, 1), hardware(2, 2), hardware(4, 8), largest()}) {
    REQUIRE(check_params(hw) == "");
    size_t faults = 0, legal = 0;
    for (const isa::InstructionInfo& info : isa::kInstructions)
      for_each_extreme(info, [&](const isa::Words& words) {
        const isa::Fault golden = dispatch_fault(words, hw);
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
  const HwParams hw = hardware(2, 2);
  const Geometry geometry(hw);
  size_t run = 0;
  for (const isa::InstructionInfo& info : isa::kInstructions)
    for (const isa::FieldInfo& field : info.fields)
      for (const uint32_t bits : extremes(field)) {
        const isa::Words words = with(defaults(info), field, bits);
        if (dispatch_fault(words, hw) == isa::Fault::kNone &&
            work_of(decode_instruction(words, 0), geometry) > kMostWork)
          continue;
        INFO(text_of(info, words));
        check_end(hw, words);
        ++run;
      }
  CHECK(run > 500);
}

}  // namespace
}  // namespace systole
