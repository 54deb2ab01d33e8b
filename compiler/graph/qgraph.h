// SPDX-License-Identifier: Apache-2.0
// The quantised graph: int8 NHWC tensors and fused operators, ready for tiling. Output of the
// front half of the compiler (import, fold, calibrate, quantise, fuse), input of the back half.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/isa/element_type.h"
#include "model/program/program.h"

namespace systole::graph {

/// Index of a tensor in QGraph::tensors.
using TensorId = int;

/// Where a tensor lies that has no bytes of its own: inside another one, of the same scale and zero
/// point. The parts of a concatenation lie in its result, slices in what they are cut from.
struct QPlace {
  TensorId base = -1;
  int64_t h = 0, w = 0, c = 0;     ///< the element of `base` it begins with
  int64_t step_h = 1, step_w = 1;  ///< its rows and columns are so far apart
  bool reshaped = false;           ///< all bytes of `base` in their order, with other sizes
  bool operator==(const QPlace&) const = default;
};

/// An activation tensor, NHWC. real = scale * (stored - zero_point). A pixel starts with a byte;
/// its channels follow one another from the lowest bits of each byte up. Sums are int32 instead,
/// real = channel_scale[c] * sum: a pixel has the lowest bytes of all its channels, then their
/// second bytes, their third and their highest.
struct QTensor {
  std::string name;
  int64_t n = 1, h = 1, w = 1, c = 1;
  float scale = 1.0f;
  int zero_point = 0;
  /// Integers of at most 8 bits; of inputs, outputs and what has a place int8; or int32, sums that
  /// only an output has, which one convolution makes.
  isa::ElementType type;
  std::vector<int64_t> onnx_shape;        ///< as the network states it
  bool channels_last = false;             ///< the network states its elements in the stored order
  std::vector<float> channel_scale = {};  ///< of sums: [c]
  /// The network states it as integers, of which 0 is stored so; none: as real numbers.
  std::optional<int> integer_zero;
  std::optional<QPlace> place;                   ///< none: it has its own bytes
  std::vector<program::ElementLoop> order = {};  ///< of inputs and outputs: TensorInfo::order
  int64_t elements() const { return n * h * w * c; }
  bool sums() const { return type == isa::ElementType::kInt32; }
  int64_t pixel_bytes() const { return type.row_bytes(c); }
  int64_t bytes() const { return n * h * w * pixel_bytes(); }
};

/// The second operand of an operator, added after the scale or multiplied by what it gives
/// (docs/isa.md, `vector`). One pixel an item multiplies or is added to all pixels of the item.
struct QResidual {
  TensorId tensor = -1;
  int zero = 0;           ///< its zero point
  float scale = 1.0f;     ///< its scale over the output's
  bool multiply = false;  ///< scale: its own, not over the output's
  bool two_roundings = false;
  int mid_zero = 0, mid_lo = -128, mid_hi = 127;
  float mid_scale = 1.0f;
  bool operator==(const QResidual&) const = default;
};

/// What the vector unit does with the sums of one operator.
struct QPost {
  std::vector<int32_t> bias;  ///< [out channels]; zero-point terms folded in
  std::vector<float> scale;   ///< [out channels]
  int out_zero = 0, clamp_lo = -128, clamp_hi = 127;
  std::optional<QResidual> residual;
  std::optional<std::array<int8_t, 256>> table;  ///< table[y + 128]
  /// Of a table that computes a function: what it takes, real = scale * (y - zero).
  float table_scale = 1.0f;
  int table_zero = 0;
  bool operator==(const QPost&) const = default;
};

/// Convolution (also fully connected: the kernel covers the input). Output = post(sum w*x).
struct QConv {
  TensorId in = -1, out = -1;
  int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1, dil_h = 1, dil_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int64_t group = 1;  ///< output channels of a group see only the input channels of that group
  std::vector<int8_t> weights;   ///< [out c][kh][kw][in c / group]
  isa::ElementType weight_type;  ///< that each has in DRAM: integers of at most 8 bits
  /// [out c]: what a weight stands for over its integer; none: nothing states it.
  std::vector<float> weight_scale = {};
  bool only_bias = false;  ///< its weights are 0: it makes the bias of another operator
  QPost post;
  bool operator==(const QConv&) const = default;
  // pad byte: zero point of `in`
  bool padded() const { return pad_top != 0 || pad_left != 0 || pad_bottom != 0 || pad_right != 0; }
};

/// Window reduction of one tensor. max: padding never wins. sum: padding counts as pad_byte, or as
/// the input's zero point.
struct QPool {
  TensorId in = -1, out = -1;
  bool sum = false;
  int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  QPost post;  ///< of the full window (kh*kw taps, pads included)
  std::optional<int8_t> pad_byte = {};
  /// Average pooling that leaves padding out of its divisor: positions whose window holds `taps`
  /// real taps scale by post.scale * kh*kw / taps (computed in double, rounded once).
  bool exclude_pad = false;
  bool operator==(const QPool&) const = default;
};

/// Elementwise on one tensor, with an optional residual (Add): a 1x1 window.
struct QEltwise {
  TensorId in = -1, out = -1;
  QPost post;
  bool operator==(const QEltwise&) const = default;
};

/// One operator: each kind has an input `in`, a result `out` and the vector unit's work `post`.
struct QOp {
  std::string name;  ///< of the ONNX node that gives the result
  std::string kind;  ///< "conv 3x3/2", "gemm", "max pool 2x2/2", "global average pool", "add"
  std::variant<QConv, QPool, QEltwise> body;
  int64_t dense_macs = 0;  ///< before pruning, whole batch; -1: none that the network states
  bool operator==(const QOp&) const = default;

