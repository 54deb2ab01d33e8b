// SPDX-License-Identifier: Apache-2.0
// Walks over the weights in the order in which they are stored, and counts.
#include "compiler/prune/weight_patterns.h"

#include <algorithm>
#include <bitset>

#include "compiler/lower/codebook.h"
#include "compiler/prune/tile_grid.h"
#include "model/arch/weight_rows.h"

namespace systole {
namespace {

constexpr int64_t kChunk = 1024;          // weights that one bitmask covers
constexpr int64_t kChunkLength = 2;       // bytes that say how long a chunk is
constexpr int64_t kCodebookEntries = 16;  // of a byte each, with 4-bit indices
constexpr int kCodes = 256;

int64_t bytes_of_bits(int64_t bits) { return ceil_div(bits, 8); }

/// One convolution, seen as the tiles that the array is given.
class Walker {
 public:
  Walker(const QConv& conv, int64_t in, bool covers_map, const Geometry& geometry)
      : conv_(conv),
        out_(static_cast<int64_t>(conv.post.bias.size())),
        in_(in),
        area_(conv.kh * conv.kw),
        depthwise_(conv.group > 1 && conv.group == in && out_ == in),
        grid_(weight_tiles(geometry, depthwise_ ? 1 : in, area_, out_, covers_map)),
        depth_(grid_.rows.back().end()) {}

  WeightPatterns walk() {
    found_.bits = conv_.weight_bits;
    count_codes();
    find_zero_channels();
    walk_tiles();
    walk_stream();
    found_.two_of_four = holds(2, 4);
    found_.one_of_four = holds(1, 4);
    found_.one_of_two = holds(1, 2);
    auto& bytes = found_.bytes;
    bytes[static_cast<size_t>(WeightFormat::kDense)] = dense_;
    bytes[static_cast<size_t>(WeightFormat::kBitmask)] = bitmask_;
    if (found_.distinct <= kCodebookEntries && found_.bits == 8)
      bytes[static_cast<size_t>(WeightFormat::kCodebook)] =
          kCodebookEntries + bytes_of_bits(4 * stored_);
    if (found_.two_of_four)  // half of the weights, with two bits each that say which
      bytes[static_cast<size_t>(WeightFormat::kTwoOfFour)] =
          bytes_of_bits(stored_ / 2 * (found_.bits + 2));
    return std::move(found_);
  }

 private:
  /// Row `d` of the matrix of kernel position `p`, column `o`; convolutions in groups have zeros
  /// between their groups.
  int8_t weight(int64_t p, int64_t d, int64_t o) const {
    if (conv_.group == 1 || depthwise_)
      return conv_.weights[static_cast<size_t>((o * grid_.positions + p) * depth_ + d)];
    const int64_t inputs = in_ / conv_.group, outputs = out_ / conv_.group;
    if (d / inputs != o / outputs) return 0;
    return conv_.weights[static_cast<size_t>((o * area_ + p) * inputs + d % inputs)];
  }

  void count_codes() {
    std::bitset<kCodes> seen;
    for (const int8_t w : conv_.weights) seen.set(static_cast<uint8_t>(w));
    found_.count = static_cast<int64_t>(conv_.weights.size());
    found_.zeros = std::count(conv_.weights.begin(), conv_.weights.end(), int8_t{0});
    found_.distinct = static_cast<int>(seen.count());
  }

  void find_zero_channels() {
    const int64_t inputs = in_ / conv_.group, outputs = out_ / conv_.group;
    std::vector<bool> read(static_cast<size_t>(in_), false);
    for (int64_t o = 0, at = 0; o < out_; ++o) {
      bool any = false;
      for (int64_t p = 0; p < area_; ++p) {
        for (int64_t c = 0; c < inputs; ++c, ++at) {
          if (conv_.weights[static_cast<size_t>(at)] == 0) continue;
          read[static_cast<size_t>(o / outputs * inputs + c)] = true;
          any = true;
        }
      }
      if (!any) ++found_.zero_outputs;
    }
    found_.zero_inputs = std::count(read.begin(), read.end(), false);
  }

