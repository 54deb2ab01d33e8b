// SPDX-License-Identifier: Apache-2.0
// Loops that the compiler turns into vector instructions, chosen when the program starts.
#include "compiler/exec/kernels.h"

#include <algorithm>

#include "model/isa/rounding.h"

// Choosing by the processor needs GCC on x86-64; sanitizers do not see functions chosen so.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define SYSTOLE_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SYSTOLE_CLONES
#endif
#define SYSTOLE_INLINE inline __attribute__((always_inline))

namespace systole::exec {
namespace {

/// requantise() on all channels. Nothing that it reads may be thought to change with `out`, and
/// what is alike for all channels is known before the loop.
template <bool has_residual, bool two_roundings, bool multiplies>
SYSTOLE_INLINE void requantise_each(int64_t count, const int32_t* sums, const int32_t* bias,
                                    const float* scale, const int8_t* residual, isa::VectorSet set,
                                    int8_t* __restrict out) {
  set.two_roundings = two_roundings;
  set.multiply = multiplies;
  for (int64_t c = 0; c < count; ++c)
    out[c] =
        isa::requantise(sums[c], bias[c], scale[c], has_residual ? residual + c : nullptr, set);
}

}  // namespace

SYSTOLE_CLONES void widen(const int8_t* from, int64_t count, int16_t* to) {
  for (int64_t c = 0; c < count; ++c) to[c] = from[c];
}

SYSTOLE_CLONES void sum_taps(const int16_t* weights, const int8_t* const* pixels, int64_t taps,
                             int64_t channels, int32_t* sums) {
  constexpr int64_t kLanes = 16;  // whose sums stay in registers
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    uint32_t lanes[kLanes] = {};
    for (int64_t t = 0; t < taps; ++t)
      for (int64_t k = 0; k < kLanes; ++k) {
        // A product of two int8 is an int16, of which twice as many are made at once.
        const auto product = static_cast<int16_t>(weights[t * channels + c + k] * pixels[t][c + k]);
        lanes[k] += static_cast<uint32_t>(int32_t{product});
      }
    for (int64_t k = 0; k < kLanes; ++k) sums[c + k] = static_cast<int32_t>(lanes[k]);
  }
  for (; c < channels; ++c) {
    sums[c] = 0;
    for (int64_t t = 0; t < taps; ++t)
      sums[c] = isa::wrap_add(sums[c], int32_t{weights[t * channels + c]} * pixels[t][c]);
  }
}

SYSTOLE_CLONES void requantise(int64_t count, const int32_t* sums, const int32_t* bias,
                               const float* scale, const int8_t* residual,
                               const isa::VectorSet& set, int8_t* out) {
  if (residual == nullptr)
    requantise_each<false, false, false>(count, sums, bias, scale, nullptr, set, out);
  else if (set.two_roundings && set.multiply)
    requantise_each<true, true, true>(count, sums, bias, scale, residual, set, out);
  else if (set.two_roundings)
    requantise_each<true, true, false>(count, sums, bias, scale, residual, set, out);
  else if (set.multiply)
    requantise_each<true, false, true>(count, sums, bias, scale, residual, set, out);
  else
    requantise_each<true, false, false>(count, sums, bias, scale, residual, set, out);
}

}  // namespace systole::exec

#undef SYSTOLE_INLINE
#undef SYSTOLE_CLONES