  template <typename T>
  bool is() const {
    return std::holds_alternative<T>(body);
  }
  /// What it is. Throw std::bad_variant_access if it is another one.
  const QConv& conv() const { return std::get<QConv>(body); }
  QConv& conv() { return std::get<QConv>(body); }
  const QPool& pool() const { return std::get<QPool>(body); }
  QPool& pool() { return std::get<QPool>(body); }
  const QEltwise& eltwise() const { return std::get<QEltwise>(body); }
  QEltwise& eltwise() { return std::get<QEltwise>(body); }

  TensorId in() const;
  TensorId out() const;
  void set_out(TensorId out);
  const QPost& post() const;
  QPost& post();
  /// The tensors that it reads: its input, then its residual if it has one.
  std::vector<TensorId> operands() const;
};

/// Operators in topological order. Every tensor is an input, made by exactly one operator, lies in
/// another one, or is made of the tensors that operators make inside it.
struct QGraph {
  std::string name;
  int64_t batch = 1;
  std::vector<QTensor> tensors;
  std::vector<QOp> ops;
  std::vector<TensorId> inputs, outputs;
  std::vector<program::HostStep> host_steps;  ///< at the tail, on float32 outputs
  bool own_scales = false;   ///< the network states all its scales, none is calibrated
  bool timing_only = false;  ///< no values go in or out: inputs and outputs may be narrow

  /// The tensor that holds the bytes of `t`: itself, or its base.
  TensorId storage(TensorId t) const {
    const QTensor& tensor = tensors[static_cast<size_t>(t)];
    return tensor.place ? tensor.place->base : t;
  }
};

/// Calls f(byte in the tensor, byte in its base, bytes) for every run of a tensor with a place.
template <typename F>
void for_each_run(const QTensor& part, const QTensor& base, F f) {
  const QPlace& p = *part.place;
  if (p.reshaped) return f(int64_t{0}, int64_t{0}, part.bytes());
  for (int64_t n = 0, at = 0; n < part.n; ++n) {
    for (int64_t i = 0; i < part.h; ++i) {
      for (int64_t j = 0; j < part.w; ++j, at += part.c) {
        const int64_t h = p.h + i * p.step_h, w = p.w + j * p.step_w;
        f(at, ((n * base.h + h) * base.w + w) * base.c + p.c, part.c);
      }
    }
  }
}

/// `tensor` as the user gives and reads it, at `addr` of DRAM.
program::TensorInfo tensor_info(const QTensor& tensor, uint32_t addr = 0);

/// What tells `b` from `a` first, as words; empty: they are compiled to the same program. The names
/// of tensors that are neither inputs nor outputs do not count.
std::string difference(const QGraph& a, const QGraph& b);

/// Throws Error (cannot compile) if `graph` breaks an invariant: shapes, sizes, order, ranges.
void verify(const QGraph& graph);
/// Text form for --dump-ir.
std::string to_text(const QGraph& graph);
/// "1x28x28x16": items, rows, columns, channels.
std::string size_text(const QTensor& tensor);

}  // namespace systole::graph
