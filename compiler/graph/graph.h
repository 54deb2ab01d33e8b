// SPDX-License-Identifier: Apache-2.0
// The float graph: the network after import, one item of the batch, NCHW, typed operators.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/function.h"
#include "model/program/program.h"

namespace systole::graph {

/// Index of a value in Graph::values.
using ValueId = int;
constexpr ValueId kNoValue = -1;

/// Size of one item of a value; features [f] are f channels of 1x1.
struct Chw {
  int64_t c = 1, h = 1, w = 1;
  int64_t elements() const { return c * h * w; }
  bool operator==(const Chw&) const = default;
};

/// The bytes that the network itself gives a value: real = scale * (stored - zero), stored in
/// lo..hi. Unsigned codes of n bits are stored less 2^(n-1).
struct Codes {
  float scale = 1.0f;
  int zero = 0, lo = -128, hi = 127;
  bool bipolar = false;  ///< only -1 and 1 are stored
  bool operator==(const Codes&) const = default;
};

struct Value {
  std::string name;
  Chw shape;
  std::vector<int64_t> onnx_shape;  ///< as the network states it, leading dimension included
  bool channels_last = false;       ///< the network states [n, ..., c], not [n, c, ...]
  std::optional<Codes> codes = {};  ///< its elements are rounded to these; none: by calibration
  /// Of inputs and outputs that the network states as integers: the stored byte of the integer 0.
  std::optional<int> integer_zero = {};
  /// Of inputs and outputs: TensorInfo::order.
  std::vector<program::ElementLoop> order = {};
};

/// A window that slides over rows and columns.
struct Window {
  int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1, dil_h = 1, dil_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  bool padded() const { return pad_top != 0 || pad_left != 0 || pad_bottom != 0 || pad_right != 0; }
  int64_t out_height(int64_t h) const {
    return floor_steps(h + pad_top + pad_bottom - dil_h * (kh - 1) - 1, stride_h);
  }
  int64_t out_width(int64_t w) const {
    return floor_steps(w + pad_left + pad_right - dil_w * (kw - 1) - 1, stride_w);
  }
  bool operator==(const Window&) const = default;

 private:
  static int64_t floor_steps(int64_t room, int64_t stride) {
    return room < 0 ? 0 : room / stride + 1;
  }
};

enum class Op {
  kConv,         ///< weights * window of inputs[0] + bias, + inputs[1] if there is one
  kMaxPool,      ///< padding never wins
  kAveragePool,  ///< padding counts as zero; in the divisor only with count_include_pad
  kAdd,          ///< (inputs[0] + inputs[1]) * factor
  kScaleShift,   ///< inputs[0] * scale[c] + shift[c]
  kClamp,        ///< inputs[0]
  kPad,          ///< pad_value around inputs[0]: the pads of `window`
  kReshape,      ///< the elements of inputs[0] (in NCHW order, NHWC if channels_last, or as `from`
                 ///< says)
  kFunction,     ///< `function` of inputs[0]
  kCombine,      ///< a function of two values that are not of one source: `combine` is its name
  kConcat,       ///< inputs side by side along `axis`
  kSlice,        ///< the part of inputs[0] that begins at `first`
  kInterleave,   ///< each input at its place of `parts`: rows and columns of several take turns
};

/// Where an input of an interleave lies: its first row and column, and how far apart they are.
struct Part {
  int64_t h = 0, w = 0, step_h = 1, step_w = 1;
};

/// A dimension of a value.
enum class Axis { kChannel, kRow, kColumn };

/// One operator. Every result is clamped to [lo, hi], then goes through `function` if there is one.
struct Node {
  Op op = Op::kClamp;
  std::string name;     ///< of the ONNX node
  std::string op_type;  ///< of the ONNX node
  std::string origin;   ///< first output of the ONNX node; empty: made by a pass
  std::vector<ValueId> inputs;
  ValueId output = kNoValue;
  Window window;               ///< conv, pools, pad
  int64_t group = 1;           ///< conv: output channels of a group see only its inputs
  std::vector<float> weights;  ///< conv: [out c][in c / group][kh][kw]
  std::vector<float> bias;     ///< conv: [out c]
  int64_t dense_macs = 0;      ///< conv, pruned: of one item before pruning; 0: by its shape
  /// conv, of networks that arrive quantised: the weights of output channel o are weight_scale[o]
  /// times integers, in -128..127 after split_weights, and exact_bias is the bias before it was
  /// rounded to float32.
  std::vector<float> weight_scale;
  std::vector<double> exact_bias;
  std::vector<float> scale, shift;  ///< scale-shift: [c]
  std::vector<float> gamma;         ///< of a batch normalisation, by channel of the result
  bool count_include_pad = true;
  float pad_value = 0.0f;      ///< pad, and average pool of one tap: what padding holds
  float factor = 1.0f;         ///< add, average pool: the result is multiplied by it, above 0
  bool channels_last = false;  ///< reshape: the order of elements
  /// reshape that moves elements: the NCHW index in the input of each element of the result (NCHW)
  std::vector<int32_t> from;
  bool keeps_scale = false;          ///< conv that only selects: result and input share their codes
  std::string combine;               ///< combine: "mul", "div", "max", "min", "pow"
  Axis axis = Axis::kChannel;        ///< concat
  std::vector<Part> parts;           ///< interleave
  Chw first = {0, 0, 0};             ///< slice: the element of the input it begins with
  std::optional<Function> function;  ///< of the clamped result
  ValueId before = kNoValue;         ///< the result before `function` (unless of a kFunction)
  bool zero_first = false;           ///< add: rint(v + zero), as QLinearAdd, not rint(v) + zero
  bool sign_only = false;            ///< `function` tells negative numbers from others, no more
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();

