// SPDX-License-Identifier: Apache-2.0
// The rounding rules of the vector unit (docs/isa.md, `vector`): binary32, round half to even,
// saturating.
#pragma once

#include <cstdint>

#include "model/isa/isa.h"

namespace systole::isa {

/// Sum of two int32 modulo 2^32.
constexpr int32_t wrap_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

/// clamp(rint(v) + zero, lo, hi) with rint rounding half to even. v must not be NaN.
inline int8_t round_clamp(float v, int zero, int lo, int hi) {
  // Beyond +-512 every zero point saturates; the bound keeps the conversion to int defined.
  const float bounded = v < -512.0f ? -512.0f : v > 512.0f ? 512.0f : v;
  // Adding 1.5*2^23 leaves no fraction bits, so this rounds as rint does, and it vectorises.
  const int y = static_cast<int>((bounded + 0x1.8p23f) - 0x1.8p23f) + zero;
  return static_cast<int8_t>(y < lo ? lo : y > hi ? hi : y);
}

/// What of the sum of a lane is scaled: all of it, or one byte.
inline int32_t scaled_part(int32_t sum, const isa::VectorSet& set) {
  const int up = set.one_byte ? 24 - 8 * set.byte_index : 0, down = set.one_byte ? 24 : 0;
  return static_cast<int32_t>(static_cast<uint32_t>(sum) << up) >> down;
}

/// One lane of `vector` after the window: bias, scale, residual, clamp. The table comes after.
/// `residual`: null without one. Needs -ffp-contract=off.
inline int8_t requantise(int32_t x, int32_t bias, float scale, const int8_t* residual,
                         const isa::VectorSet& set) {
  const float f = static_cast<float>(scaled_part(wrap_add(x, bias), set)) * scale;
  if (residual == nullptr) return round_clamp(f, set.out_zero, set.clamp_lo, set.clamp_hi);
  const float q = static_cast<float>(*residual - set.res_zero) * set.res_scale;
  float p = f;
  if (set.two_roundings) {
    const int8_t m = round_clamp(f, set.mid_zero, set.mid_lo, set.mid_hi);
    p = static_cast<float>(m - set.mid_zero) * set.mid_scale;
  }
  // A product beyond binary32's normal numbers rounds to 0 or saturates, whichever way it is held.
  const float v = set.multiply ? p * q : p + q;
  return round_clamp(v, set.out_zero, set.clamp_lo, set.clamp_hi);
}

/// Whether `scale` is one the hardware takes: positive, exponent in [2^-64, 2^64).
inline bool legal_scale(float scale) { return scale >= 0x1p-64f && scale < 0x1p64f; }

}  // namespace systole::isa
