// SPDX-License-Identifier: Apache-2.0
// Turns dependencies into semaphore tokens, leaving out those that others already imply.
#pragma once

#include <vector>

#include "compiler/lower/hazards.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

/// The wait and signal sets of one instruction.
struct TokenSets {
  uint16_t wait = 0;
  uint16_t signal = 0;
};

/// The sets of every operation (by its index in `program`) when it is run in `order`. Every token
/// given is taken exactly once, and the k-th token of a pair of units goes from the k-th giver to
/// the k-th taker.
std::vector<TokenSets> assign_tokens(const TileProgram& program,
                                     const std::vector<Dependencies>& dependencies,
                                     const std::vector<OpIndex>& order);

}  // namespace systole::lower
