// SPDX-License-Identifier: Apache-2.0
// Where the tensors of a network are kept, and what every instruction makes of them.
#pragma once

#include <vector>

#include "compiler/graph/qgraph.h"
#include "compiler/lower/draft.h"
#include "compiler/lower/layer.h"
#include "model/program/tensor_map.h"

namespace systole::lower {

/// Of `graph` as `draft` has it, which is of `lowered`, the same graph or a folded one, and of its
/// `layers`.
program::TensorMap tensor_map_of(const graph::QGraph& graph, const graph::QGraph& lowered,
                                 const std::vector<Layer>& layers, const Draft& draft,
                                 int64_t repeat);

}  // namespace systole::lower
