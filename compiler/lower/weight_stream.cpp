// SPDX-License-Identifier: Apache-2.0
// Goes through the tiles of a chunk, leaves out those of zeros, and writes the others row by row.
#include "compiler/lower/weight_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "compiler/lower/row_packing.h"

namespace systole::lower {
namespace {

/// Exchanges in `a` and `b` the fields of `a` at `mask` << shift with those of `b` at `mask`.
void exchange(uint64_t& a, uint64_t& b, int shift, uint64_t mask) {
  const uint64_t changed = ((a >> shift) ^ b) & mask;
  a ^= changed << shift;
  b ^= changed;
}

/// Eight bytes of each of eight columns `from_step` apart as eight rows `to_step` apart (Warren,
/// "Hacker's Delight", 7-3, with bytes for bits).
void transpose8(const int8_t* from, int64_t from_step, int8_t* to, int64_t to_step) {
  std::array<uint64_t, 8> rows;
  for (size_t i = 0; i < 8; ++i)
    std::memcpy(&rows[i], from + static_cast<int64_t>(i) * from_step, 8);
  for (size_t i = 0; i < 8; i += 2) exchange(rows[i], rows[i + 1], 8, 0x00ff00ff00ff00ff);
  for (const size_t i : {0, 1, 4, 5}) exchange(rows[i], rows[i + 2], 16, 0x0000ffff0000ffff);
  for (size_t i = 0; i < 4; ++i) exchange(rows[i], rows[i + 4], 32, 0x00000000ffffffff);
  for (size_t i = 0; i < 8; ++i) std::memcpy(to + static_cast<int64_t>(i) * to_step, &rows[i], 8);
}

/// The weights of one tile, as they meet the bytes of activations: a row for each.
class WeightTile {
 public:
  WeightTile(const Layer& layer, const Plan& plan, Range columns)
      : layer_(layer),
        plan_(plan),
        columns_(columns),
        each_(int64_t{1} << layer.pack()),
        inputs_(layer.in_channels / layer.op->conv().group),
        outputs_(layer.shape.oc / layer.op->conv().group),
        missing_(plan.packed_rows == 1
                     ? 0
                     : missing_rows(layer.shape.h, plan.packed_rows) * layer.shape.w.kernel) {}

  int64_t rows() const { return rows_; }
  /// Channels that the rows have: a row may have several, the last fewer.
  int64_t channels() const { return channels_; }
  /// Weights of the network in the tile: those of its groups.
  int64_t members() const { return members_; }
  int64_t each() const { return each_; }
  int64_t columns() const { return columns_.count; }
  /// Weight `i` of the byte of `column` in `row`.
  int8_t at(int64_t row, int64_t column, int64_t i) const {
    return weights_[static_cast<size_t>((row * columns_.count + column) * each_ + i)];
  }
  /// The weights of a row, column by column.
  const int8_t* row(int64_t row) const { return weights_.data() + row * row_weights(); }
  int64_t row_weights() const { return columns_.count * each_; }

  /// Reads the tile of `lanes` bytes of channels from `first` on at position (y, x) of the plan's
  /// view.
  void read(int64_t y, int64_t x, int64_t first, int64_t lanes) {
    const LayerShape& s = plan_.shape;
    rows_ = lanes;
    channels_ = members_ = 0;
    weights_.resize(static_cast<size_t>(lanes * row_weights()));
    int8_t* next = weights_.data();
    for (int64_t c = first; c < first + lanes; ++c) {
      const int64_t seen = (y * s.w.kernel + x) * s.c + c;  // the row of all channels of all taps
      const int64_t tap = seen / layer_.shape.c - missing_;
      const int64_t channel = seen % layer_.shape.c * each_;
      if (tap < 0) {
        next = std::fill_n(next, row_weights(), int8_t{0});
        continue;
      }
      channels_ += std::clamp<int64_t>(layer_.in_channels - channel, 0, each_);
      if (each_ == 1 && layer_.op->conv().group == 1) {
        const int64_t run = std::min(first + lanes - c, layer_.shape.c - channel);
        read_channels(tap * inputs_ + channel, run, next);
        next += run * columns_.count;
        channels_ += run - 1;
        members_ += run * columns_.count;
        c += run - 1;
        continue;
      }
      for (int64_t k = 0; k < columns_.count; ++k)
        for (int64_t i = 0; i < each_; ++i) {
          const bool member = is_member(columns_.first + k, channel + i);
          *next++ = member ? weight_of(columns_.first + k, tap, channel + i) : int8_t{0};
          members_ += member;
        }
    }
  }

