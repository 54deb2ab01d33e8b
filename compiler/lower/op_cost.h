// SPDX-License-Identifier: Apache-2.0
// What one instruction asks of its unit, the DRAM and the banks, for the rehearsal.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/lower/effects.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

struct OpCost {
  double steps = 0;      ///< DMA: cycles of the unit's own work; vpu: start to end
  double bursts = 0;     ///< DMA
  double beats = 0;      ///< DMA
  int64_t tiles = 0;     ///< weight tiles loaded or consumed
  double tile_rows = 0;  ///< mxu: cycles of a tile
  double drain = 0;      ///< mxu: from its last tile's end to its own
  bool keep = false;     ///< mxu: the tiles stay in the ring
  uint64_t ports = 0;  ///< UB read ports from bit 0, UB write ports from bit 16, ACC banks from 32
};

/// Of all operations; `accesses`: theirs.
std::vector<OpCost> op_costs(const TileProgram& program, const ProgramAccesses& accesses,
                             const isa::HwParams& hw, const arch::Geometry& geometry);

}  // namespace systole::lower
