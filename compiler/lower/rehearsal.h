// SPDX-License-Identifier: Apache-2.0
// Rehearses a tile program: what it will take, at the grain of instructions and weight tiles.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "compiler/lower/hazards.h"
#include "compiler/lower/op_cost.h"
#include "compiler/lower/tile_ir.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// When something happens that does not.
inline constexpr double kNoTime = std::numeric_limits<double>::infinity();

struct RehearsalResult {
  std::vector<double> begins;  ///< by operation: the first cycle in which it runs
  std::vector<double> ends;    ///< by operation: the cycle in which it ends
  double first_compute = 0;    ///< in which the first matmul or vector begins
  double memory = 0;           ///< cycles that the DRAM's data bus is busy
};

/// No order of operations of these costs takes less than so many cycles in a rehearsal: those of
/// the busiest of the array, the vector unit and the DRAM's data bus.
double least_cycles(const TileProgram& program, const std::vector<OpCost>& costs,
                    const arch::ArchConfig& arch);

/// What `program` will take on `arch`, as far as the rehearsal can tell; nothing if that is more
/// than `limit` cycles. It follows the rules of docs/timing.md with a coarser grain: DRAM bursts
/// are served in lots of a quarter of the outstanding ones, weight tiles in lots of a half of
/// the ring, instructions are fetched in time, and bank conflicts are looked at when an instruction
/// begins. Deterministic; it takes time in proportion to lots and instructions. Memories other than
/// `ideal` are taken for one beat every two cycles after 64. `costs`: what op_costs gives.
std::optional<RehearsalResult> rehearse(const TileProgram& program,
                                        const std::vector<OpCost>& costs,
                                        const std::vector<Dependencies>& dependencies,
                                        const std::vector<OpIndex>& order,
                                        const arch::ArchConfig& arch,
                                        double limit = std::numeric_limits<double>::infinity());

}  // namespace systole::lower
