// SPDX-License-Identifier: Apache-2.0
// The 16 values that a layer's weights may share, so that an index of four bits says each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "compiler/graph/qgraph.h"
#include "model/arch/weight_rows.h"

namespace systole::lower {

using Codebook = std::array<int8_t, arch::kCodebookBytes>;

/// The different weights of `conv`, in ascending order, then zeros; none if they are more than 16,
/// or not worth it: fewer than 64 weights, or narrow ones. The array must multiply bytes.
std::optional<Codebook> codebook_of(const graph::QGraph& graph, const graph::QConv& conv);

}  // namespace systole::lower
