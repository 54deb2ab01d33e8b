// SPDX-License-Identifier: Apache-2.0
// Rehearses a tile program: what it will take, at the grain of instructions and weight tiles.
#pragma once

#include <vector>

#include "compiler/lower/hazards.h"
#include "compiler/lower/tile_ir.h"
#include "model/arch/arch.h"

namespace systole::lower {

struct RehearsalResult {
  std::vector<double> begins;  ///< by operation: the first cycle in which it runs
  std::vector<double> ends;    ///< by operation: the cycle in which it ends
  double first_compute = 0;    ///< in which the first matmul or vector begins
  double memory = 0;           ///< cycles that the DRAM's data bus is busy
};

/// What `program` will take on `arch`, as far as the rehearsal can tell. It follows the rules of
/// docs/timing.md with a coarser grain: DRAM bursts are served in lots of half the outstanding
/// ones, weight tiles in lots of a quarter of the ring, instructions are fetched in time, and bank
/// conflicts are looked at when an instruction begins. Deterministic; it takes time in proportion
/// to lots and instructions. Memories other than `ideal` are taken for one beat every two cycles
/// after 64.
RehearsalResult rehearse(const TileProgram& program, const std::vector<Dependencies>& dependencies,
                         const std::vector<OpIndex>& order, const arch::ArchConfig& arch);

}  // namespace systole::lower
