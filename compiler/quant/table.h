// SPDX-License-Identifier: Apache-2.0
// 256-entry tables: a function of real numbers on stored bytes.
#pragma once

#include <array>
#include <cstdint>

#include "compiler/graph/function.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// table[x + 128] is the byte of f of the float32 that x stands for, each rounded once; where f is
/// not a number, the zero point.
std::array<int8_t, 256> make_table(const graph::Function& f, const Affine& x, const Affine& y);

/// `range` without the ends along which f changes by less than a quarter of `y_scale` (saturation):
/// bytes are better spent on the rest. The bytes of what is left give what f is at the ends.
/// `same_codes`: only where f is rounded to the same multiple of `y_scale`.
ValueRange domain(const graph::Function& f, ValueRange range, float y_scale, bool same_codes);

}  // namespace systole::quant
