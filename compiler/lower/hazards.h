// SPDX-License-Identifier: Apache-2.0
// Finds the dependencies between instructions of different units: conflicts on any storage.
#pragma once

#include <array>
#include <vector>

#include "compiler/lower/effects.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

/// For each unit the latest operation of it that must have ended before this one begins; kNoOp if
/// none. Units retire in order, so the latest one stands for all before it.
using Dependencies = std::array<OpIndex, isa::kUnits>;
inline constexpr Dependencies kNoDependencies = [] {
  Dependencies none{};
  none.fill(kNoOp);
  return none;
}();

/// The dependencies of every operation, in the order of `program`. A unit's own earlier operations
/// are left out: the hardware keeps a unit's program order.
std::vector<Dependencies> find_hazards(const TileProgram& program, const ProgramAccesses& accesses);
inline std::vector<Dependencies> find_hazards(const TileProgram& program,
                                              const arch::Geometry& geometry) {
  return find_hazards(program, ProgramAccesses(program, geometry));
}

}  // namespace systole::lower
