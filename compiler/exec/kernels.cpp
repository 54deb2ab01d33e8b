// SPDX-License-Identifier: Apache-2.0
// Loops that the compiler turns into vector instructions, chosen when the program starts. A library
// of matrix products that did this would serve as well; Eigen does it only for the processor that
// it is built for, and sums of int8 products in float32 are exact for 1,024 terms only.
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

constexpr int64_t kRows = WideMatrix::kRows;
constexpr int64_t kSafeTerms = int64_t{1} << 16;  // products of 2^14 that an int32 holds

/// A square of sums, which stay in registers; `width`: of a row of `sums`.
SYSTOLE_INLINE void multiply_square(const int16_t* windows, const int16_t* weights, int64_t terms,
                                    int64_t width, int32_t* sums) {
  int32_t square[kRows][kRows] = {};
  for (int64_t first = 0; first < terms; first += kSafeTerms) {
    const int64_t end = std::min(terms, first + kSafeTerms);
    int32_t part[kRows][kRows] = {};
    for (int64_t k = first; k < end; ++k)
      for (int64_t i = 0; i < kRows; ++i)
        for (int64_t j = 0; j < kRows; ++j)
          part[i][j] += int32_t{windows[i * terms + k]} * weights[j * terms + k];
    for (int64_t i = 0; i < kRows; ++i)
      for (int64_t j = 0; j < kRows; ++j) square[i][j] = isa::wrap_add(square[i][j], part[i][j]);
  }
  for (int64_t i = 0; i < kRows; ++i)
    for (int64_t j = 0; j < kRows; ++j) sums[i * width + j] = square[i][j];
}

SYSTOLE_CLONES void multiply_all(const int16_t* windows, int64_t rows, const int16_t* weights,
                                 int64_t width, int64_t terms, int32_t* sums) {
  for (int64_t c = 0; c < width; c += kRows)
    for (int64_t r = 0; r < rows; r += kRows)
      multiply_square(windows + r * terms, weights + c * terms, terms, width, sums + r * width + c);
}

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

void multiply(const WideMatrix& windows, int64_t rows, const WideMatrix& weights, int32_t* sums) {
  const int64_t whole = (rows + kRows - 1) / kRows * kRows;
  multiply_all(windows.row(0), whole, weights.row(0), weights.rows(), weights.terms(), sums);
}

SYSTOLE_CLONES void widen(const int8_t* from, int64_t count, int16_t* to) {
  for (int64_t c = 0; c < count; ++c) to[c] = from[c];
}

SYSTOLE_CLONES void add_products(const int16_t* weights, const int8_t* values, int64_t count,
                                 int32_t* sums) {
  for (int64_t c = 0; c < count; ++c)
    sums[c] = isa::wrap_add(sums[c], int32_t{weights[c]} * values[c]);
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
