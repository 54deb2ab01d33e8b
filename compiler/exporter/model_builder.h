// SPDX-License-Identifier: Apache-2.0
// An ONNX model that grows node by node.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace systole::exporter {

/// The domain of QONNX's Quant and BipolarQuant.
inline constexpr std::string_view kQonnx = "qonnx.custom_op.general";

/// The domain of ONNX Runtime's quantised operators.
inline constexpr std::string_view kMicrosoft = "com.microsoft";

/// Integers of a constant, and the ONNX type that they have in the file.
struct Integers {
  std::vector<int32_t> values;
  int type = onnx::TensorProto::INT8;  ///< INT8, UINT8, INT32, or values::kOnnxInt4
};

/// Names of tensors, and of nodes, are made different ones where they are not.
class ModelBuilder {
 public:
  explicit ModelBuilder(const std::string& name);

  /// Constants; each returns the name that it gets. No dimensions: a scalar.
  std::string constant(const std::string& name, const std::vector<float>& values,
                       const std::vector<int64_t>& dims);
  std::string constant(const std::string& name, const Integers& integers,
                       const std::vector<int64_t>& dims);
  std::string constant(const std::string& name, const std::vector<int64_t>& values);

  /// Adds a node of the standard operators, or of `domain`. An empty `result`: it is called as the
  /// node is. The node returned is valid until the next one is added.
  onnx::NodeProto& add(const std::string& op, const std::string& name,
                       const std::vector<std::string>& inputs, const std::string& result,
                       std::string_view domain = {});
  /// A name like `wanted` that no tensor has yet, which is kept for one.
  std::string new_tensor(const std::string& wanted);
  /// Keeps `name` for a tensor of the network's own.
  void reserve(const std::string& name) { tensors_.insert(name); }

  /// `dims`: the leading one 0 if the network leaves it open.
  void add_input(const std::string& name, int type, const std::vector<int64_t>& dims);
  void add_output(const std::string& name, int type, const std::vector<int64_t>& dims);
  void add_metadata(const std::string& key, const std::string& value);
  /// The file's operators are of this opset at least.
  void need_opset(int64_t opset) { opset_ = std::max(opset_, opset); }

  onnx::ModelProto build();

 private:
  onnx::TensorProto& add_tensor(const std::string& name, int type,
                                const std::vector<int64_t>& dims);

  onnx::ModelProto model_;
  int64_t opset_ = 13;
  std::set<std::string> tensors_, nodes_, domains_;
};

void set_attribute(onnx::NodeProto& node, const std::string& name, int64_t value);
void set_attribute(onnx::NodeProto& node, const std::string& name, float value);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& value);
void set_attribute(onnx::NodeProto& node, const std::string& name,
                   const std::vector<int64_t>& values);

}  // namespace systole::exporter
