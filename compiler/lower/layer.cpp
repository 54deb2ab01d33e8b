// SPDX-License-Identifier: Apache-2.0
// Makes layers from the graph's operators and computes their bounds.
#include "compiler/lower/layer.h"

#include <fmt/format.h>

#include <cmath>

#include "compiler/graph/limits.h"
#include "compiler/lower/fold.h"
#include "compiler/lower/row_packing.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"

namespace systole::lower {
namespace {

constexpr int64_t kMaxPad = 32767;  // 16-bit signed offsets

void check_dim(const Layer& layer, const WindowDim& dim, const char* axis) {
  const auto check = [&](int64_t value, int64_t low, int64_t high, const char* what) {
    if (value < low || value > high)
      throw Error(fmt::format("layer '{}': {} {} of {} is outside {}..{}", layer.op->name, axis,
                              what, value, low, high),
                  ExitCode::kCannotCompile);
  };
  check(dim.kernel, 1, graph::kMaxStep, "kernel size");
  check(dim.stride, 1, graph::kMaxStep, "stride");
  check(dim.dilation, 1, graph::kMaxStep, "dilation");
  check(dim.pad, 0, kMaxPad, "padding");
  check(dim.out, 1, int64_t{1} << 24, "output size");
}

/// Puts `layer`'s operator into the common form.
void fill(Layer& layer, const graph::QOp& op) {
  layer.in = op.in(), layer.out = op.out(), layer.post = &op.post();
  LayerShape& s = layer.shape;
  std::visit(Overloaded{
                 [&](const graph::QConv& c) {
                   s.h = {1, 1, c.kh, c.stride_h, c.dil_h, c.pad_top};
                   s.w = {1, 1, c.kw, c.stride_w, c.dil_w, c.pad_left};
                 },
                 [&](const graph::QPool& p) {
                   layer.sum = p.sum, layer.exclude_pad = p.exclude_pad;
                   s.h = {1, 1, p.kh, p.stride_h, 1, p.pad_top};
                   s.w = {1, 1, p.kw, p.stride_w, 1, p.pad_left};
                 },
                 [](const graph::QEltwise&) {},
             },
             op.body);
}

/// A byte of `value` in `bits` bits, as often as it goes in.
int8_t filled_byte(int value, int bits) {
  const int field = bits == 1 ? value > 0 : value & ((1 << bits) - 1);
  int byte = 0;
  for (int at = 0; at < 8; at += bits) byte |= field << at;
  return static_cast<int8_t>(byte);
}

}  // namespace

const char* weight_format_name(WeightFormat format) {
  static constexpr const char* kNames[kWeightFormats] = {"dense", "bitmask", "codebook", "2:4"};
  return kNames[static_cast<size_t>(format)];
}

bool LayerShape::padded() const {
  const auto overhangs = [](const WindowDim& d) {
    return d.pad > 0 || (d.out - 1) * d.stride + (d.kernel - 1) * d.dilation + 1 - d.pad > d.in;
  };
  return overhangs(h) || overhangs(w);
}

bool Layer::depthwise() const {
  return uses_mxu() && op->conv().group > 1 && op->conv().group == shape.c && shape.c == shape.oc;
}

std::vector<Layer> make_layers(const graph::QGraph& graph) {
  std::vector<Layer> layers;
  if (graph.ops.size() > 65534)
    throw Error(
        fmt::format("'{}' has {} operators, more than 65534 tags", graph.name, graph.ops.size()),
        ExitCode::kCannotCompile);
  for (const graph::QOp& op : graph.ops) {
    Layer layer;
    layer.op = &op;
    layer.tag = static_cast<uint16_t>(layers.size() + 1);
    fill(layer, op);
    const graph::QTensor& in = graph.tensors.at(layer.in);
    const graph::QTensor& out = graph.tensors.at(layer.out);
    if (layer.post->residual) {
      layer.residual = layer.post->residual->tensor;
      const graph::QTensor& second = graph.tensors.at(layer.residual);
      layer.residual_pixel = second.h * second.w == 1 && out.h * out.w > 1;
    }
    if (in.place && !in.place->reshaped) {
      layer.in_dense = false;
      layer.in_pixels = in.c == graph.tensors.at(in.place->base).c;
    }
    layer.in_narrow = in.type.narrow();
    layer.out_narrow = out.type.narrow();
    layer.sums = out.sums();
    if (layer.has_residual())
      layer.residual_narrow = graph.tensors.at(layer.residual).type.narrow();
    layer.pad_byte = layer.uses_mxu() ? filled_byte(in.zero_point, 8 >> layer.pack())
                                      : static_cast<int8_t>(in.zero_point);
    if (in.type.bits() > 1 || std::abs(in.zero_point) == 1)
      layer.stored_pad_byte = filled_byte(in.zero_point, in.type.bits());
    if (op.is<graph::QPool>() && op.pool().pad_byte)
      layer.stored_pad_byte = layer.pad_byte = *op.pool().pad_byte;
    layer.shape.n = out.n;
    layer.shape.c = ceil_div(in.c, int64_t{1} << layer.pack());
    layer.in_channels = in.c;
    layer.shape.oc = out.c;
    layer.shape.h.in = in.h, layer.shape.h.out = out.h;
    layer.shape.w.in = in.w, layer.shape.w.out = out.w;
    check_dim(layer, layer.shape.h, "row");
    check_dim(layer, layer.shape.w, "column");
    layers.push_back(layer);
  }
  return layers;
}

LayerShape flattened(const LayerShape& shape) {
  if (shape.padded() || shape.h.kernel != shape.h.in || shape.w.kernel != shape.w.in) return shape;
  if (shape.h.dilation != 1 || shape.w.dilation != 1) return shape;
  LayerShape flat = shape;
  flat.c = shape.h.in * shape.w.in * shape.c;
  flat.h = {};
  flat.w = {};
  return flat;
}

LayerShape windowed(const LayerShape& shape, int64_t packed) {
  LayerShape windows = shape;
  windows.c = packed * shape.w.kernel * shape.c;
  windows.h = packed_rows(shape.h, packed);
  windows.w = {shape.w.out, shape.w.out, 1, 1, 1, 0};
  return windows;
}

/// Bytes of weights of `depth` bytes an output channel, without what fills up tiles.
static int64_t weight_bytes(const Layer& layer, int64_t depth) {
  const int64_t dense = layer.weight_row_bytes(layer.shape.oc * depth);
  switch (layer.format) {
    case WeightFormat::kDense:
      return dense;
    case WeightFormat::kBitmask:
      return std::llround(static_cast<double>(dense) * layer.masked_share);
    case WeightFormat::kCodebook:
      return arch::kCodebookBytes + dense;
    case WeightFormat::kTwoOfFour:
      return ceil_div(dense, 2) +
             ceil_div(ceil_div(layer.shape.oc * depth, 2) * (2 << layer.pack()), 8);
  }
  return dense;
}

/// Cycles of the array, with `fold` columns of the output side by side. A tile takes a cycle for
/// each pixel, and for each of its rows at least.
static int64_t array_cycles(const Layer& layer, const arch::Geometry& geometry, int64_t fold) {
  const LayerShape& s = layer.shape;
  const int64_t rows = geometry.grouped(layer.structured()).rows;
  const int64_t groups = layer.op->conv().group, pixels = s.pixels() / fold;
  const auto tiles = [&](int64_t depth) { return std::max(ceil_div(depth, rows) * pixels, depth); };
  if (fold > 1) {  // zeros between the columns, and between groups, are weights
    const int64_t depth = s.c * s.h.kernel * (s.w.kernel + (fold - 1) * s.w.stride);
    return groups > 1 ? tiles(depth) : ceil_div(fold * s.oc, geometry.cols) * tiles(depth);
  }
  const int64_t depth = s.c / groups * s.taps();
  const int64_t least =
      ceil_div(s.oc, geometry.cols) *
      std::max(ceil_div(depth, rows) * pixels, layer.structured() ? ceil_div(depth, 2) : depth);
  if (groups == 1) return least;
  // A row of a weight tile is of use to the columns of its group alone, in COLS at a time.
  return std::max(least, tiles(s.c * s.taps() * ceil_div(s.oc / groups, geometry.cols)));
}

/// Cycles of the vector unit, likewise.
static int64_t vector_cycles(const Layer& layer, const arch::Geometry& geometry, int64_t fold) {
  const LayerShape& s = layer.shape;
  const int64_t words = s.pixels() / fold * geometry.col_tiles(s.oc * fold);
  if (layer.uses_mxu()) return words * layer.passes();
  return words * (s.taps() + (layer.has_residual() ? 1 : 0));
}

program::LayerInfo layer_info(const Layer& layer, const graph::QGraph& graph,
                              const arch::Geometry& geometry) {
  const LayerShape& s = layer.shape;
  program::LayerInfo info;
  info.tag = layer.tag;
  info.name = layer.op->name;
  info.op = layer.op->kind;
  info.input_bytes = graph.tensors[layer.in].bytes();
  if (layer.has_residual()) info.input_bytes += graph.tensors[layer.residual].bytes();
  info.output_bytes = graph.tensors[layer.out].bytes();
  if (layer.uses_mxu()) {
    const int64_t channels = graph.tensors[layer.in].c / layer.op->conv().group;
    info.mac_bits = 8 >> layer.pack();
    if (layer.op->dense_macs >= 0) info.useful_macs = s.pixels() * s.oc * channels * s.taps();
    info.dense_macs = std::max(layer.op->dense_macs, info.useful_macs);
    if (layer.structured()) info.useful_macs = ceil_div(info.useful_macs, 2);
    info.weight_bytes = weight_bytes(layer, s.c / layer.op->conv().group * s.taps());
    info.mxu_reference = info.mxu_bound = array_cycles(layer, geometry, 1);
  }
  info.vpu_reference = info.vpu_bound = vector_cycles(layer, geometry, 1);
  for (int64_t fold = 2; fold <= most_columns(layer, geometry); fold *= 2) {
    if (layer.uses_mxu())
      info.mxu_bound = std::min(info.mxu_bound, array_cycles(layer, geometry, fold));
    info.vpu_bound = std::min(info.vpu_bound, vector_cycles(layer, geometry, fold));
  }
  return info;
}

}  // namespace systole::lower
