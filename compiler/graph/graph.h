// SPDX-License-Identifier: Apache-2.0
// The float graph: the network after import, one item of the batch, NCHW, typed operators.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/function.h"
#include "compiler/graph/operators.h"
#include "model/program/program.h"

namespace systole::graph {

/// Index of a value in Graph::values.
using ValueId = int;
constexpr ValueId kNoValue = -1;

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

/// One operator. Every result is clamped to [lo, hi], then goes through `function` if there is one.
struct Node {
  Operator op;
  std::string name;     ///< of the ONNX node
  std::string op_type;  ///< of the ONNX node
  std::string origin;   ///< first output of the ONNX node; empty: made by a pass
  std::vector<ValueId> inputs;
  ValueId output = kNoValue;
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();
  std::optional<Function> function;  ///< of the clamped result
  ValueId before = kNoValue;         ///< the result before `function` (unless of a Unary)
  bool sign_only = false;            ///< `function` tells negative numbers from others, no more

  bool clamped() const {
    return lo != -std::numeric_limits<float>::infinity() ||
           hi != std::numeric_limits<float>::infinity();
  }

  /// Whether it is one of these operators.
  template <typename... Operators>
  bool is() const {
    return (std::holds_alternative<Operators>(op) || ...);
  }
  /// What it is, if it is that operator; nullptr if it is another one.
  template <typename T>
  const T* if_is() const {
    return std::get_if<T>(&op);
  }
  template <typename T>
  T* if_is() {
    return std::get_if<T>(&op);
  }
  /// What it is. Throws std::bad_variant_access if it is another one.
  template <typename T>
  const T& as() const {
    return std::get<T>(op);
  }
  template <typename T>
  T& as() {
    return std::get<T>(op);
  }
};

/// A node that computes `op` of `inputs`.
Node make_node(Operator op, std::vector<ValueId> inputs);

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
/// "16x28x28": channels, rows, columns.
std::string size_text(const Chw& size);
/// "conv 3x3/2", "gemm", "max pool 2x2/2", "global average pool", "add": what reports call the
/// node.
std::string describe(const Graph& graph, const Node& node);

}  // namespace systole::graph
