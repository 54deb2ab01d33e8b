// SPDX-License-Identifier: Apache-2.0
// Which widths of product the array has, and which one an instruction uses.
#pragma once

#include <vector>

#include "model/arch/geometry.h"
#include "model/isa/isa.h"

namespace systole::energy {

/// Products of the values of two bytes, and the bits of those values.
constexpr int products_of_byte(const isa::Matmul& op) { return 1 << op.narrow; }
constexpr int compute_bits(const isa::Matmul& op) { return 8 >> op.narrow; }

/// Widths that the array was built with, widest first.
inline std::vector<int> array_widths(const isa::HwParams& hw) {
  std::vector<int> widths;
  for (int bits = 8; bits >= arch::Geometry(hw).act_bits; bits /= 2) widths.push_back(bits);
  return widths;
}

}  // namespace systole::energy
