// SPDX-License-Identifier: Apache-2.0
// Of instructions that dispatch lets pass; others touch nothing.
#include "sim/debug/footprints.h"

#include <algorithm>

#include "model/golden/instruction.h"

namespace systole::debug {

const std::vector<golden::Access>& Footprints::of(uint32_t pc) {
  const auto [found, is_new] = found_.try_emplace(pc);
  if (!is_new || pc >= program_.code.size()) return found->second;
  const isa::Words& words = program_.code[pc];
  if (golden::dispatch_fault(words, program_.hw) == isa::Fault::kNone)
    found->second = golden::footprint(golden::decode_instruction(words, pc), geometry_, nullptr);
  return found->second;
}

bool Footprints::touches(uint32_t pc, const Place& place, bool write) {
  const std::vector<golden::Access>& accesses = of(pc);
  return std::any_of(accesses.begin(), accesses.end(), [&](const golden::Access& access) {
    return access.write == write && place.overlaps(access);
  });
}

std::vector<uint32_t> Footprints::writing(const Moment& moment, const Place& place) {
  std::vector<uint32_t> found;
  for (const core::FrontRegisters& front : moment.registers.fronts)
    for (const core::FlyingInstruction& flying : front.flying)
      if (touches(flying.pc, place, true)) found.push_back(flying.pc);
  return found;
}

}  // namespace systole::debug
