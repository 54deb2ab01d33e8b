// SPDX-License-Identifier: Apache-2.0
// A weight tile times all activation rows of an instruction, summed into ACC modulo 2^32.
#include <algorithm>
#include <numeric>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "model/core/datapath.h"
#include "model/core/packed_values.h"

namespace systole::core {
namespace {

constexpr size_t kBlock = 16;  ///< columns computed together

/// sums[c] (+)= sum over pairs p of a[2p]*w[p][c][0] + a[2p+1]*w[p][c][1], for the kBlock columns
/// of a block. `weights` holds `pairs` rows of 2*kBlock values. An odd last row is paired with
/// weights of 0, so the byte of `a` beyond it does not matter.
#ifdef __SSE2__
void block_row(const int8_t* a, const int16_t* weights, size_t pairs, bool add, int32_t* sums) {
  __m128i* out = reinterpret_cast<__m128i*>(sums);
  __m128i sum[4];
  for (int i = 0; i < 4; ++i) sum[i] = add ? _mm_loadu_si128(out + i) : _mm_setzero_si128();
  for (size_t p = 0; p < pairs; ++p) {
    const uint32_t pair = static_cast<uint16_t>(int16_t{a[2 * p]}) |
                          static_cast<uint32_t>(static_cast<uint16_t>(int16_t{a[2 * p + 1]})) << 16;
    const __m128i activations = _mm_set1_epi32(static_cast<int32_t>(pair));
    const __m128i* w = reinterpret_cast<const __m128i*>(weights + p * 2 * kBlock);
    for (int i = 0; i < 4; ++i)
      sum[i] = _mm_add_epi32(sum[i], _mm_madd_epi16(activations, _mm_loadu_si128(w + i)));
  }
  for (int i = 0; i < 4; ++i) _mm_storeu_si128(out + i, sum[i]);
}
#else
void block_row(const int8_t* a, const int16_t* weights, size_t pairs, bool add, int32_t* sums) {
  for (size_t c = 0; c < kBlock; ++c) {
    uint32_t sum = add ? static_cast<uint32_t>(sums[c]) : 0;
    for (size_t p = 0; p < pairs; ++p) {
      const int16_t* w = weights + (p * kBlock + c) * 2;
      sum += static_cast<uint32_t>(a[2 * p] * w[0] + a[2 * p + 1] * w[1]);
    }
    sums[c] = static_cast<int32_t>(sum);
  }
}
#endif

}  // namespace

/// Weights of `lanes` rows of bytes as pairs of rows of values, block by block:
/// [block][pair][column][2].
void Datapath::pack_tile(const int8_t* tile, size_t lanes, int narrow) {
  const size_t cols = static_cast<size_t>(hw_.cols), each = size_t{1} << narrow;
  const size_t pairs = (lanes * each + 1) / 2, blocks = acc_stride_ / kBlock;
  const ValueTable& values = value_table(narrow);
  std::fill(packed_weights_.begin(), packed_weights_.end(), int16_t{0});
  for (size_t block = 0; block < blocks; ++block)
    for (size_t r = 0; r < lanes * each; ++r) {
      const int8_t* row = tile + r / each * cols + block * kBlock;
      int16_t* packed = packed_weights_.data() + (block * pairs + r / 2) * 2 * kBlock + r % 2;
      const size_t columns = std::min(kBlock, cols - block * kBlock);
      if (narrow == 0)
        for (size_t c = 0; c < columns; ++c) packed[2 * c] = row[c];
      else
        for (size_t c = 0; c < columns; ++c)
          packed[2 * c] = values[static_cast<uint8_t>(row[c])][r % each];
    }
}

/// The same for a tile whose weights select among four values: those of four lanes for two rows, or
/// at four bits those of two lanes for one. What no weight selects is 0.
void Datapath::pack_structured_tile(size_t slot, size_t lanes, int narrow) {
  const size_t cols = static_cast<size_t>(hw_.cols), values = lanes << narrow;
  const size_t pairs = (values + 1) / 2, each = size_t{1} << narrow;
  const auto rows = static_cast<size_t>(arch::Geometry::tile_rows(static_cast<int>(lanes), true));
  std::fill(packed_weights_.begin(), packed_weights_.end(), int16_t{0});
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < cols; ++c) {
      const size_t at = tile_at(slot) + r * cols + c;
      for (size_t i = 0; i < each; ++i) {
        const size_t four = narrow == 0 ? r / 2 : r, choice = selects_[at] >> 2 * i & 3;
        const size_t k = 4 * four + choice;
        if (k >= values) continue;  // beyond the group: meets 0
        const size_t block = c / kBlock;
        int16_t& sum = packed_weights_[((block * pairs + k / 2) * kBlock + c % kBlock) * 2 + k % 2];
        sum = static_cast<int16_t>(
            sum + value_in(static_cast<uint8_t>(weights_[at]), static_cast<unsigned>(i), narrow));
      }
    }
}

