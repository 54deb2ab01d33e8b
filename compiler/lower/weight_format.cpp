// SPDX-License-Identifier: Apache-2.0
// Adds up what each format takes, and picks.
#include "compiler/lower/weight_format.h"

#include <algorithm>

#include "compiler/lower/grouped.h"
#include "compiler/lower/row_packing.h"
#include "compiler/lower/tiling.h"
#include "model/base/count_zeros.h"

namespace systole::lower {
namespace {

Range outputs_of(const Layer& layer, const arch::Geometry& geometry, int64_t tile) {
  return {geometry.col_tile_first(tile), geometry.col_tile_lanes(tile, layer.shape.oc)};
}

/// Input channels of a column tile.
Range channels_of(const Layer& layer, const arch::Geometry& geometry, int64_t tile) {
  return channels_for(layer, {}, {{}, {}, {0, layer.shape.c}}, outputs_of(layer, geometry, tile),
                      geometry);
}

/// Rows of a column tile, of all kernel positions.
int64_t tile_rows(const Layer& layer, const arch::Geometry& geometry, int64_t tile) {
  return layer.shape.taps() * (layer.depthwise() ? 1 : channels_of(layer, geometry, tile).count);
}

/// Sum of what `row_bytes` says of each column tile and its columns.
template <typename RowBytes>
int64_t sum_over_tiles(const Layer& layer, const arch::Geometry& geometry,
                       const RowBytes& row_bytes) {
  int64_t bytes = 0;
  for (int64_t t = 0; t < geometry.col_tiles(layer.shape.oc); ++t)
    bytes += row_bytes(t, geometry.col_tile_lanes(t, layer.shape.oc));
  return bytes;
}

/// Whether zeros are many enough for a mask, which takes a bit for each weight, to pay.
bool mask_may_pay(const graph::QConv& conv) {
  const int64_t zeros = count_zeros(conv.weights);
  return conv.group > 1 || zeros * 8 > std::ssize(conv.weights);
}

bool can_be_structured(const Layer& layer, const isa::HwParams& hw,
                       const arch::Geometry& geometry) {
  // Words of whole groups of four, so that no group is cut.
  if (hw.structured == 0 || geometry.lanes % 4 != 0) return false;
  const graph::QConv& conv = layer.op->conv();
  return conv.group == 1 && conv.weight_type.bits() > 1 && layer.pack() <= 1 &&
         holds_n_of_m(conv, layer.in_channels, 2, 4);
}

/// Estimated cycles of `layer`, alone, as its weights stand.
double cycles_of(const Layer& layer, const arch::ArchConfig& arch, const arch::Geometry& geometry) {
  const FreeSpace space(geometry.ub_words, geometry.bank_words);
  const std::optional<Plan> plan = plan_layer(layer, {}, arch, space);
  return plan ? plan->work.cycles() : 0;
}

/// Whether shared values cost `layer`, which has them, cycles. Where none of them is 0, rows or
/// groups cannot be packed together, which may take several times the tiles.
bool costs_packing(const Layer& layer, const arch::ArchConfig& arch,
                   const arch::Geometry& geometry) {
  const bool may_pack = layer.op->conv().group > 1 || layer.shape.h.kernel > 1;
  if (has_zero(layer) || !may_pack) return false;
  Layer dense = layer;
  dense.codebook.reset();
  dense.format = WeightFormat::kDense;
  return cycles_of(dense, arch, geometry) < cycles_of(layer, arch, geometry);
}

void choose_format(const graph::QGraph& graph, const arch::ArchConfig& arch,
                   const arch::Geometry& geometry, Layer& layer) {
  const isa::HwParams& hw = arch.hw;
  const graph::QConv& conv = layer.op->conv();
  if (can_be_structured(layer, hw, geometry)) {
    layer.format = WeightFormat::kTwoOfFour;
    return;
  }
  int64_t least = dense_bytes(layer, geometry);
  if (hw.codebook != 0) {
    layer.codebook = codebook_of(graph, conv);
    if (layer.codebook) {
      layer.format = WeightFormat::kCodebook;
      if (costs_packing(layer, arch, geometry)) {
        layer.codebook.reset();
        layer.format = WeightFormat::kDense;
      } else {
        least = arch::kCodebookBytes + dense_bytes(layer, geometry);
      }
    }
  }
  const bool bytes = conv.weight_type.bits() == 8 && layer.pack() == 0 && !layer.depthwise();
  if (hw.bitmask == 0 || !bytes || !mask_may_pay(conv)) return;
  const int64_t masked = masked_bytes(layer, geometry);
  if (masked >= least) return;
  Layer with_mask = layer;
  with_mask.codebook.reset();
  with_mask.format = WeightFormat::kBitmask;
  with_mask.masked_share =
      static_cast<double>(masked) / static_cast<double>(dense_bytes(layer, geometry));
  // A mask saves bytes, but takes steps of its own, and a row takes one however little it names.
  if (cycles_of(with_mask, arch, geometry) <= cycles_of(layer, arch, geometry)) layer = with_mask;
}

}  // namespace

bool holds_n_of_m(const graph::QConv& conv, int64_t inputs, int64_t n, int64_t m) {
  if (inputs % m != 0) return false;
  for (size_t i = 0; i < conv.weights.size(); i += static_cast<size_t>(m)) {
    const auto first = conv.weights.begin() + static_cast<std::ptrdiff_t>(i);
    if (m - std::count(first, first + m, int8_t{0}) > n) return false;
  }
  return true;
}

int64_t dense_bytes(const Layer& layer, const arch::Geometry& geometry) {
  return sum_over_tiles(layer, geometry, [&](int64_t tile, int64_t columns) {
    return tile_rows(layer, geometry, tile) * layer.weight_row_bytes(columns);
  });
}

int64_t two_of_four_bytes(const Layer& layer, const arch::Geometry& geometry) {
  return sum_over_tiles(layer, geometry, [&](int64_t tile, int64_t columns) {
    return ceil_div(tile_rows(layer, geometry, tile), 2) *
           (layer.weight_row_bytes(columns) + ceil_div(columns * (2 << layer.pack()), 8));
  });
}

int64_t masked_bytes(const Layer& layer, const arch::Geometry& geometry) {
  const graph::QConv& conv = layer.op->conv();
  const int64_t taps = layer.shape.taps(), inputs = layer.in_channels / conv.group;
  const int64_t outputs = layer.shape.oc / conv.group;
  int64_t bytes = 0;
  // Of each row, no more than there are columns; small, so that many are counted at once.
  std::vector<uint16_t> named(static_cast<size_t>(taps * layer.in_channels));
  for (int64_t t = 0; t < geometry.col_tiles(layer.shape.oc); ++t) {
    std::fill(named.begin(), named.end(), 0);
    const int64_t first = geometry.col_tile_first(t);
    const int64_t columns = geometry.col_tile_lanes(t, layer.shape.oc);
    for (int64_t o = first; o < first + columns; ++o) {
      const int8_t* weights = conv.weights.data() + o * taps * inputs;
      for (int64_t tap = 0; tap < taps; ++tap) {
        uint16_t* row = named.data() + tap * layer.in_channels + o / outputs * inputs;
        for (int64_t c = 0; c < inputs; ++c)
          row[c] = static_cast<uint16_t>(row[c] + (weights[c] != 0 ? 1 : 0));
        weights += inputs;
      }
    }
    const Range channels = channels_of(layer, geometry, t);
    bytes += ceil_div(tile_rows(layer, geometry, t) * columns, 8);
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t c = channels.first; c < channels.end(); ++c)
        bytes += std::max<uint16_t>(1, named[static_cast<size_t>(tap * layer.in_channels + c)]);
  }
  return bytes;
}

void choose_formats(const graph::QGraph& graph, const arch::ArchConfig& arch,
                    std::vector<Layer>& layers) {
  const arch::Geometry geometry(arch.hw);
  for (Layer& layer : layers)
    if (layer.uses_mxu()) choose_format(graph, arch, geometry, layer);
}

}  // namespace systole::lower
