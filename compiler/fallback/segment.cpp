// SPDX-License-Identifier: Apache-2.0
// Copies the part of a model that is a stage.
#include "compiler/fallback/segment.h"

#include <set>

namespace systole {

namespace {

onnx::TensorProto tensor_of(const std::string& name, const Literal& literal) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(literal.is_float ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64);
  for (int64_t d : literal.dims) tensor.add_dims(d);
  if (literal.is_float)
    tensor.mutable_float_data()->Add(literal.floats.begin(), literal.floats.end());
  else
    tensor.mutable_int64_data()->Add(literal.ints.begin(), literal.ints.end());
  return tensor;
}

void declare(onnx::ValueInfoProto* info, const std::string& name, const ValueType& type) {
  info->set_name(name);
  auto* tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(onnx::TensorProto::FLOAT);
  for (int64_t d : type.dims) tensor->mutable_shape()->add_dim()->set_dim_value(d);
}

}  // namespace

onnx::ModelProto segment_model(const onnx::ModelProto& model, const StageNodes& stage,
                               const Survey& survey) {
  onnx::ModelProto segment;
  segment.set_ir_version(model.ir_version());
  *segment.mutable_opset_import() = model.opset_import();
  onnx::GraphProto& graph = *segment.mutable_graph();
  graph.set_name(model.graph().name());
  std::set<std::string> copied;
  for (int i : stage.nodes) {
    const onnx::NodeProto& node = model.graph().node(i);
    *graph.add_node() = node;
    for (const std::string& name : node.input()) {
      const auto constant = survey.constants.find(name);
      if (constant != survey.constants.end() && copied.insert(name).second)
        *graph.add_initializer() = tensor_of(name, *constant->second);
    }
  }
  for (const std::string& name : stage.inputs)
    declare(graph.add_input(), name, survey.types.at(name));
  for (const std::string& name : stage.outputs)
    declare(graph.add_output(), name, survey.types.at(name));
  return segment;
}

}  // namespace systole
