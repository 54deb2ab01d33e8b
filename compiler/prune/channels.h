// SPDX-License-Identifier: Apache-2.0
// Prunes output channels; the network shrinks.
#pragma once

#include <string>
#include <vector>

#include "compiler/prune/channel_scores.h"
#include "compiler/prune/layers.h"
#include "compiler/prune/prune_spec.h"

namespace systole::prune {

/// Layers whose outputs are tied together (residual adds) lose the same channels: the
/// floor(spec.amount * n) of least score, summed over the layers. `layers` are all prunable ones,
/// `selected` those that may lose channels; layers tied to one that may not, or to an input or
/// output of the network, keep theirs and are told in `warnings`. Throws Error if all do.
void prune_channels(const std::vector<PruneLayer>& layers, const std::vector<PruneLayer>& selected,
                    const PruneSpec& spec, const ChannelScores& scores,
                    std::vector<std::string>& warnings);

}  // namespace systole::prune
