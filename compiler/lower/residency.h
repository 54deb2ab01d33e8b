// SPDX-License-Identifier: Apache-2.0
// Decides which tensors stay in the unified buffer between layers, and where every buffer lies.
#pragma once

#include <optional>
#include <vector>

#include "compiler/lower/plan.h"
#include "model/arch/arch.h"

namespace systole {

/// Unified-buffer words of one layer's staging buffers.
struct StagingPlaces {
  std::vector<Range> in, residual, out;
};

struct Placement {
  std::vector<std::optional<Range>> resident;  ///< by tensor: its words, if it is kept whole
  std::vector<Plan> plans;                     ///< by layer
  std::vector<StagingPlaces> staging;          ///< by layer
};

/// Where a layer's operands are, given the resident tensors.
Residence residence_of(const Layer& layer, const QGraph& graph,
                       const std::vector<std::optional<Range>>& resident);

/// Places all tensors and plans all layers. Throws Error (cannot compile) naming the layer whose
/// smallest tile does not fit.
Placement place_tensors(const QGraph& graph, const std::vector<Layer>& layers,
                        const ArchConfig& arch);

}  // namespace systole
