// SPDX-License-Identifier: Apache-2.0
// Chooses plans once more, by rehearsing layers together with their neighbours.
#pragma once

#include <functional>

#include "compiler/lower/placement.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Gives layers that run alone another plan where that ends their neighbourhood (the group before,
/// theirs, the group after) sooner by a rehearsal: other numbers of tiles, more column tiles to a
/// half of the accumulators, a first column tile that begins with the channels that are there
/// first. Neighbourhoods of many instructions are left alone: what happens between layers is
/// nothing there. `placement` has its groups; staging is placed anew. `step` is called for each
/// layer.
void refine_plans(const graph::QGraph& graph, const std::vector<Layer>& layers,
                  const arch::ArchConfig& arch, const std::vector<Range>& lifetimes,
                  Placement& placement, const std::function<void()>& step);

}  // namespace systole::lower
