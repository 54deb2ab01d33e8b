// SPDX-License-Identifier: Apache-2.0
// What the host's operators share: the node being computed, the table they are entered in.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "compiler/graph/refusal.h"
#include "compiler/host/host_operators.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::host {

/// One node with its operands.
struct HostCall {
  const onnx::NodeProto& node;
  const HostInputs& inputs;
  const HostContext& context;

  bool has(size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  const values::Literal& at(size_t i) const {
    if (!has(i)) throw Error(fmt::format("input {} is missing", i));
    return *inputs[i];
  }
  const values::Literal& floats(size_t i) const {
    if (!at(i).is_float) throw Error(fmt::format("input {} holds integers, expected floats", i));
    return at(i);
  }
  /// Integers of input `i`, or of attribute `name` if the node has no such input.
  std::vector<int64_t> ints(size_t i, const std::string& name,
                            const std::vector<int64_t>& fallback) const {
    if (!has(i)) return values::ints_attribute(node, name, fallback);
    if (at(i).is_float)
      throw Error(fmt::format("{} (input {}) holds floats, expected integers", name, i));
    return at(i).ints;
  }
  int64_t attribute(const std::string& name, int64_t fallback) const {
    return values::int_attribute(node, name, fallback);
  }
  int64_t rank(size_t i) const { return static_cast<int64_t>(at(i).dims.size()); }
};

using HostResults = std::vector<values::Literal>;
using HostOperator = HostResults (*)(const HostCall&);
/// By ONNX operator; each file of operators adds its own.
using HostOperators = std::map<std::string, HostOperator>;
void add_elementwise_host_operators(HostOperators& table);    ///< Add, Where, Less, Relu, Cast, ...
void add_reduction_host_operators(HostOperators& table);      ///< ReduceMean, Softmax, ...
void add_shape_host_operators(HostOperators& table);          ///< Reshape, Expand, Concat, ...
void add_selection_host_operators(HostOperators& table);      ///< Gather, Slice, Trilu, ...
void add_matrix_host_operators(HostOperators& table);         ///< MatMul, Gemm
void add_normalisation_host_operators(HostOperators& table);  ///< LRN, InstanceNormalization, ...
void add_quantisation_host_operators(HostOperators& table);   ///< QuantizeLinear, Quant, ...
void add_qlinear_host_operators(HostOperators& table);        ///< QLinearConv, ConvInteger, ...
void add_qlinear_elementwise_host_operators(HostOperators& table);  ///< QLinearAdd, ...
void add_convolution_host_operators(HostOperators& table);  ///< Conv, ConvTranspose, FusedConv
void add_pooling_host_operators(HostOperators& table);      ///< MaxPool, LpPool, Global*, ...
void add_resize_host_operators(HostOperators& table);       ///< Resize, Upsample
void add_recurrent_host_operators(HostOperators& table);    ///< RNN, GRU, LSTM
void add_scatter_host_operators(HostOperators& table);      ///< ScatterND, OneHot, Compress, ...
void add_einsum_host_operators(HostOperators& table);       ///< Einsum
void add_layer_norm_host_operators(HostOperators& table);   ///< LayerNormalization, RMS...
void add_more_elementwise_host_operators(HostOperators& table);  ///< BitShift, IsInf, Tan, ...
void add_dynamic_lstm_host_operators(HostOperators& table);      ///< com.microsoft's
void add_ordering_host_operators(HostOperators& table);          ///< ArgMax, TopK, CumSum, Hardmax
void add_padding_host_operators(HostOperators& table);           ///< Pad
void add_sampling_host_operators(HostOperators& table);          ///< GridSample, RoiAlign
void add_spectrum_host_operators(HostOperators& table);          ///< DFT, STFT, Det
void add_attention_host_operators(HostOperators& table);         ///< Attention, RotaryEmbedding

/// A tensor of `dims` with all its elements zero.
values::Literal zeros(const values::Dims& dims, bool is_float);
/// An integer tensor.
values::Literal integers(values::Dims dims, std::vector<int64_t> values);

/// Calls f with the element vectors of `to` and `from`, which are of one type.
template <typename F>
void with_elements(values::Literal& to, const values::Literal& from, F f) {
  to.is_float ? f(to.floats, from.floats) : f(to.ints, from.ints);
}

}  // namespace systole::host
