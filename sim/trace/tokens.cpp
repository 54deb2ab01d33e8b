// SPDX-License-Identifier: Apache-2.0
// Counts signals and waits of each pair of units.
#include "sim/trace/tokens.h"

#include <algorithm>
#include <array>

#include "model/isa/any_instruction.h"
#include "model/isa/units.h"

namespace systole::trace {
namespace {

bool names(uint16_t set, isa::Unit unit) { return (set >> static_cast<int>(unit) & 1) != 0; }

}  // namespace

std::vector<Token> tokens_taken(const program::Program& program, size_t count) {
  count = std::min(count, program.code.size());
  // By giver and taker: who gave, in order, and how many are taken.
  std::array<std::array<std::vector<uint32_t>, isa::kUnits>, isa::kUnits> given;
  std::array<std::array<size_t, isa::kUnits>, isa::kUnits> taken{};
  std::vector<isa::Header> headers;
  for (uint32_t pc = 0; pc < count; ++pc) {
    headers.push_back(isa::Header::decode(program.code[pc]));
    const auto giver =
        static_cast<size_t>(isa::unit_of(static_cast<isa::Opcode>(headers[pc].opcode)));
    for (const isa::Unit unit : isa::kEveryUnit)
      if (names(headers[pc].signal, unit)) given[giver][static_cast<size_t>(unit)].push_back(pc);
  }
  std::vector<Token> tokens;
  for (uint32_t pc = 0; pc < count; ++pc) {
    const auto taker =
        static_cast<size_t>(isa::unit_of(static_cast<isa::Opcode>(headers[pc].opcode)));
    for (const isa::Unit unit : isa::kEveryUnit) {
      if (!names(headers[pc].wait, unit)) continue;
      const auto giver = static_cast<size_t>(unit);
      const size_t number = taken[giver][taker]++;
      if (number < given[giver][taker].size()) tokens.push_back({given[giver][taker][number], pc});
    }
  }
  return tokens;
}

}  // namespace systole::trace
