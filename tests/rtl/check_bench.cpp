// SPDX-License-Identifier: Apache-2.0
// The checker of dispatch: faults and held ports against the model's checker, at and around every
// limit.
#include <catch2/catch.hpp>
#include <map>

#include "Vsys_check_ROWS13_COLS8_UB_KIB4_UB_BANKS4_ACT_BITS2.h"
#include "Vsys_check_ROWS16_COLS16_UB_KIB4_UB_BANKS4_BITMASK1_STRUCTURED1.h"
#include "Vsys_check_ROWS1_COLS1_UB_KIB1_UB_BANKS1.h"
#include "Vsys_check_ROWS3_COLS7_UB_KIB3_UB_BANKS2.h"
#include "Vsys_check_ROWS5_COLS3_UB_KIB2_UB_BANKS16.h"
#include "model/arch/weight_rows.h"
#include "model/core/check.h"
#include "model/isa/units.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

isa::HwParams small_hw(int rows, int cols, int ub_kib, int ub_banks) {
  isa::HwParams hw;
  hw.rows = rows, hw.cols = cols, hw.ub_kib = ub_kib, hw.ub_banks = ub_banks;
  return hw;
}

/// Draws instructions that are mostly small enough to be legal, with now and then a field at an
/// edge, out of its range, or anywhere; so that each check decides often.
class Drawer {
 public:
  Drawer(uint64_t seed, const isa::HwParams& hw) : random_(seed), geometry_(hw) {}

  isa::Words draw() {
    const auto& info = isa::kInstructions[pick(0, isa::kInstructions.size() - 1)];
    isa::Words words{};
    int opcode = static_cast<int>(info.opcode);
    if (pick(0, 60) == 0) opcode = static_cast<int>(pick(0, 255));
    isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(opcode));
    isa::set_bits(words, 0, 16, 16, static_cast<uint32_t>(random_()));
    isa::set_bits(words, 1, 0, 32, sets(static_cast<int>(info.unit)));
    const int wild = static_cast<int>(pick(0, 3));  // fields that may be anything, on average
    for (const auto& f : info.fields)
      isa::set_bits(words, f.word, f.lsb, f.width, field(f, info.fields.size(), wild));
    if (info.opcode == isa::Opcode::kLoadWeights && pick(0, 3) != 0) tidy_weights(words);
    if (info.opcode == isa::Opcode::kMatmul && pick(0, 3) != 0) {
      auto matmul = isa::Matmul::decode(words);
      matmul.structured = false;
      if (geometry_.act_bits == 8) matmul.narrow = matmul.expand = 0;
      matmul.encode(words);
    }
    if (pick(0, 60) == 0) {
      const auto bit = pick(0, 511);
      words[bit / 32] ^= 1u << (bit % 32);
    }
    return words;
  }

 private:
  /// Mostly a format without a stream, or one whose stream has bytes.
  void tidy_weights(isa::Words& words) {
    auto load = isa::LoadWeights::decode(words);
    if (pick(0, 1) != 0) load.holes = {};
    load.bitmask = load.bitmask && pick(0, 2) == 0;
    load.structured = load.structured && pick(0, 2) == 0;
    const bool stream = arch::needs_stream_bytes(load);
    load.stream_bytes = stream ? static_cast<uint32_t>(pick(1, 5000)) : 0;
    if (stream) load.diagonal = false;
    load.encode(words);
  }

  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random_);
  }

  uint32_t sets(int unit) {
    if (pick(0, 60) == 0) return static_cast<uint32_t>(random_() & random_());
    const uint32_t legal = isa::partners_of(isa::Unit(unit));
    return (static_cast<uint32_t>(random_()) & legal) | (static_cast<uint32_t>(random_()) & legal)
                                                            << 16;
  }

  uint32_t field(const isa::FieldInfo& f, size_t fields, int wild) {
    if (f.kind == isa::FieldKind::kFloat) {
      const int exponent = pick(0, 9) == 0 ? static_cast<int>(pick(60, 66) + (pick(0, 1) * 126))
                                           : static_cast<int>(pick(100, 140));
      const uint32_t sign = pick(0, 40) == 0 ? 0x80000000u : 0;
      return sign | static_cast<uint32_t>(exponent) << 23 | (random_() & 0x7fffff);
    }
    if (pick(0, static_cast<int64_t>(fields) - 1) < wild) {
      const int64_t edges[] = {f.min, f.max, f.min - 1, f.max + 1, pick(f.min, f.max)};
      return static_cast<uint32_t>(edges[pick(0, 4)]);
    }
    const std::string name = f.name;
    if (name == "dram_addr") return pick(0, 3) == 0 ? ~static_cast<uint32_t>(pick(0, 2000)) : 0;
    if (name.find("addr") != std::string::npos) {
      const int64_t top = pick(0, 1) != 0 ? geometry_.ub_words : 40;
      return static_cast<uint32_t>(pick(0, top));
    }
    if (f.min < 0) return static_cast<uint32_t>(pick(-3, 3));
    if (f.width == 1) return static_cast<uint32_t>(pick(0, 1));
    return static_cast<uint32_t>(f.min + pick(0, pick(0, 3) == 0 ? 20 : 2));
  }

  std::mt19937_64 random_;
  arch::Geometry geometry_;
};

