// SPDX-License-Identifier: Apache-2.0
// The inner loops of the quantised graph, built for several kinds of processor.
#pragma once

#include <cstdint>
#include <vector>

#include "model/isa/isa.h"

namespace systole::exec {

/// A matrix of int8 values widened to int16: two of their products make an int32 in one instruction
/// (pmaddwd). Rows and columns are filled up with zeros to what the loops take at once.
class WideMatrix {
 public:
  static constexpr int64_t kRows = 4, kTerms = 32;  ///< multiples of these are held

  WideMatrix(int64_t rows, int64_t terms)
      : rows_(round_up(rows, kRows)),
        terms_(round_up(terms, kTerms)),
        values_(static_cast<size_t>(rows_ * terms_)) {}
  int16_t* row(int64_t index) { return values_.data() + index * terms_; }
  const int16_t* row(int64_t index) const { return values_.data() + index * terms_; }
  /// Those held.
  int64_t rows() const { return rows_; }
  int64_t terms() const { return terms_; }

 private:
  static int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

  int64_t rows_, terms_;
  std::vector<int16_t> values_;
};

/// sums[r * weights.rows() + c] = the product of row r of `windows` and row c of `weights`, exact
/// modulo 2^32, for the first `rows` rows and those up to a multiple of WideMatrix::kRows. Both
/// have equally many terms.
void multiply(const WideMatrix& windows, int64_t rows, const WideMatrix& weights, int32_t* sums);

/// to[c] = from[c], `count` values.
void widen(const int8_t* from, int64_t count, int16_t* to);

/// sums[c] += weights[c] * values[c] modulo 2^32, `count` channels.
void add_products(const int16_t* weights, const int8_t* values, int64_t count, int32_t* sums);

/// The vector unit on `count` lanes, each with its bias and scale: sums to bytes, by
/// isa::requantise. `residual`: null without one.
void requantise(int64_t count, const int32_t* sums, const int32_t* bias, const float* scale,
                const int8_t* residual, const isa::VectorSet& set, int8_t* out);

}  // namespace systole::exec
