// SPDX-License-Identifier: Apache-2.0
// The inner loops of the quantised graph, built for several kinds of processor.
#pragma once

#include <cstdint>
#include <vector>

#include "model/isa/isa.h"

namespace systole::exec {

/// Rows of int8 values widened to int16: two of their products make an int32 in one instruction
/// (pmaddwd). Each has an even number of terms.
class WideMatrix {
 public:
  static constexpr int64_t kChunk = 16;  ///< values that may be written behind the last

  WideMatrix(int64_t rows, int64_t terms)
      : rows_(rows),
        terms_(terms + terms % 2),
        values_(static_cast<size_t>(rows_ * terms_ + kChunk)) {}
  int16_t* row(int64_t index) { return values_.data() + index * terms_; }
  const int16_t* row(int64_t index) const { return values_.data() + index * terms_; }
  int64_t rows() const { return rows_; }
  int64_t terms() const { return terms_; }

 private:
  int64_t rows_, terms_;
  std::vector<int16_t> values_;
};

/// Weights as the products take them: kLanes output channels side by side, two terms of each; what
/// is missing of the last ones is 0.
class LaneMatrix {
 public:
  static constexpr int64_t kLanes = 16;

  /// `weights`: [channels][terms].
  LaneMatrix(const int8_t* weights, int64_t channels, int64_t terms);
  int64_t channels() const { return channels_; }
  int64_t terms() const { return terms_; }  ///< even
  /// Those of the channels from `index` * kLanes on.
  const int16_t* block(int64_t index) const { return values_.data() + index * terms_ * kLanes; }

 private:
  int64_t channels_, terms_;
  std::vector<int16_t> values_;
};

/// sums[r * weights.channels() + c] = the product of row r of `windows` and channel c of `weights`,
/// exact modulo 2^32, for the first `rows` rows. Both have equally many terms.
void multiply(const WideMatrix& windows, int64_t rows, const LaneMatrix& weights, int32_t* sums);

/// Products of `rows` rows of windows, `terms` apart, with a block of weights: kLanes sums a row,
/// `stride` apart.
using MultiplyRows = void (*)(const int16_t* windows, int64_t rows, const int16_t* weights,
                              int64_t terms, int64_t stride, int32_t* sums);
/// Those that this processor can run, the best last: all give the same.
std::vector<MultiplyRows> multiply_kernels();

/// to[c] = from[c], `count` values.
void widen(const int8_t* from, int64_t count, int16_t* to);

/// sums[c] = the sum over `taps` of weights[tap * channels + c] * pixels[tap][c] modulo 2^32.
void sum_taps(const int16_t* weights, const int8_t* const* pixels, int64_t taps, int64_t channels,
              int32_t* sums);

/// The vector unit on `count` lanes, each with its bias and scale: sums to bytes, by
/// isa::requantise. `residual`: null without one.
void requantise(int64_t count, const int32_t* sums, const int32_t* bias, const float* scale,
                const int8_t* residual, const isa::VectorSet& set, int8_t* out);

}  // namespace systole::exec
