// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>

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

}  // namespace systole::isa