  void walk_tiles() {
    found_.tiles = grid_.tiles();
    for (const TileGrid::Part& columns : grid_.columns) {
      for (int64_t p = 0; p < grid_.positions; ++p)
        for (const TileGrid::Part& rows : grid_.rows)
          if (is_zero(p, rows, columns)) ++found_.zero_tiles;
    }
  }

  bool is_zero(int64_t p, const TileGrid::Part& rows, const TileGrid::Part& columns) const {
    for (int64_t d = rows.first; d < rows.end(); ++d)
      for (int64_t o = columns.first; o < columns.end(); ++o)
        if (weight(p, d, o) != 0) return false;
    return true;
  }

  /// Column tile by column tile, as the weight DMA reads them.
  void walk_stream() {
    int64_t in_chunk = 0, values = 0;
    const auto end_chunk = [&] {
      if (in_chunk > 0)
        bitmask_ += kChunkLength + bytes_of_bits(in_chunk) + bytes_of_bits(values * found_.bits);
      in_chunk = values = 0;
    };
    for (const TileGrid::Part& columns : grid_.columns) {
      for (int64_t p = 0; p < grid_.positions; ++p) {
        for (int64_t d = 0; d < depth_; ++d) {
          for (int64_t o = columns.first; o < columns.end(); ++o) {
            if (weight(p, d, o) != 0) ++values;
            if (++in_chunk == kChunk) end_chunk();
          }
        }
      }
      stored_ += grid_.positions * depth_ * columns.count;
      dense_ += grid_.positions * depth_ * weight_row_bytes(columns.count, found_.bits);
    }
    end_chunk();
  }

  /// Whether at most `n` of every `m` consecutive input channels are not zero.
  bool holds(int64_t n, int64_t m) const {
    const int64_t inputs = in_ / conv_.group;
    if (inputs % m != 0) return false;
    for (size_t i = 0; i < conv_.weights.size(); i += static_cast<size_t>(m)) {
      const auto first = conv_.weights.begin() + static_cast<std::ptrdiff_t>(i);
      if (m - std::count(first, first + m, int8_t{0}) > n) return false;
    }
    return true;
  }

  const QConv& conv_;
  const int64_t out_, in_, area_;
  const bool depthwise_;
  const TileGrid grid_;
  const int64_t depth_;  ///< rows of the matrix of one position
  WeightPatterns found_;
  int64_t stored_ = 0, dense_ = 0, bitmask_ = 0;
};

bool covers_map(const QConv& conv, const QTensor& in) {
  const bool padded =
      conv.pad_top != 0 || conv.pad_left != 0 || conv.pad_bottom != 0 || conv.pad_right != 0;
  return conv.group == 1 && conv.kh == in.h && conv.kw == in.w && !padded && conv.dil_h == 1 &&
         conv.dil_w == 1;
}

}  // namespace

const char* weight_format_name(WeightFormat format) {
  static constexpr const char* kNames[kWeightFormats] = {"dense", "bitmask", "codebook", "2:4"};
  return kNames[static_cast<size_t>(format)];
}

WeightFormat WeightPatterns::smallest() const {
  size_t best = 0;
  for (size_t f = 1; f < kWeightFormats; ++f)
    if (bytes[f] && *bytes[f] < *bytes[best]) best = f;
  return static_cast<WeightFormat>(best);
}

std::vector<std::optional<WeightPatterns>> weight_patterns(const QGraph& graph,
                                                           const HwParams& hw) {
  const Geometry geometry(hw);
  std::vector<std::optional<WeightPatterns>> result;
  for (const QOp& op : graph.ops) {
    result.emplace_back();
    // A bias that came as a layer has weights that are zero by construction.
    if (op.type != QOp::Type::kConv || op.kind == "bias") continue;
    const QTensor& in = graph.tensors.at(static_cast<size_t>(op.conv.in));
    if (op.conv.weights.empty()) continue;  // of a topology
    result.back() = Walker(op.conv, in.c, covers_map(op.conv, in), geometry).walk();
    result.back()->name = op.name;
    if (hw.codebook != 0 && codebook_of(graph, op.conv))
      result.back()->stored = WeightFormat::kCodebook;
  }
  return result;
}

}  // namespace systole
