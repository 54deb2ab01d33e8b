// SPDX-License-Identifier: Apache-2.0
// Decides which tensors stay in the unified buffer between layers, and where every buffer lies.
#pragma once

#include <vector>

#include "compiler/lower/placement.h"
#include "model/arch/arch.h"

namespace systole {

/// Places all tensors and plans all layers. Throws Error (cannot compile) naming the layer whose
/// smallest tile does not fit.
Placement place_tensors(const QGraph& graph, const std::vector<Layer>& layers,
                        const ArchConfig& arch);

}  // namespace systole