  /// All rows.
  std::span<const int8_t> weights() const { return weights_; }
  bool zero() const {
    return std::all_of(weights_.begin(), weights_.end(), [](int8_t w) { return w == 0; });
  }

 private:
  /// Rows of the channels [at, at + run) of all taps, one a row, to `rows`: the network has the
  /// channels of a column together. Eight rows of eight columns are turned over at once.
  void read_channels(int64_t at, int64_t run, int8_t* rows) const {
    const int64_t depth = layer_.shape.taps() * inputs_, width = columns_.count;
    const int8_t* weights = layer_.op->conv().weights.data() + columns_.first * depth + at;
    const int64_t whole_run = run / 8 * 8, whole_width = width / 8 * 8;
    for (int64_t k = 0; k < whole_width; k += 8)
      for (int64_t r = 0; r < whole_run; r += 8)
        transpose8(weights + k * depth + r, depth, rows + r * width + k, width);
    for (int64_t k = 0; k < width; ++k)
      for (int64_t r = k < whole_width ? whole_run : 0; r < run; ++r)
        rows[r * width + k] = weights[k * depth + r];
  }

  /// Between groups there are zeros, and beyond the last channel.
  bool is_member(int64_t output, int64_t channel) const {
    return channel < layer_.in_channels && channel / inputs_ == output / outputs_;
  }

  int8_t weight_of(int64_t output, int64_t tap, int64_t channel) const {
    const int64_t at = (output * layer_.shape.taps() + tap) * inputs_ + channel % inputs_;
    return layer_.op->conv().weights[static_cast<size_t>(at)];
  }

  const Layer& layer_;
  const Plan& plan_;
  const Range columns_;
  const int64_t each_, inputs_, outputs_;
  const int64_t missing_;  ///< taps of rows that the kernel has not
  int64_t rows_ = 0, channels_ = 0, members_ = 0;
  std::vector<int8_t> weights_;
};

/// Little-endian bits, the first field in the lowest.
class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>& bytes) : bytes_(bytes) {}
  void put(unsigned value, int width) {
    if (used_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<uint8_t>(bytes_.back() | value << used_);
    used_ = (used_ + width) % 8;
  }

 private:
  std::vector<uint8_t>& bytes_;
  int used_ = 0;
};

void write_dense(const Layer& layer, const WeightTile& tile, std::vector<uint8_t>& bytes) {
  // Rows of bytes stand one behind the other.
  if (!layer.codebook && layer.op->conv().weight_type == isa::ElementType::kInt8)
    return append_weight_row(tile.weights(), isa::ElementType::kInt8, bytes);
  for (int64_t r = 0; r < tile.rows(); ++r)
    append_weight_row(layer, {tile.row(r), static_cast<size_t>(tile.row_weights())}, bytes);
}

void write_masked(const WeightTile& tile, std::vector<uint8_t>& bytes) {
  for (int64_t first = 0; first < tile.rows(); first += kMaskRows) {
    const int64_t end = std::min(tile.rows(), first + kMaskRows);
    BitWriter mask(bytes);
    for (int64_t r = first; r < end; ++r)
      for (int64_t c = 0; c < tile.columns(); ++c) mask.put(tile.at(r, c, 0) != 0 ? 1 : 0, 1);
    for (int64_t r = first; r < end; ++r) {
      const size_t before = bytes.size();
      for (int64_t c = 0; c < tile.columns(); ++c)
        if (const int8_t weight = tile.at(r, c, 0); weight != 0)
          bytes.push_back(static_cast<uint8_t>(weight));
      if (bytes.size() == before) bytes.push_back(0);  // a row has a byte at least
    }
  }
}

/// Two weights of four channels, and which they are. Channels that are not there have none.
struct Pair {
  std::array<int8_t, 2> weight{};
  std::array<unsigned, 2> channel{};
};

Pair pair_of(const WeightTile& tile, int64_t four, int64_t column) {
  Pair pair;
  size_t found = 0;
  for (int64_t i = 0; i < 4; ++i) {
    const int64_t value = 4 * four + i, row = value / tile.each();
    if (row >= tile.rows()) break;
    const int8_t weight = tile.at(row, column, value % tile.each());
    if (weight == 0) continue;
    pair.weight.at(found) = weight;
    pair.channel.at(found++) = static_cast<unsigned>(i);
  }
  return pair;
}

void write_structured(const Layer& layer, const WeightTile& tile, std::vector<uint8_t>& bytes) {
  const int64_t rows = arch::Geometry::tile_rows(static_cast<int>(tile.rows()), true);
  const int width = 2 << layer.pack();
  const int64_t block = 8 / width;
  std::vector<int8_t> row(static_cast<size_t>(tile.row_weights()));
  for (int64_t first = 0; first < rows; first += block) {
    const int64_t end = std::min(rows, first + block);
    BitWriter prefix(bytes);
    for (int64_t r = first; r < end; ++r)
      for (int64_t c = 0; c < tile.columns(); ++c) {
        if (tile.each() == 2) {
          const Pair pair = pair_of(tile, r, c);
          prefix.put(pair.channel[0] | pair.channel[1] << 2, width);
        } else {
          prefix.put(pair_of(tile, r / 2, c).channel[static_cast<size_t>(r % 2)], width);
        }
      }
    for (int64_t r = first; r < end; ++r) {
      for (int64_t c = 0; c < tile.columns(); ++c) {
        if (tile.each() == 2) {
          const Pair pair = pair_of(tile, r, c);
          row[static_cast<size_t>(2 * c)] = pair.weight[0];
          row[static_cast<size_t>(2 * c + 1)] = pair.weight[1];
        } else {
          row[static_cast<size_t>(c)] = pair_of(tile, r / 2, c).weight[static_cast<size_t>(r % 2)];
        }
      }
      append_weight_row(layer, row, bytes);
    }
  }
}

}  // namespace

