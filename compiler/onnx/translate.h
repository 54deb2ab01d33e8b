// SPDX-License-Identifier: Apache-2.0
// What the translators of single ONNX operators share: operands, the graph being built, refusals.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/graph/refusal.h"
#include "compiler/values/attributes.h"
#include "compiler/values/literal.h"

namespace systole::importer {

/// An ONNX integer type of at most 8 bits.
struct IntegerType {
  int bits = 8;
  bool is_signed = false;
  /// What is added to an integer to give its stored byte: unsigned ones lose their top bit's
  /// weight.
  int offset() const { return is_signed ? 0 : -(1 << (bits - 1)); }
  bool operator==(const IntegerType&) const = default;
};

/// The elements of a value in another order than [n, c, ...] or [n, ..., c].
struct OperandView {
  std::vector<int32_t> from;  ///< for each element of an item, in the order stated: its NCHW index
  std::string name, op_type, origin;  ///< of the ONNX node that made it
};

/// What a name of the network stands for: a constant, or a value of the graph.
struct Operand {
  values::Dims dims;                               ///< as the network states them
  std::shared_ptr<const values::Literal> literal;  ///< null: not a constant
  graph::ValueId value = graph::kNoValue;
  bool channels_last = false;  ///< the dimensions are [n, ..., c], not [n, c, ...]
  /// The network states the codes of `value`, not what they stand for.
  std::optional<IntegerType> integers = {};
  /// Not null: `dims` are those of this view of `value`, of any number.
  std::shared_ptr<const OperandView> view = nullptr;
  /// Neither a constant nor a value: integers, or dimensions that the accelerator does not have.
  bool only_on_host() const { return literal == nullptr && value == graph::kNoValue; }
};

/// State of one import.
class ImportContext {
 public:
  ImportContext(const onnx::GraphProto& proto, std::filesystem::path folder, int64_t opset);

  graph::Graph graph;
  int64_t opset() const { return opset_; }
  /// Folder of the network's file, where external data is looked for.
  const std::filesystem::path& folder() const { return folder_; }
  /// Leading dimension of every activation, as stated (1 if dynamic).
  int64_t batch() const { return batch_; }
  void set_batch(int64_t batch) { batch_ = batch; }

  /// Operand `i` of `node`; throws Error if the node has none, DependsOnRefused, Unsupported.
  const Operand& operand(const onnx::NodeProto& node, int i);
  const Operand& operand(const std::string& name);
  bool is_defined(const std::string& name) const;
  bool has_operand(const onnx::NodeProto& node, int i) const;
  /// An operand that must be an activation, whatever the order of its dimensions.
  const Operand& any_activation(const onnx::NodeProto& node, int i, const std::string& role);
  /// An operand that must be an activation with dimensions [n, c, ...].
  const Operand& activation(const onnx::NodeProto& node, int i, const std::string& role);
  /// An operand that must be constant.
  const values::Literal& constant(const onnx::NodeProto& node, int i, const std::string& role);
  /// A constant operand of finite float32 values; throws Error naming the first element that is
  /// not.
  const std::vector<float>& weights(const onnx::NodeProto& node, int i, const std::string& role);
  /// A constant operand of finite numbers, integers too.
  std::vector<float> numbers(const onnx::NodeProto& node, int i, const std::string& role);

  /// Whether `name` is an output of the network, and whether a node reads it.
  bool is_network_output(const std::string& name) const { return outputs_.count(name) != 0; }
  bool is_read(const std::string& name) const { return read_.count(name) != 0; }

  /// Sizes of one batch item. Throws Unsupported if `dims` is no batch of features, rows or maps.
  graph::Chw item_shape(const values::Dims& dims, bool channels_last = false) const;
  /// Adds an operator; `dims` of its result as ONNX states them. Of the operators that one node
  /// becomes, all but the last one have a `step` that tells them apart.
  Operand make(const onnx::NodeProto& proto, graph::Node node, const values::Dims& dims,
               bool channels_last = false, const std::string& step = "");
  /// Adds an operator whose result is the node's.
  void emit(const onnx::NodeProto& proto, graph::Node node, const values::Dims& dims,
            bool channels_last = false) {
    define(proto.output(0), make(proto, std::move(node), dims, channels_last));
  }
  void define(const std::string& name, Operand operand);
  /// The value `name` stands for is stated as its codes.
  void mark_integers(const std::string& name, const IntegerType& type);
  /// The results of `proto` do not exist.
  void refuse(const onnx::NodeProto& proto);
  bool is_refused(const std::string& name) const { return refused_.count(name) != 0; }

 private:
  std::filesystem::path folder_;
  int64_t opset_ = 0;
  int64_t batch_ = 1;
  std::map<std::string, const onnx::TensorProto*> initializers_;  ///< read when first used
  std::map<std::string, Operand> operands_;
  std::set<std::string> refused_, outputs_, read_;
};

/// What dimension `axis` of `operand` is; nothing for the batch and for dimensions that share the
/// channels with another one (rank 5).
std::optional<graph::Axis> axis_of(const Operand& operand, int64_t axis);

/// Values of a shape-like operand or attribute: input `i` if the node has it, else attribute
/// `name`.
std::vector<int64_t> ints_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                                  const std::string& name, const std::vector<int64_t>& fallback);

/// Translates one node, whatever it is. Throws Unsupported, DependsOnRefused or Error.
void translate_node(ImportContext& context, const onnx::NodeProto& node);

using Translator = void (*)(ImportContext&, const onnx::NodeProto&);
/// The translators by ONNX operator; each file of translators adds its own.
using Translators = std::map<std::string, Translator>;
void add_linear_translators(Translators& table);       ///< Conv, Gemm, MatMul, BatchNormalization
void add_pool_translators(Translators& table);         ///< MaxPool, AveragePool, Global*
void add_reduction_translators(Translators& table);    ///< ReduceMean, ReduceMax, ReduceSum
void add_pad_translators(Translators& table);          ///< Pad
void add_elementwise_translators(Translators& table);  ///< Add, Sub, Mul, Max, ..., PRelu
void add_softmax_translators(Translators& table);      ///< Softmax, LogSoftmax
void add_function_translators(Translators& table);     ///< Relu, Clip, Sigmoid, HardSwish, ...
void add_join_translators(Translators& table);         ///< Concat, Slice, Split
void add_upsample_translators(Translators& table);     ///< ConvTranspose, DepthToSpace
void add_resize_translators(Translators& table);       ///< Resize, Upsample
void add_shape_translators(Translators& table);        ///< Identity, Dropout, Flatten, Reshape, ...
void add_branch_translators(Translators& table);       ///< If
void add_fused_translators(Translators& table);        ///< com.microsoft's FusedConv, Gelu, ...
void add_qlinear_translators(Translators& table);   ///< QLinearConv, QLinearMatMul, QLinearAdd, ...
void add_qonnx_translators(Translators& table);     ///< Quant, BipolarQuant
void add_integer_translators(Translators& table);   ///< DynamicQuantizeLinear, ConvInteger, ...
void add_quantise_translators(Translators& table);  ///< QuantizeLinear, DequantizeLinear

/// Pads are 16-bit two's complement in the instructions.
inline constexpr int64_t kMaxPad = 32767;

/// Kernel, strides, dilations and pads of a Conv or pool, for maps of `in`; 1-D operators have one
/// row. Throws Error for sizes that are no window, Unsupported for ones the hardware's fields
/// cannot hold.
graph::Window read_window(const onnx::NodeProto& node, const values::Dims& in,
                          const std::vector<int64_t>& kernel);

}  // namespace systole::importer
