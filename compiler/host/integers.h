// SPDX-License-Identifier: Apache-2.0
// Rounding of real numbers to the integers of an ONNX type.
#pragma once

#include <cstdint>

namespace systole::host {

struct IntegerLimits {
  int64_t lo, hi;
  /// value, half to even, plus `zero`, saturated.
  int64_t rounded(float value, int64_t zero) const;
};

/// Throws Unsupported for types that nothing is quantised to.
IntegerLimits integer_limits(int type);

}  // namespace systole::host
