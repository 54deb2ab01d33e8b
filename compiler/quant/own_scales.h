// SPDX-License-Identifier: Apache-2.0
// Networks that arrive quantised: their integers and scales go to the hardware as they are
// (docs/quantised.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// The integers of a convolution that has its own weight scales, for input `x` and output scale
/// `y_scale`, stored in `bits` bits. Throws Error (cannot compile) naming the node if a weight is
/// no multiple of its scale or has not room in them, a sum could leave 32 bits or a scale is not
/// one the hardware takes.
QuantisedWeights own_weights(const graph::Node& node, const Affine& x, float y_scale, int bits);

/// What quantising what `x` stands for to `y` gives, as ONNX defines it: stored byte by stored
/// byte, clamped to the real numbers lo..hi and to the codes of `y`.
std::array<int8_t, 256> requantisation(const Affine& x, const graph::Codes& y, float lo, float hi);

/// Whether the vector unit's scale x.scale / y.scale gives `expected` for every stored byte.
bool scale_gives(const std::array<int8_t, 256>& expected, const Affine& x, const Affine& y,
                 int clamp_lo, int clamp_hi);

/// Makes the sum of two tensors round as rint(v + zero), not rint(v) + zero: they differ in ties
/// for odd zero points. Takes an odd number off the zero point and adds it to v, which is exact
/// where v can be a tie for any but a few pairs of bytes: one scale is an odd number over a power
/// of two.
void move_ties(graph::QPost& post);

}  // namespace systole::quant
