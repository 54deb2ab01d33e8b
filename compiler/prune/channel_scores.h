// SPDX-License-Identifier: Apache-2.0
// How much each output channel of a layer matters.
#pragma once

#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/prune/layers.h"
#include "compiler/prune/prune_spec.h"

namespace systole::prune {

/// Scores of the output channels of each layer, by the layer's place in the list.
using ChannelScores = std::vector<std::vector<double>>;

/// By spec.criterion: l1 or l2 norm of the channel's weights, magnitude of the gamma of the batch
/// normalisation behind it, or mean magnitude of its results over `calibration` (items of the
/// network's input). Layers that are not `selected` may have no gamma and then score 0.
/// Throws Error for a selected one, or if there are no items.
ChannelScores channel_scores(const std::vector<PruneLayer>& layers,
                             const std::vector<PruneLayer>& selected, const PruneSpec& spec,
                             const std::vector<data::Item>* calibration);

}  // namespace systole::prune
