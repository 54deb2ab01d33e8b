// SPDX-License-Identifier: Apache-2.0
// Weight sharing: the weights of a layer become few values.
#pragma once

#include <vector>

#include "compiler/prune/layers.h"
#include "compiler/prune/prune_spec.h"

namespace systole::prune {

/// Replaces the 8-bit codes of each layer's weights (weight / scale of its output channel) by the
/// nearest of spec.values codes, those of the least squared error of the weights. The largest
/// weight of a channel stays, and so do zeros: quantisation to 8 bits finds the same codes again.
void share_weights(const std::vector<PruneLayer>& layers, const PruneSpec& spec);

/// The `count` integers among -128..127, of which those in `fixed` must be, that make the sum of
/// weight[code + 128] * (distance of the code to the nearest of them)^2 least, in ascending order:
/// k-means in one dimension, solved exactly by dynamic programming (Wang and Song,
/// "Ckmeans.1d.dp", The R Journal 3/2, 2011).
std::vector<int> best_codebook(const std::vector<double>& weight, int count,
                               const std::vector<int>& fixed);

}  // namespace systole::prune
