// SPDX-License-Identifier: Apache-2.0
// Weight tiles of the golden executor: how they come from DRAM, and what they multiply.
#include <algorithm>

#include "model/golden/golden_state.h"
#include "model/isa/rounding.h"

namespace systole::golden {

bool GoldenState::append_tile(const isa::LoadWeights& op, int64_t index, int64_t count) {
  const arch::Geometry slices = slices_of(op, g_);
  const int64_t groups = slices.groups(op.channels);
  const int64_t position = index / groups, group = index % groups;
  const int rows = tile_rows(op, g_, index);
  Tile tile{Bytes::Zero(g_.rows, g_.cols), Bytes::Zero(g_.rows, g_.cols)};
  bool good;
  if (op.stream_bytes != 0) {
    if (count == 0) stream_at_ = op.dram_addr;
    good = append_stream_tile(op, rows, tile);
  } else {
    // The rows of a position before this group's: its first channel.
    const int64_t first_row =
        group / slices.row_slices * g_.lanes + group % slices.row_slices * int64_t{slices.rows};
    const int64_t row_bytes = weight_row_bytes(op);
    if (op.diagonal) {
      good = append_diagonal(op, position, first_row, tile);
    } else {
      std::vector<uint8_t> bytes(static_cast<size_t>(rows * row_bytes));
      good = memory_.read(op.dram_addr + (position * op.channels + first_row) * row_bytes, bytes);
      for (int r = 0; r < rows; ++r)
        for (int c = 0; c < op.cols; ++c)
          tile.weights(r, c) = tile_byte(&bytes[static_cast<size_t>(r * row_bytes)], c, op);
    }
  }
  ring_.push_back(std::move(tile));
  return good;
}

bool GoldenState::append_diagonal(const isa::LoadWeights& op, int64_t position, int64_t first_row,
                                  Tile& tile) {
  std::vector<uint8_t> diagonal(static_cast<size_t>(weight_row_bytes(op)));
  const bool good = memory_.read(op.dram_addr + position * std::ssize(diagonal), diagonal);
  const int64_t rows = std::min<int64_t>(g_.rows, op.channels - first_row);
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t c = first_row + r - op.first;  // the column that this channel gives
    if (0 <= c && c < op.cols) tile.weights(r, c) = tile_byte(diagonal.data(), c, op);
  }
  return good;
}

bool GoldenState::append_stream_tile(const isa::LoadWeights& op, int rows, Tile& tile) {
  bool good = true;
  const auto take = [&](int64_t bytes) {
    std::vector<uint8_t> taken(static_cast<size_t>(bytes));
    good &= memory_.read(stream_at_, taken);
    stream_at_ += taken.size();
    return taken;
  };
  const int width = prefix_width(op);
  std::vector<uint8_t> prefix;
  for (int r = 0; r < rows; ++r) {
    const int block_row = width == 0 ? 0 : r % (8 / width);
    if (width != 0 && block_row == 0)
      prefix = take((std::min(8 / width, rows - r) * op.cols * width + 7) / 8);
    const auto field = [&](int c) {  // little-endian bits, row by row
      int value = 0;
      for (int bit = width - 1; bit >= 0; --bit) {
        const int at = (block_row * op.cols + c) * width + bit;
        value = 2 * value + (prefix[static_cast<size_t>(at / 8)] >> at % 8 & 1);
      }
      return value;
    };
    if (op.bitmask) {
      std::vector<int> named;
      for (int c = 0; c < op.cols; ++c)
        if (field(c) != 0) named.push_back(c);
      const std::vector<uint8_t> row = take(std::max<int64_t>(1, std::ssize(named)));
      for (size_t i = 0; i < named.size(); ++i) tile.weights(r, named[i]) = row[i];
      continue;
    }
    const std::vector<uint8_t> row = take(weight_row_bytes(op));
    for (int c = 0; c < op.cols; ++c) {
      tile.weights(r, c) = tile_byte(row.data(), c, op);
      if (op.structured) tile.select(r, c) = static_cast<uint8_t>(field(c));
    }
  }
  return good;
}

