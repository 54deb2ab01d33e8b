// SPDX-License-Identifier: Apache-2.0
// Copies the part of a model that is a stage.
#include "compiler/pipeline/segment.h"

#include <algorithm>
#include <set>

namespace systole::pipeline {

namespace {

/// A constant that depends on the shapes of activations: its elements as they are.
onnx::TensorProto tensor_of(const std::string& name, const values::Literal& literal) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  for (int64_t d : literal.dims) tensor.add_dims(d);
  if (literal.is_float) {
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.mutable_float_data()->Add(literal.floats.begin(), literal.floats.end());
    return tensor;
  }
  const int type = literal.type;
  if (type == onnx::TensorProto::INT8 || type == onnx::TensorProto::UINT8 ||
      type == onnx::TensorProto::INT32 || type == onnx::TensorProto::BOOL) {
    tensor.set_data_type(type);
    for (int64_t v : literal.ints) tensor.add_int32_data(static_cast<int32_t>(v));
    return tensor;
  }
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.mutable_int64_data()->Add(literal.ints.begin(), literal.ints.end());
  return tensor;
}

void declare(onnx::ValueInfoProto* info, const std::string& name, const ValueType& type) {
  info->set_name(name);
  auto* tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type.is_float() ? int{onnx::TensorProto::FLOAT} : type.type);
  for (int64_t d : type.dims) tensor->mutable_shape()->add_dim()->set_dim_value(d);
}

class Copier {
 public:
  Copier(const onnx::ModelProto& model, const Survey& survey)
      : proto_(model.graph()), survey_(survey) {
    for (const auto& tensor : proto_.initializer()) initializers_[tensor.name()] = &tensor;
    for (int i = 0; i < proto_.node_size(); ++i)
      for (const std::string& out : proto_.node(i).output()) maker_[out] = i;
    segment_.set_ir_version(model.ir_version());
    *segment_.mutable_opset_import() = model.opset_import();
    segment_.mutable_graph()->set_name(proto_.name());
  }

  onnx::ModelProto copy(const StageNodes& stage) {
    nodes_.insert(stage.nodes.begin(), stage.nodes.end());
    for (int i : stage.nodes)
      for (const std::string& name : proto_.node(i).input()) add_constant(name);
    onnx::GraphProto& graph = *segment_.mutable_graph();
    for (int i : nodes_) *graph.add_node() = proto_.node(i);
    for (const std::string& name : stage.inputs)
      declare(graph.add_input(), name, survey_.types.at(name));
    for (const std::string& name : stage.outputs)
      declare(graph.add_output(), name, survey_.types.at(name));
    return std::move(segment_);
  }

 private:
  /// Whether `name` is known from initializers alone.
  bool stated(const std::string& name) {
    const auto known = stated_.find(name);
    if (known != stated_.end()) return known->second;
    bool is = name.empty() || initializers_.count(name) != 0;
    const auto made = maker_.find(name);
    if (!is && made != maker_.end()) {
      const onnx::NodeProto& node = proto_.node(made->second);
      const auto& in = node.input();
      is = survey_.nodes[static_cast<size_t>(made->second)].place == Place::kConstant &&
           std::all_of(in.begin(), in.end(), [&](const auto& each) { return stated(each); });
    }
    return stated_[name] = is;
  }

  void add_constant(const std::string& name) {
    if (name.empty() || survey_.types.count(name) != 0 || !seen_.insert(name).second) return;
    const auto initializer = initializers_.find(name);
    if (initializer != initializers_.end()) {
      *segment_.mutable_graph()->add_initializer() = *initializer->second;
    } else if (stated(name)) {
      const int maker = maker_.at(name);
      nodes_.insert(maker);
      for (const std::string& in : proto_.node(maker).input()) add_constant(in);
    } else if (const auto literal = survey_.constants.find(name);
               literal != survey_.constants.end()) {
      *segment_.mutable_graph()->add_initializer() = tensor_of(name, *literal->second);
    }
  }

  const onnx::GraphProto& proto_;
  const Survey& survey_;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::map<std::string, int> maker_;
  std::map<std::string, bool> stated_;
  std::set<std::string> seen_;
  std::set<int> nodes_;  ///< in the order of the file
  onnx::ModelProto segment_;
};

}  // namespace

SegmentModel segment_model(const onnx::ModelProto& model, const StageNodes& stage,
                           const Survey& survey) {
  SegmentModel segment{Copier(model, survey).copy(stage), {}};
  for (const std::string& name : stage.inputs) {
    const auto& codes = survey.types.at(name).codes;
    if (codes) segment.codes[name] = *codes;
  }
  return segment;
}

}  // namespace systole::pipeline
