// SPDX-License-Identifier: Apache-2.0
// Decides which layers run together in bands, so that what one gives the next need not leave the
// chip.
#pragma once

#include <functional>
#include <vector>

#include "compiler/lower/known_plans.h"
#include "compiler/lower/placement.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Fills `placement.groups` (each layer alone, unless `bands`) and `placement.bands` (the buffers
/// still without places) and replaces the plans of layers that run in bands. Given are a plan and
/// the residence of every layer run as a whole; a tensor that only one group uses loses its
/// residence to the bands of the group. `plans`: of these layers. Calls `step` twice for each
/// layer.
void group_layers(const graph::QGraph& graph, const std::vector<Layer>& layers,
                  const arch::ArchConfig& arch, const std::vector<Range>& lifetimes, bool bands,
                  KnownPlans& plans, Placement& placement, const std::function<void()>& step);

}  // namespace systole::lower
