// SPDX-License-Identifier: Apache-2.0
// One operator as the back half sees it: shape, operands, what the vector unit does with it.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "compiler/lower/codebook.h"
#include "compiler/lower/span.h"
#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"

namespace systole::lower {

/// The shape of an operator: a window over [n][h][w][c] giving [n][oh][ow][oc]. An elementwise
/// operator has a 1x1 window; pooling and elementwise have oc = c. The input channels of a
/// convolution are counted in lanes: bytes of the array, which hold several channels each if what
/// is multiplied is narrow.
struct LayerShape {
  int64_t n = 1, c = 1, oc = 1;
  WindowDim h, w;
  int64_t taps() const { return h.kernel * w.kernel; }
  int64_t pixels() const { return n * h.out * w.out; }
  bool padded() const;
  bool operator==(const LayerShape&) const = default;
};

/// Ways to store weights in DRAM (docs/pruning.md, "Storage formats").
enum class WeightFormat { kDense, kBitmask, kCodebook, kTwoOfFour };
inline constexpr size_t kWeightFormats = 4;
/// "dense", "bitmask", "codebook", "2:4".
const char* weight_format_name(WeightFormat format);

struct Layer {
  const graph::QOp* op = nullptr;
  uint16_t tag = 0;
  LayerShape shape;
  graph::TensorId in = -1, out = -1, residual = -1;  ///< residual: -1 if none
  const graph::QPost* post = nullptr;
  bool sum = false;             ///< pooling: sum instead of maximum
  bool exclude_pad = false;     ///< average pooling that leaves padding out
  bool in_dense = true;         ///< the input's bytes follow one another in DRAM
  bool in_pixels = true;        ///< so do those of neighbouring pixels of a row
  bool residual_pixel = false;  ///< the residual is one pixel an item, for all pixels of the output
  int8_t pad_byte = 0;          ///< of padding: the input's zero point, as often as a byte holds it
  bool sums = false;            ///< the output is sums: a vector pass for each of their bytes
  /// The same as it is stored, where that can be: the zero point of one-bit values may be 0.
  std::optional<int8_t> stored_pad_byte;
  /// Widths of the operands: values of 8 >> n bits.
  int in_narrow = 0, residual_narrow = 0, out_narrow = 0;

  int64_t in_channels = 0;  ///< of the input, of all groups

  WeightFormat format = WeightFormat::kDense;
  /// kCodebook: the weights are indices of these: 16 values at most, and zeros.
  std::optional<Codebook> codebook;
  double masked_share = 1;  ///< kBitmask: bytes over those of the dense format

  bool uses_mxu() const { return op->is<graph::QConv>(); }
  /// A convolution in which each output channel sees one input channel, its own.
  bool depthwise() const;
  /// Whether an output channel needs the input channels of others; else a block of channels of the
  /// output needs the same of the input.
  bool mixes_channels() const { return uses_mxu() && !depthwise(); }
  bool has_residual() const { return residual >= 0; }
  /// Vector passes over each output tile, which give a byte an element each.
  int passes() const { return sums ? 4 : 1; }
  /// Whether tiles meet two of four channels.
  bool structured() const { return format == WeightFormat::kTwoOfFour; }
  /// The array expands activations that are narrower than the weights: a byte of them has
  /// 1 << expand() lanes.
  int expand() const { return uses_mxu() ? in_narrow - pack() : 0; }
  /// What a byte of the input holds as `shape` counts its channels: 1 << unpacked_narrow().
  int unpacked_narrow() const { return uses_mxu() ? expand() : in_narrow; }
  /// Bytes of `channels` of `shape`, or of a view of it, of a pixel of the input.
  int64_t in_bytes(int64_t channels) const {
    return ceil_div(channels, int64_t{1} << unpacked_narrow());
  }
  /// Whether pixels of `shape.c` channels follow one another without a gap between them.
  bool whole_pixels() const { return shape.c % (int64_t{1} << expand()) == 0; }
  /// Bytes of a row of `columns` bytes of a tile in DRAM, and what load_weights says of its
  /// weights. A mask takes less, two of four channels half of the rows and a prefix.
  int64_t weight_row_bytes(int64_t columns) const {
    return systole::arch::weight_row_bytes(columns, stored_bits() << pack());
  }
  /// Weights of a byte of a tile, and input channels of a lane, at the width of the wider:
  /// 1 << pack().
  int pack() const { return uses_mxu() ? std::min(in_narrow, op->conv().weight_type.narrow()) : 0; }
  uint8_t narrow() const { return static_cast<uint8_t>(stored_type().narrow()); }
  /// What a weight, or its index, is in DRAM. Pools in parts multiply by ones.
  isa::ElementType stored_type() const {
    if (!uses_mxu()) return isa::ElementType::kInt8;
    return codebook ? isa::ElementType::kInt4 : op->conv().weight_type;
  }
  int stored_bits() const { return stored_type().bits(); }
};

/// The layers of `graph`, one for each operator. Throws Error (cannot compile) naming the layer if
/// a size is beyond what the instructions can say.
std::vector<Layer> make_layers(const graph::QGraph& graph);

/// A convolution whose kernel covers the whole unpadded input, seen as a 1x1 convolution of h*w*c
/// channels, which is what lies in DRAM; other shapes as they are.
LayerShape flattened(const LayerShape& shape);

/// A convolution seen through load_window: the channels and kernel columns of `packed` kernel rows
/// (row_packing.h) are one run of lanes. Only for dilation 1 across columns.
LayerShape windowed(const LayerShape& shape, int64_t packed);

/// Shape figures and bounds of a layer for the program file.
program::LayerInfo layer_info(const Layer& layer, const graph::QGraph& graph,
                              const arch::Geometry& geometry);

}  // namespace systole::lower
