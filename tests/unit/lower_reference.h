// SPDX-License-Identifier: Apache-2.0
// Scalar execution of quantised graphs: what compiled programs must give.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "model/base/seeded_random.h"

namespace systole {

/// The bytes of every tensor, given those of the inputs: loops over every product, no tiling.
std::vector<std::vector<int8_t>> run_reference(const graph::QGraph& graph,
                                               const std::vector<std::vector<int8_t>>& inputs);

/// Random bytes for the inputs of `graph`.
std::vector<std::vector<int8_t>> random_inputs(const graph::QGraph& graph, SeededRandom& random);

}  // namespace systole
