// SPDX-License-Identifier: Apache-2.0
// Which widths of product the array has, and which one an instruction uses.
#pragma once

#include <vector>

#include "model/isa/isa.h"

namespace systole {

/// Bits of the products of an instruction: the array multiplies bytes, whatever the weights' width
/// in DRAM.
constexpr int compute_bits(const isa::Matmul&) { return 8; }

/// Widths that the array was built with.
inline std::vector<int> array_widths(const HwParams&) { return {8}; }

}  // namespace systole
