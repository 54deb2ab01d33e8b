// SPDX-License-Identifier: Apache-2.0
// Neighbouring columns of a map side by side in the lanes of a word. A map of few channels fills
// neither the rows of the array, nor its columns, nor a word; F columns of C channels as one of
// F * C do, and are the same bytes in DRAM. A convolution then gives F outputs in one pass, with
// weights that hold the kernel once for each of them, at its place (docs/lowering.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "compiler/lower/layer.h"
#include "model/arch/geometry.h"

namespace systole::lower {

/// How many columns of the output of `layer` may stand side by side, as far as it alone is
/// concerned; those of a part of it that is a power of two may, too.
int64_t most_columns(const Layer& layer, const arch::Geometry& geometry);

/// The columns of each tensor that stand side by side: [tensors], 1 where it is as it was.
using Folds = std::vector<int64_t>;

/// The folds by which `graph` is most likely to take fewer cycles, by the tiles of its layers; none
/// if that is not worth a try. Inputs are never folded.
std::optional<Folds> choose_folds(const graph::QGraph& graph, const std::vector<Layer>& layers,
                                  const arch::Geometry& geometry);

/// `graph`, with the same operators in the same order, on folded tensors. It gives the same bytes.
/// `folds` are legal: maps divide by them, operands of an elementwise operator agree, a convolution
/// moves by whole folded columns of its input.
graph::QGraph folded(const graph::QGraph& graph, const Folds& folds);

}  // namespace systole::lower
