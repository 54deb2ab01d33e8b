// SPDX-License-Identifier: Apache-2.0
// How the weights of each layer stand in DRAM.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "compiler/lower/layer.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Chooses the format of each layer's weights among those that `arch` takes: two of four channels
/// where the weights allow it, because the array then needs half of the tiles; else the fewest
/// bytes, but a mask only where the layer takes no more cycles with it by estimate.
void choose_formats(const graph::QGraph& graph, const arch::ArchConfig& arch,
                    std::vector<Layer>& layers);

/// Whether of every `m` consecutive input channels at most `n` have a weight that is not zero, for
/// each output channel and kernel position. False if the channels are no multiple of `m`.
bool holds_n_of_m(const graph::QConv& conv, int64_t inputs, int64_t n, int64_t m);

/// Bytes of all weights of `layer` as a mask and what it names, in tiles of `columns` channels.
int64_t masked_bytes(const Layer& layer, const arch::Geometry& geometry);
/// As they are; and two of four channels.
int64_t dense_bytes(const Layer& layer, const arch::Geometry& geometry);
int64_t two_of_four_bytes(const Layer& layer, const arch::Geometry& geometry);

}  // namespace systole::lower