int64_t GoldenState::take_nonzero_weights(const isa::LoadWeights& op) {
  const Bytes& bytes = ring_.front().weights;
  int64_t count = 0;
  for (int64_t at = 0; at < bytes.size(); ++at)
    for (int64_t i = 0; i < int64_t{1} << op.pack; ++i)
      count += narrow_value(bytes.data() + at, i, op.pack) != 0;
  ring_.pop_front();
  return count;
}

GoldenState::Matrix GoldenState::weights_of(const Tile& tile, const isa::Matmul& op,
                                            int lanes) const {
  const int64_t each = int64_t{1} << op.narrow;  // values of a byte
  Matrix weights = Matrix::Zero(lanes * each, g_.cols);
  const int rows = arch::Geometry::tile_rows(lanes, op.structured);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < g_.cols; ++c)
      for (int64_t i = 0; i < each; ++i) {
        const auto value = static_cast<float>(narrow_value(&tile.weights(r, c), i, op.narrow));
        if (!op.structured) {
          weights(r * each + i, c) = value;
          continue;
        }
        // Four channels for each pair of rows, or for each row of two weights a byte.
        const int64_t channel = (each == 1 ? r / 2 : r) * 4 + (tile.select(r, c) >> 2 * i & 3);
        if (channel < weights.rows()) weights(channel, c) += value;
      }
  return weights;
}

void GoldenState::use_tile(const isa::Matmul& op, int64_t index, int64_t count) {
  const arch::Geometry slices = slices_of(op, g_);
  const int64_t groups = slices.groups(op.channels);
  const int64_t position = index / groups, group = index % groups;
  const int64_t y = position / op.kw, x = position % op.kw;
  const int64_t word = group / slices.row_slices;
  const int64_t first_lane = group % slices.row_slices * int64_t{slices.rows};
  const int lanes = slices.group_lanes(group, op.channels);

  // A UB word of expanded values stands for several words of lanes.
  const int64_t words = int64_t{1} << op.expand;
  const int64_t each = int64_t{1} << op.narrow;
  const int64_t first_value = (word % words * g_.lanes + first_lane) * each;
  const uint8_t pad_byte = static_cast<uint8_t>(op.pad_byte);
  Matrix activations(int64_t{op.n} * op.oh * op.ow, lanes * each);
  int64_t row = 0;
  for (int64_t b = 0; b < op.n; ++b)
    for (int64_t i = 0; i < op.oh; ++i)
      for (int64_t j = 0; j < op.ow; ++j, ++row) {
        const int64_t h = op.h0 + i * op.stride_h + y * op.dil_h;
        const int64_t v = op.w0 + j * op.stride_w + x * op.dil_w;
        const bool inside = 0 <= h && h < op.height && 0 <= v && v < op.width;
        const int64_t a =
            op.ub_addr + b * op.ub_stride0 + h * op.ub_stride1 + v * op.ub_stride2 + word / words;
        for (int64_t k = 0; k < lanes * each; ++k)
          activations(row, k) = inside ? ub_value(a, first_value + k, op.narrow + op.expand)
                                       : narrow_value(&pad_byte, k % each, op.narrow);
      }

  // At most 256 products of 2^14, or eight times as many of a 16th: every partial sum is exact in
  // float32.
  const Matrix product =
      activations * weights_of(ring_[static_cast<size_t>(op.keep ? count : 0)], op, lanes);
  for (int64_t m = 0; m < product.rows(); ++m)
    for (int c = 0; c < g_.cols; ++c) {
      int32_t& sum = acc_[(op.acc_addr + m) * g_.cols + c];
      const bool overwrite = count == 0 && !op.accumulate;
      sum = isa::wrap_add(overwrite ? 0 : sum, static_cast<int32_t>(product(m, c)));
    }
  if (!op.keep) ring_.pop_front();
}

}  // namespace systole::golden