void Datapath::matmul_tile(const isa::Matmul& m, uint16_t tag, int y, int x, int64_t group,
                           size_t slot, bool overwrite) {
  const arch::Geometry slices = geo_.grouped(m.structured);
  const int64_t slice = group % slices.row_slices;
  // A word of values to expand stands for several words of lanes.
  const int64_t lane_word = group / slices.row_slices, parts = int64_t{1} << m.expand;
  const int64_t word = lane_word / parts;
  const int64_t first_lane = m.expand == 0 ? slice * slices.rows : 0;
  const int64_t first_value = (lane_word % parts * geo_.lanes + slice * slices.rows) << m.narrow;
  const size_t lanes = static_cast<size_t>(slices.group_lanes(group, m.channels));
  const size_t pairs = ((lanes << m.narrow) + 1) / 2;
  const size_t blocks = acc_stride_ / kBlock;
  if (m.structured)
    pack_structured_tile(slot, lanes, m.narrow);
  else
    pack_tile(weights_.get() + tile_at(slot), lanes, m.narrow);

  // The address of every activation row, padding included.
  std::fill(pad_word_.begin(), pad_word_.end(), m.pad_byte);
  row_pointers_.clear();
  for (int64_t b = 0; b < m.n; ++b)
    for (int64_t i = 0; i < m.oh; ++i) {
      const int64_t h = m.h0 + i * m.stride_h + y * m.dil_h;
      const uint64_t line =
          static_cast<uint64_t>(m.ub_addr + b * m.ub_stride0 + h * m.ub_stride1 + word);
      for (int64_t j = 0; j < m.ow; ++j) {
        const int64_t v = m.w0 + j * m.stride_w + x * m.dil_w;
        const bool inside = h >= 0 && h < m.height && v >= 0 && v < m.width;
        row_pointers_.push_back(
            inside ? this->word(line + static_cast<uint64_t>(v) * m.ub_stride2) + first_lane
                   : pad_word_.data());
      }
    }

  const size_t first = m.expand == 0 ? 0 : static_cast<size_t>(first_value);
  if (switching_ != nullptr) (*switching_)[tag] += count_switching(m, lanes, first, slot);
  const bool add = !overwrite;
  if (m.narrow + m.expand > 0) return narrow_rows(m, lanes, first, add);
  for (size_t block = 0; block < blocks; ++block) {
    const int16_t* weights = packed_weights_.data() + block * pairs * 2 * kBlock;
    int32_t* sums = acc_at(m.acc_addr) + block * kBlock;
    for (const int8_t* row : row_pointers_) {
      block_row(row, weights, pairs, add, sums);
      sums += acc_stride_;
    }
  }
}

int64_t Datapath::count_switching(const isa::Matmul& m, size_t lanes, size_t first, size_t slot) {
  const size_t cols = static_cast<size_t>(hw_.cols), each = size_t{1} << m.narrow;
  const size_t count = lanes * each;
  const ValueTable& values = value_table(m.narrow);
  std::vector<int64_t> weights((count + 3) / 4 * 4), activations(weights.size());  // by value
  const auto rows =
      static_cast<size_t>(arch::Geometry::tile_rows(static_cast<int>(lanes), m.structured));
  for (size_t r = 0; r < rows; ++r)
    for (size_t at = tile_at(slot) + r * cols; at < tile_at(slot) + (r + 1) * cols; ++at)
      for (size_t i = 0; i < each; ++i) {
        if (values[static_cast<uint8_t>(weights_[at])][i] == 0) continue;
        const size_t four = m.narrow == 0 ? r / 2 : r;
        ++weights[m.structured ? 4 * four + (selects_[at] >> 2 * i & 3) : r * each + i];
      }
  const auto& pad = values[static_cast<uint8_t>(m.pad_byte)];
  for (const int8_t* row : row_pointers_) {
    spread_row(m, row, first, count);
    for (size_t k = 0; k < count; ++k) activations[k] += values_[k] != pad[k % each];
  }
  return std::inner_product(weights.begin(), weights.end(), activations.begin(), int64_t{0});
}

/// The `count` values that a row at `row_pointers_` offers, to values_: those from `first` on, or
/// of padding, which is as wide as what it meets, from the first on.
void Datapath::spread_row(const isa::Matmul& m, const int8_t* row, size_t first, size_t count) {
  if (row == pad_word_.data())
    spread_values(row, 0, count, m.narrow);
  else
    spread_values(row, first, count, m.narrow + m.expand);
}

/// The rows at `row_pointers_`, whose bytes hold several values each.
void Datapath::narrow_rows(const isa::Matmul& m, size_t lanes, size_t first, bool add) {
  const size_t count = lanes << m.narrow, pairs = (count + 1) / 2;
  int32_t* sums = acc_at(m.acc_addr);
  for (const int8_t* row : row_pointers_) {
    spread_row(m, row, first, count);
    for (size_t block = 0; block < acc_stride_ / kBlock; ++block)
      block_row(values_.data(), packed_weights_.data() + block * pairs * 2 * kBlock, pairs, add,
                sums + block * kBlock);
    sums += acc_stride_;
  }
}

/// `count` values of 8 >> narrow bits from value `first` of `bytes` on, to `values_`.
void Datapath::spread_values(const int8_t* bytes, size_t first, size_t count, int narrow) {
  const size_t each = size_t{1} << narrow;
  const ValueTable& values = value_table(narrow);
  for (size_t done = 0; done < count;) {
    const size_t at = (first + done) & (each - 1), piece = std::min(each - at, count - done);
    const auto byte = static_cast<uint8_t>(bytes[(first + done) >> narrow]);
    std::copy_n(values[byte].data() + at, piece, values_.data() + done);
    done += piece;
  }
}

}  // namespace systole::core