  bool clamped() const {
    return lo != -std::numeric_limits<float>::infinity() ||
           hi != std::numeric_limits<float>::infinity();
  }
};

/// Nodes in topological order; every value is an input or made by exactly one node (or is the
/// `before` of one).
struct Graph {
  std::string name;
  int64_t stated_batch = 1;  ///< leading dimension in the file; 0 if dynamic
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<program::HostStep> host_steps;
  std::vector<std::string> warnings;  ///< of the import: what is not computed as the network says

  const Chw& shape(ValueId v) const { return values.at(static_cast<size_t>(v)).shape; }
  /// A new value like `v` (of its shape), named after it and `suffix`.
  ValueId add_like(ValueId v, const std::string& suffix);
  bool is_input(ValueId v) const;
  /// Index of the node that makes `v`; -1 for an input.
  int producer(ValueId v) const;
  /// Indices of the nodes that read `v`, one entry for each use.
  std::vector<size_t> consumers(ValueId v) const;
  bool is_output(ValueId v) const;
  /// Whether the node at `index` is the only reader of `v`, which is no output either.
  bool only_reader(ValueId v, size_t index) const;
  const std::optional<Codes>& codes(ValueId v) const {
    return values.at(static_cast<size_t>(v)).codes;
  }
  /// Whether the node at `index` may take over what made `v`: nothing else reads it, and it need
  /// not be rounded.
  bool vanishes_into(ValueId v, size_t index) const { return only_reader(v, index) && !codes(v); }
  /// Removes the node at `index`; its readers read `replacement` instead, which takes over its
  /// codes.
  void bypass(size_t index, ValueId replacement);
};

/// The shape a node must give for its inputs' shapes. Throws Error (cannot compile) naming the
/// node.
Chw infer_shape(const Graph& graph, const Node& node);
/// Throws an internal Error if `graph` breaks an invariant; `pass` is named in the message.
void verify(const Graph& graph, const std::string& pass);
/// Text form for --dump-ir.
std::string to_text(const Graph& graph);
/// "conv 3x3/2", "gemm", "max pool 2x2/2", "global average pool", "add": what reports call the
/// node.
std::string describe(const Graph& graph, const Node& node);

}  // namespace systole::graph
