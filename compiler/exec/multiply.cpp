// SPDX-License-Identifier: Apache-2.0
// Products of matrices, chosen by the processor when the program starts. A library that did this
// would serve as well; Eigen does it only for the processor that it is built for, and sums of int8
// products in float32 are exact for 1,024 terms only. Compilers find no pmaddwd here by themselves.
#include <algorithm>
#include <cstring>

#include "compiler/exec/kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define SYSTOLE_X86 1
#include <immintrin.h>
#endif

namespace systole::exec {
namespace {

constexpr int64_t kLanes = LaneMatrix::kLanes;

/// On any processor.
void multiply_plain(const int16_t* windows, int64_t rows, const int16_t* weights, int64_t terms,
                    int64_t stride, int32_t* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    uint32_t lanes[kLanes] = {};  // which wrap around
    for (int64_t k = 0; k < terms; k += 2) {
      const int32_t first = windows[r * terms + k], second = windows[r * terms + k + 1];
      const int16_t* pairs = weights + k * kLanes;
      for (int64_t c = 0; c < kLanes; ++c)
        lanes[c] += static_cast<uint32_t>(first * pairs[2 * c] + second * pairs[2 * c + 1]);
    }
    for (int64_t c = 0; c < kLanes; ++c) sums[r * stride + c] = static_cast<int32_t>(lanes[c]);
  }
}

#ifdef SYSTOLE_X86

int32_t pair_at(const int16_t* terms) {
  int32_t pair;
  std::memcpy(&pair, terms, sizeof pair);
  return pair;
}

/// `rows` rows, whose sums stay in registers.
template <int rows>
__attribute__((target("avx2"))) void tile_avx2(const int16_t* windows, const int16_t* weights,
                                               int64_t terms, int64_t stride, int32_t* sums) {
  __m256i low[rows], high[rows];
  for (int r = 0; r < rows; ++r) low[r] = high[r] = _mm256_setzero_si256();
  for (int64_t k = 0; k < terms; k += 2) {
    const auto* pairs = reinterpret_cast<const __m256i*>(weights + k * kLanes);
    const __m256i first = _mm256_loadu_si256(pairs), second = _mm256_loadu_si256(pairs + 1);
    for (int r = 0; r < rows; ++r) {
      const __m256i window = _mm256_set1_epi32(pair_at(windows + r * terms + k));
      low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(first, window));
      high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(second, window));
    }
  }
  for (int r = 0; r < rows; ++r) {
    auto* to = reinterpret_cast<__m256i*>(sums + r * stride);
    _mm256_storeu_si256(to, low[r]);
    _mm256_storeu_si256(to + 1, high[r]);
  }
}

/// The same where products and their sum are one instruction.
template <int rows>
__attribute__((target("avx512f,avx512vnni"))) void tile_avx512(const int16_t* windows,
                                                               const int16_t* weights,
                                                               int64_t terms, int64_t stride,
                                                               int32_t* sums) {
  __m512i lanes[rows];
  for (int r = 0; r < rows; ++r) lanes[r] = _mm512_setzero_si512();
  for (int64_t k = 0; k < terms; k += 2) {
    const __m512i pairs = _mm512_loadu_si512(weights + k * kLanes);
    for (int r = 0; r < rows; ++r)
      lanes[r] =
          _mm512_dpwssd_epi32(lanes[r], pairs, _mm512_set1_epi32(pair_at(windows + r * terms + k)));
  }
  for (int r = 0; r < rows; ++r) _mm512_storeu_si512(sums + r * stride, lanes[r]);
}

void multiply_avx2(const int16_t* windows, int64_t rows, const int16_t* weights, int64_t terms,
                   int64_t stride, int32_t* sums) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4)
    tile_avx2<4>(windows + r * terms, weights, terms, stride, sums + r * stride);
  for (; r < rows; ++r)
    tile_avx2<1>(windows + r * terms, weights, terms, stride, sums + r * stride);
}

void multiply_avx512(const int16_t* windows, int64_t rows, const int16_t* weights, int64_t terms,
                     int64_t stride, int32_t* sums) {
  int64_t r = 0;
  for (; r + 8 <= rows; r += 8)
    tile_avx512<8>(windows + r * terms, weights, terms, stride, sums + r * stride);
  for (; r + 4 <= rows; r += 4)
    tile_avx512<4>(windows + r * terms, weights, terms, stride, sums + r * stride);
  for (; r < rows; ++r)
    tile_avx512<1>(windows + r * terms, weights, terms, stride, sums + r * stride);
}

#endif

/// The last channels, fewer than a block has.
void multiply_rest(MultiplyRows kernel, const WideMatrix& windows, int64_t rows,
                   const LaneMatrix& weights, int32_t* sums) {
  constexpr int64_t kAtOnce = 64;  // rows, whose sums wait for their place
  int32_t lanes[kAtOnce * kLanes];
  const int64_t channels = weights.channels(), block = channels / kLanes;
  for (int64_t first = 0; first < rows; first += kAtOnce) {
    const int64_t some = std::min(kAtOnce, rows - first);
    kernel(windows.row(first), some, weights.block(block), weights.terms(), kLanes, lanes);
    for (int64_t r = 0; r < some; ++r)
      std::copy_n(lanes + r * kLanes, channels - block * kLanes,
                  sums + (first + r) * channels + block * kLanes);
  }
}

}  // namespace

LaneMatrix::LaneMatrix(const int8_t* weights, int64_t channels, int64_t terms)
    : channels_(channels),
      terms_(terms + terms % 2),
      values_(static_cast<size_t>((channels + kLanes - 1) / kLanes * kLanes * terms_)) {
  for (int64_t c = 0; c < channels; ++c) {
    int16_t* const to = values_.data() + c / kLanes * kLanes * terms_;
    for (int64_t k = 0; k < terms; ++k)
      to[k / 2 * 2 * kLanes + c % kLanes * 2 + k % 2] = weights[c * terms + k];
  }
}

std::vector<MultiplyRows> multiply_kernels() {
  std::vector<MultiplyRows> kernels = {multiply_plain};
#ifdef SYSTOLE_X86
  if (__builtin_cpu_supports("avx2")) kernels.push_back(multiply_avx2);
  if (__builtin_cpu_supports("avx512vnni")) kernels.push_back(multiply_avx512);
#endif
  return kernels;
}

void multiply(const WideMatrix& windows, int64_t rows, const LaneMatrix& weights, int32_t* sums) {
  static const MultiplyRows kernel = multiply_kernels().back();
  const int64_t channels = weights.channels(), whole = channels / kLanes;
  for (int64_t block = 0; block < whole; ++block)
    kernel(windows.row(0), rows, weights.block(block), weights.terms(), channels,
           sums + block * kLanes);
  if (whole * kLanes < channels) multiply_rest(kernel, windows, rows, weights, sums);
}

}  // namespace systole::exec