/// The RTL's packing of the ports: {ACC banks, UB write banks, UB read banks}.
uint64_t packed(core::PortSet ports, int banks) {
  const uint64_t mask = (uint64_t{1} << banks) - 1;
  return (ports & mask) | (ports >> core::kUbWriteShift & mask) << banks |
         (ports >> core::kAccShift & 3) << (2 * banks);
}

template <class Dut>
void compare(const isa::HwParams& hw) {
  const uint64_t seed = GENERATE(11, 12);
  INFO("seed " << seed);
  const arch::Geometry geometry(hw);
  bench::Bench<Dut> b(seed);
  Drawer drawer(seed, hw);
  std::map<isa::Fault, int> seen;
  for (int i = 0; i < 90000; ++i) {
    const isa::Words words = drawer.draw();
    core::Command command;
    const isa::Fault fault = core::check_instruction(words, 0, hw, geometry, command);
    ++seen[fault];
    bench::poke_values(b->instr_i, words);
    b->en_i = 1;
    b.tick();
    b->en_i = 0;
    bench::poke_values(b->instr_i, isa::Words{});
    b.tick();  // held while en_i is low
    CAPTURE(i, words);
    REQUIRE(isa::fault_name(isa::Fault(b->fault_o)) == std::string(isa::fault_name(fault)));
    if (fault == isa::Fault::kNone) REQUIRE(b->locks_o == packed(command.ports, hw.ub_banks));
  }
  for (int code = 0; code <= static_cast<int>(isa::Fault::kDramRange); ++code) {
    INFO(isa::fault_name(isa::Fault(code)));
    CHECK(seen[isa::Fault(code)] > 50);
  }
}

TEST_CASE(
    "the checker finds the model's faults and ports on 16x16 with masks and structured tiles") {
  isa::HwParams hw = small_hw(16, 16, 4, 4);
  hw.bitmask = hw.structured = 1;
  compare<Vsys_check_ROWS16_COLS16_UB_KIB4_UB_BANKS4_BITMASK1_STRUCTURED1>(hw);
}
TEST_CASE("the checker finds the model's faults and ports on 1x1") {
  compare<Vsys_check_ROWS1_COLS1_UB_KIB1_UB_BANKS1>(small_hw(1, 1, 1, 1));
}
TEST_CASE("the checker finds the model's faults and ports on 5x3") {
  compare<Vsys_check_ROWS5_COLS3_UB_KIB2_UB_BANKS16>(small_hw(5, 3, 2, 16));
}
TEST_CASE("the checker finds the model's faults and ports on 13x8 with activations of two bits") {
  isa::HwParams hw = small_hw(13, 8, 4, 4);
  hw.act_bits = 2;
  compare<Vsys_check_ROWS13_COLS8_UB_KIB4_UB_BANKS4_ACT_BITS2>(hw);
}
TEST_CASE(
    "the checker finds the model's faults and ports on 3x7 with banks that are no power of two") {
  compare<Vsys_check_ROWS3_COLS7_UB_KIB3_UB_BANKS2>(small_hw(3, 7, 3, 2));
}

}  // namespace
}  // namespace systole
