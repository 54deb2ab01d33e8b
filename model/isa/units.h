// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <cstdint>

#include "model/isa/causes.h"
#include "model/isa/names.h"

namespace systole::isa {

/// Every unit, in the order of Unit.
inline constexpr std::array kEveryUnit{Unit::kFetch, Unit::kLda, Unit::kLdw, Unit::kMxu, Unit::kVpu, Unit::kSto};
static_assert(kEveryUnit.size() == kUnits);

/// Why a unit waits that misses a token of `producer`, any unit but fetch.
constexpr Cause sem_cause(Unit producer) {
  return static_cast<Cause>(static_cast<int>(Cause::kSemLda) + static_cast<int>(producer) - 1);
}

/// Of whom `unit` may take tokens, and to whom it may give them: bit u is Unit u; all but fetch and itself.
constexpr uint32_t partners_of(Unit unit) {
  return ((1u << kUnits) - 1) & ~(1u << static_cast<int>(Unit::kFetch)) & ~(1u << static_cast<int>(unit));
}

}  // namespace systole::isa
