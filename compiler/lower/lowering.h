// SPDX-License-Identifier: Apache-2.0
// Carries out the plans: the tile IR of a whole network, and what stands in DRAM for it.
#pragma once

#include <vector>

#include "compiler/lower/packing.h"
#include "compiler/lower/placement.h"
#include "compiler/lower/tile_ir.h"
#include "compiler/lower/views.h"
#include "compiler/lower/weight_stream.h"

namespace systole::lower {

struct LoweredNetwork {
  TileProgram program;
  std::vector<program::Segment> segments;
  std::vector<StoredWeights> stored;  ///< by layer with weights
  std::vector<bool> in_dram;          ///< by tensor
  std::vector<uint32_t> tensor_addr;  ///< by tensor; of those that are never in DRAM: 0
};

/// One of several batches that run one behind the other.
struct Repetition {
  int64_t index = 0, count = 1;
};

/// Lowers all layers one after the other. `dram` hands out the addresses, with room for the inputs
/// and outputs of all repetitions; those of one follow those of the one before.
LoweredNetwork lower_network(const graph::QGraph& graph, const std::vector<Layer>& layers,
                             const Placement& placement, const isa::HwParams& hw, DramLayout& dram,
                             const Repetition& repetition = {});

}  // namespace systole::lower
