// SPDX-License-Identifier: Apache-2.0
// Reshapes that move bytes: into the weights of convolutions beside them, or convolutions that
// select.
#pragma once

#include "compiler/graph/graph.h"

namespace systole::passes {

/// Most weights, and most interleaved parts, of what selects for one reshape.
constexpr int64_t kMaxSelection = int64_t{1} << 24;
constexpr int64_t kMaxSelectionParts = 256;

/// Whether the bytes lie in the same order before and after `reshape`; then its flags say so.
bool moves_nothing(const graph::Graph& graph, graph::Node& reshape);

/// Makes the reshape at `index`, which becomes the last of the nodes that do so, move nothing, or
/// replaces it; `index` then is the last of them. False: it would take too much.
bool rearrange(graph::Graph& graph, size_t& index);

}  // namespace systole::passes
