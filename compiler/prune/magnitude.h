// SPDX-License-Identifier: Apache-2.0
// Zeros by magnitude: single weights, groups of consecutive input channels, blocks, kernels.
#pragma once

#include <string>
#include <vector>

#include "compiler/prune/layers.h"
#include "compiler/prune/prune_spec.h"
#include "model/arch/geometry.h"

namespace systole::prune {

/// Sets the round(amount * n) weights of least magnitude to 0, of those of equal magnitude the
/// first ones; in each layer, or in all of them together.
void prune_unstructured(const std::vector<PruneLayer>& layers, double amount);
void prune_global_unstructured(const std::vector<PruneLayer>& layers, double amount);

/// Why a layer cannot: spec.of does not divide its input channels (of a group); "" if it can.
std::string unfit_for_nm(const PruneLayer& layer, const PruneSpec& spec);

/// Keeps the `keep` largest magnitudes of every `of` consecutive input channels at one kernel
/// position of one output channel; of equal ones the first. All must fit.
void prune_nm(const std::vector<PruneLayer>& layers, const PruneSpec& spec);

/// Sets the round(amount * n) blocks of least l1 norm of each layer to 0. A block is a weight tile
/// of `geometry` (compiler/prune/tile_grid.h), or has spec.block_rows x spec.block_cols weights.
void prune_blocks(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                  const arch::Geometry& geometry);
/// The same with the rows of weight tiles: an input channel's weights for one tile's columns.
void prune_vectors(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                   const arch::Geometry& geometry);
/// The same with kernels: all positions of one input channel of one output channel.
void prune_kernels(const std::vector<PruneLayer>& layers, double amount);

}  // namespace systole::prune
