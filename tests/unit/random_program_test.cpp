// SPDX-License-Identifier: Apache-2.0
// Random programs are legal, end as promised, and give one result whatever order the tokens allow.
#include "model/golden/random_program.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"
#include "model/golden/golden.h"
#include "model/golden/legality.h"
#include "model/program/program_json.h"

namespace systole::golden {
namespace {

isa::HwParams hardware(int rows, int cols, int ub_kib, int banks, int axi_bits, int beats) {
  isa::HwParams hw;
  hw.rows = rows;
  hw.cols = cols;
  hw.ub_kib = ub_kib;
  hw.ub_banks = banks;
  hw.axi_bits = axi_bits;
  hw.burst_beats = beats;
  hw.weight_bits = rows == cols ? 8 : 1;
  hw.act_bits = 1;
  hw.codebook = cols % 2;
  hw.bitmask = banks == 4 ? 1 : 0;
  hw.structured = rows % 2 == 0 && rows <= 128 && beats != 8 ? 1 : 0;
  return hw;
}

isa::HwParams tiny(isa::HwParams hw) {
  hw.ub_kib = 1;
  hw.wb_tiles = 2;
  hw.acc_rows = 2;
  hw.pb_rows = 2;
  hw.queue_depth = 1;
  hw.outstanding = 1;
  return hw;
}

std::vector<isa::HwParams> configurations() {
  return {hardware(1, 1, 1, 1, 32, 1),          hardware(4, 4, 16, 2, 32, 4),
          hardware(5, 3, 8, 2, 64, 8),          hardware(3, 7, 8, 4, 256, 2),
          hardware(8, 16, 64, 4, 256, 8),       hardware(16, 16, 256, 4, 512, 8),
          hardware(16, 16, 256, 1, 32, 256),    hardware(256, 256, 1024, 16, 512, 64),
          hardware(1, 256, 64, 1, 128, 4),      hardware(256, 1, 64, 4, 128, 4),
          tiny(hardware(1, 1, 1, 4, 32, 1)),    tiny(hardware(5, 3, 1, 2, 32, 2)),
          tiny(hardware(3, 7, 1, 4, 64, 1)),    tiny(hardware(16, 16, 1, 1, 512, 8)),
          tiny(hardware(256, 256, 1, 4, 32, 1))};
}

std::vector<uint8_t> image_of(const program::Program& program) {
  std::vector<uint8_t> image(program.dram_bytes);
  for (const program::Segment& segment : program.segments)
    std::copy(segment.bytes.begin(), segment.bytes.end(), image.begin() + segment.addr);
  return image;
}

std::string context(const isa::HwParams& hw, uint64_t seed) {
  return fmt::format("{}x{} UB {} KiB, seed {}", hw.rows, hw.cols, hw.ub_kib, seed);
}

}  // namespace

TEST_CASE("random programs are legal and give the same memory in every order") {
  for (const isa::HwParams& hw : configurations()) {
    REQUIRE(arch::check_params(hw) == "");
    int finished = 0, changed = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      INFO(context(hw, seed));
      const program::Program program = random_program(hw, seed);
      program::check_structure(program);  // nothing overlaps, nothing lies outside of dram
      const LegalityReport report = check_legality(program);
      REQUIRE(report.violation == "");
      std::vector<uint8_t> first = image_of(program), second = first;
      GoldenOptions options;
      const GoldenResult result = run_golden(program, first, options);
      REQUIRE(result.waiting == "");
      if (result.status == GoldenResult::Status::kFault) continue;
      options.order_seed = seed + 99;
      run_golden(program, second, options);
      const bool same = first == second;
      REQUIRE(same);
      ++finished;
      changed += first != image_of(program) ? 1 : 0;
    }
    // Most programs leave results in memory; a few store bytes that stood there already.
    INFO(context(hw, 0));
    CHECK(changed * 10 >= finished * 9);
    CHECK(finished >= 30);
  }
}

TEST_CASE("random programs cover every instruction and every fault") {
  std::map<uint8_t, int> opcodes;
  std::map<isa::Fault, int> faults;
  int diagonals = 0, products = 0, masked = 0, structured = 0, packed_structured = 0, holes = 0;
  int structured_products = 0, expanded = 0, expanded_structured = 0;
  std::map<int, int> narrow;
  std::map<std::pair<int, int>, int> expansions;  // by narrow and expand
  isa::HwParams hw = hardware(6, 8, 8, 4, 64, 4);
  hw.codebook = 1;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const program::Program program = random_program(hw, seed);
    for (const isa::Words& words : program.code) {
      const uint8_t opcode = isa::Header::decode(words).opcode;
      ++opcodes[opcode];
      diagonals += opcode == static_cast<uint8_t>(isa::Opcode::kLoadWeights) &&
                   isa::LoadWeights::decode(words).diagonal;
      if (opcode == static_cast<uint8_t>(isa::Opcode::kLoadWeights)) {
        const auto load = isa::LoadWeights::decode(words);
        ++narrow[load.narrow];
        masked += load.bitmask;
        structured += load.structured;
        packed_structured += load.structured && load.pack == 1;
        holes += load.holes != arch::Holes{};
      }
      if (opcode == static_cast<uint8_t>(isa::Opcode::kMatmul)) {
        const auto matmul = isa::Matmul::decode(words);
        structured_products += matmul.structured;
        expanded += matmul.expand > 0;
        expanded_structured += matmul.structured && matmul.expand > 0;
        if (matmul.narrow + matmul.expand < 4) ++expansions[{matmul.narrow, matmul.expand}];
      }
      products += opcode == static_cast<uint8_t>(isa::Opcode::kVectorSet) &&
                  isa::VectorSet::decode(words).multiply;
    }
    std::vector<uint8_t> image = image_of(program);
    for (const GoldenFault& fault : run_golden(program, image).faults) ++faults[fault.code];
  }
  for (const isa::InstructionInfo& info : isa::kInstructions) {
    INFO(info.name);
    CHECK(opcodes[static_cast<uint8_t>(info.opcode)] > 20);
  }
  CHECK(diagonals > 100);
  CHECK(products > 100);
  CHECK(masked > 100);
  CHECK(structured > 100);
  CHECK(packed_structured > 20);
  CHECK(structured_products > 100);
  CHECK(holes > 100);
  CHECK(expanded > 100);
  CHECK(expanded_structured > 20);
  for (int n = 0; n < 4; ++n)
    for (int e = 1; n + e < 4; ++e) CHECK(expansions[{n, e}] > 10);
  for (int n = 0; n < 4; ++n) CHECK(narrow[n] > 20);
  for (int fault = 1; fault <= 9; ++fault) {
    INFO(isa::fault_name(static_cast<isa::Fault>(fault)));
    CHECK(faults[static_cast<isa::Fault>(fault)] > 0);
  }
}

TEST_CASE("the same seed gives the same random program") {
  const isa::HwParams hw = hardware(8, 16, 64, 4, 256, 8);
  CHECK(random_program(hw, 7).code == random_program(hw, 7).code);
  CHECK(random_program(hw, 7).code != random_program(hw, 8).code);
}

}  // namespace systole::golden
