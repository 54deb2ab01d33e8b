// SPDX-License-Identifier: Apache-2.0
// The vector pipeline, an output row of COLS lanes at a time.
#include <algorithm>
#include <cstring>
#include <limits>

#include "model/core/datapath.h"
#include "model/core/packed_values.h"
#include "model/isa/rounding.h"

namespace systole::core {

/// Slice `slice` of COLS lanes of a UB word; bytes beyond the word are 0.
void Datapath::read_slice(uint64_t address, int slice, int narrow, int8_t* lanes) const {
  if (narrow > 0) {
    const int each = 1 << narrow, from = slice * geo_.cols / each;
    const int8_t* bytes = word(address);
    for (int c = 0; c < geo_.cols; c += each) {
      const int at = from + c / each;
      const uint8_t byte = at < geo_.word_bytes ? static_cast<uint8_t>(bytes[at]) : 0;
      std::memcpy(lanes + c, value_table(narrow)[byte].data(), static_cast<size_t>(each));
    }
    return;
  }
  const int first = slice * geo_.cols;
  const int count = std::min(geo_.cols, geo_.word_bytes - first);
  std::memcpy(lanes, word(address) + first, static_cast<size_t>(count));
  std::memset(lanes + count, 0, static_cast<size_t>(geo_.cols - count));
}

/// The first `count` lanes of slice `slice`; a byte that they do not fill is filled with 0 bits.
void Datapath::write_slice(uint64_t address, int slice, int narrow, size_t count,
                           const int8_t* lanes) {
  const size_t each = size_t{1} << narrow;
  int8_t* bytes = word_at(address) + static_cast<size_t>(slice * geo_.cols) / each;
  if (narrow == 0) {
    std::memcpy(bytes, lanes, count);
    return;
  }
  for (size_t c = 0; c < count; c += each) {
    unsigned byte = 0;
    for (size_t i = 0; i < std::min(each, count - c); ++i)
      byte |= static_cast<unsigned>(field_of(lanes[c + i], narrow)) << i * (8 / each);
    bytes[c / each] = static_cast<int8_t>(byte);
  }
}

/// The window's reduction whose first tap is source row `h`, column `w` of batch item `image`.
void Datapath::gather(const isa::Vector& v, int64_t image, int64_t h, int64_t w,
                      int32_t* sums) const {
  const size_t cols = static_cast<size_t>(hw_.cols);
  const int32_t least = std::numeric_limits<int32_t>::min();
  const int32_t start = v.reduce_sum ? 0 : least;
  std::fill_n(sums, cols, start);
  int8_t lanes[256];
  for (int64_t y = h; y < h + v.kh; ++y)
    for (int64_t x = w; x < w + v.kw; ++x) {
      if (y < 0 || y >= v.height || x < 0 || x >= v.width) {
        if (v.reduce_sum)
          for (size_t c = 0; c < cols; ++c) sums[c] = isa::wrap_add(sums[c], v.pad_byte);
        continue;  // a maximum ignores -2^31
      }
      const uint64_t address = v.src_addr + static_cast<uint64_t>(image) * v.src_stride0 +
                               static_cast<uint64_t>(y) * v.src_stride1 +
                               static_cast<uint64_t>(x) * v.src_stride2;
      if (v.src_ub) {
        read_slice(address, v.src_slice, v.src_narrow, lanes);
        if (v.reduce_sum)
          for (size_t c = 0; c < cols; ++c) sums[c] = isa::wrap_add(sums[c], lanes[c]);
        else
          for (size_t c = 0; c < cols; ++c) sums[c] = std::max<int32_t>(sums[c], lanes[c]);
      } else {
        const int32_t* row = acc_row(address);
        if (v.reduce_sum)
          for (size_t c = 0; c < cols; ++c) sums[c] = isa::wrap_add(sums[c], row[c]);
        else
          for (size_t c = 0; c < cols; ++c) sums[c] = std::max(sums[c], row[c]);
      }
    }
}

void Datapath::vector(const isa::Vector& v) {
  const size_t row_bytes = static_cast<size_t>(geo_.pb_row_bytes),
               cols = static_cast<size_t>(hw_.cols);
  const size_t lanes = static_cast<size_t>(v.lanes_m1) + 1;
  std::memcpy(bias_.data(), params_.get() + v.param_row * row_bytes, cols * 4);
  std::memcpy(scale_.data(), params_.get() + (v.param_row + size_t{1}) * row_bytes, cols * 4);
  // Only illegal programs have other scales; they must not make a NaN here.
  for (float& scale : scale_)
    if (!isa::legal_scale(scale)) scale = 1.0f;

  const isa::VectorSet set = set_;
  const int32_t* bias = bias_.data();
  const float* scale = scale_.data();
  const int8_t* residual = residual_.data();
  const int8_t* table = tables_.get() + set.table_index * size_t{256};
  for (int64_t b = 0; b < v.n; ++b)
    for (int64_t i = 0; i < v.oh; ++i)
      for (int64_t j = 0; j < v.ow; ++j) {
        gather(v, b, v.h0 + i * v.stride_h, v.w0 + j * v.stride_w, sums_.data());
        const int32_t* sums = sums_.data();
        int8_t* out = lanes_.data();
        if (v.residual) {
          read_slice(static_cast<uint64_t>(v.res_addr + b * v.res_stride0 + i * v.res_stride1 +
                                           j * v.res_stride2),
                     v.res_slice, v.res_narrow, residual_.data());
          for (size_t c = 0; c < lanes; ++c)
            out[c] = isa::requantise(sums[c], bias[c], scale[c], residual + c, set);
        } else {
          for (size_t c = 0; c < lanes; ++c)
            out[c] = isa::requantise(sums[c], bias[c], scale[c], nullptr, set);
        }
        if (set.use_table)
          for (size_t c = 0; c < lanes; ++c) out[c] = table[out[c] + 128];
        write_slice(static_cast<uint64_t>(v.dst_addr + b * v.dst_stride0 + i * v.dst_stride1 +
                                          j * v.dst_stride2),
                    v.dst_slice, v.dst_narrow, lanes, out);
      }
}

}  // namespace systole::core
