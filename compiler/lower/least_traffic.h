// SPDX-License-Identifier: Apache-2.0
// The activations that must pass through DRAM whatever is kept on chip (docs/metrics.md, "Bounds").
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "model/isa/hw_params.h"

namespace systole::lower {

/// Bytes by operator, whole batch: of the network's inputs what the operator is the first to read,
/// of its outputs what it writes, and what it multiplies by a factor that all of it is pooled for,
/// as far as one item of it is larger than the unified buffer: that must leave and come back.
std::vector<int64_t> least_traffic(const graph::QGraph& graph, const isa::HwParams& hw);

}  // namespace systole::lower
