// SPDX-License-Identifier: Apache-2.0
// Moves loads ahead of the computation they do not depend on, so that they run while it does.
#pragma once

#include <vector>

#include "compiler/lower/hazards.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

/// A new order for `program`: order[i] is the operation that comes i-th. Every unit keeps its own
/// order and every dependency still points backwards. At most `queue_depth` load_weights are ahead
/// of the matmul that takes their tiles, so dispatch cannot block on the weight queue before that
/// matmul; for activation loads the same bound keeps the queue from blocking the instructions
/// behind it.
std::vector<OpIndex> schedule(const TileProgram& program,
                              const std::vector<Dependencies>& dependencies, int queue_depth);

}  // namespace systole::lower
