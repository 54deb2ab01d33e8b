// SPDX-License-Identifier: Apache-2.0
// Low rank: a layer becomes two thinner ones.
#pragma once

#include <string>
#include <vector>

#include "compiler/prune/layers.h"
#include "compiler/prune/prune_spec.h"

namespace systole::prune {

/// Why a layer has no such factors: it states its weights as integers, or is too small for any
/// rank; "" if it has.
std::string unfit_for_low_rank(const PruneLayer& layer, const PruneSpec& spec);

/// Splits each layer W [out][in * kh * kw] into B [rank][in * kh * kw], which has its window and is
/// named after it and "/lowrank", and A [out][rank] at a 1x1 window, which has its bias, residual,
/// clamp and function. A * B is the closest matrix of that rank (singular value decomposition);
/// rank is the largest at which at least spec.amount of the weights go. All must fit.
void split_low_rank(const std::vector<PruneLayer>& layers, const PruneSpec& spec);

}  // namespace systole::prune
