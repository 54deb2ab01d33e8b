// SPDX-License-Identifier: Apache-2.0
// Decides which tensors stay in the unified buffer between layers, and where every buffer lies.
#pragma once

#include <functional>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/lower/placement.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Steps that place_tensors takes for each layer: it is planned, kept on chip or not, looked at in
/// groups, its groups are rehearsed, and so are other plans for it.
inline constexpr size_t kPlacementSteps = 5;

/// Places all tensors and plans all layers; calls `step` after each step. Without
/// Choices::keep_on_chip no tensor stays, and no layers run in bands. Throws Error (cannot compile)
/// naming the layer whose smallest tile does not fit.
Placement place_tensors(const graph::QGraph& graph, const std::vector<Layer>& layers,
                        const arch::ArchConfig& arch, const choices::Choices& choices,
                        const std::function<void()>& step);

}  // namespace systole::lower
