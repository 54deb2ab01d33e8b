// SPDX-License-Identifier: Apache-2.0
// Chooses the plan of a layer: the cheapest of those that fit the buffers.
#pragma once

#include <limits>
#include <optional>

#include "compiler/lower/allocator.h"
#include "compiler/lower/plan.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// The cheapest plan of `layer` whose staging fits into `space`; nothing if none does. `pack_rows`:
/// whether kernel rows may be packed together. `known`: a plan that fits, to spare the search of
/// what is no better.
std::optional<Plan> plan_layer(const Layer& layer, const Residence& residence,
                               const arch::ArchConfig& arch, const FreeSpace& space,
                               bool pack_rows = true, const Plan* known = nullptr);

/// The cheapest plan for each number of output tiles, few enough to try. Those of more than `most`
/// estimated cycles may be left out.
std::vector<Plan> plan_variants(const Layer& layer, const Residence& residence,
                                const arch::ArchConfig& arch, const FreeSpace& space,
                                double most = std::numeric_limits<double>::infinity());

/// Whether the staging of `plan` fits into `space`.
bool fits(const FreeSpace& space, const Plan& plan);

/// What plans are compared by: the estimated cycles, a small share of the memory's and a few for
/// each tile, so that of equally fast plans the one that moves fewer bytes, in larger tiles, wins.
double plan_cost(const Work& work);

/// Words of the unified buffer that the smallest plan of `layer` needs without resident tensors.
int64_t least_words(const Layer& layer, const arch::ArchConfig& arch);

}  // namespace systole::lower
