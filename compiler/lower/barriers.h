// SPDX-License-Identifier: Apache-2.0
// Groups that begin when those before have ended: programs without prefetching.
#pragma once

#include <vector>

#include "compiler/lower/hazards.h"
#include "compiler/lower/placement.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

/// Makes the first operation of each unit in a group depend on all that units did before the group.
/// `starts`: the first operation of each repetition, which begins a group too.
/// Loads alone would not do: a matmul that has begun waits for its weights and holds a bank, which
/// a vector of the group before may want.
void separate_groups(const TileProgram& program, const std::vector<LayerGroup>& groups,
                     const std::vector<OpIndex>& starts, std::vector<Dependencies>& dependencies);

}  // namespace systole::lower