void WeightStream::leave_out(int64_t index) {
  holes[static_cast<size_t>(index / 32)] |= 1u << index % 32;
  ++hole_tiles;
}

void WeightStream::describe(isa::LoadWeights& load) const {
  if (!prefixes && hole_tiles == 0) return;
  load.stream_bytes = static_cast<uint32_t>(bytes);
  load.holes = holes;
}

WeightStream append_weight_stream(const Layer& layer, const Plan& plan, const Chunk& chunk,
                                  Range columns, const arch::Geometry& geometry,
                                  std::vector<uint8_t>& bytes) {
  const arch::Geometry slices = geometry.grouped(layer.structured());
  const InputWords words(plan, chunk.c.count, slices);
  const int64_t groups = slices.groups(words.channels());
  WeightStream stream;
  stream.at = std::ssize(bytes);
  stream.tiles = chunk.h.count * chunk.w.count * groups;
  stream.prefixes = layer.structured() || layer.format == WeightFormat::kBitmask;
  // Among weights of one bit there is no zero.
  const bool has_zeros = layer.op->conv().weight_type.bits() > 1;
  WeightTile tile(layer, plan, columns);
  int64_t index = 0;
  for (int64_t y = chunk.h.first; y < chunk.h.end(); ++y)
    for (int64_t x = chunk.w.first; x < chunk.w.end(); ++x) {
      int64_t first = chunk.c.first;
      for (int64_t g = 0; g < groups; ++g, ++index) {
        if (words.passed(g)) {
          stream.leave_out(index);
          ++stream.empty_tiles;
          continue;
        }
        const int lanes = slices.group_lanes(g, words.channels());
        tile.read(y, x, first, lanes);
        first += lanes;
        // The array never passes over the last tile.
        if (has_zeros && index < arch::kHoleTiles && index + 1 < stream.tiles && tile.zero()) {
          stream.leave_out(index);
          stream.hole_weights += tile.members();
        } else if (layer.structured()) {
          write_structured(layer, tile, bytes);
        } else if (layer.format == WeightFormat::kBitmask) {
          write_masked(tile, bytes);
        } else {
          write_dense(layer, tile, bytes);
        }
      }
    }
  stream.bytes = std::ssize(bytes) - stream.at;
  return stream;
}

}  // namespace systole::lower
