// SPDX-License-Identifier: Apache-2.0
// Fills the protocol buffers of a model.
#include "compiler/exporter/model_builder.h"

#include <algorithm>
#include <utility>

#include "compiler/values/literal.h"

namespace systole::exporter {

namespace {

constexpr int64_t kIrVersion = 8;      // of opset 17 and before
constexpr int64_t kNewIrVersion = 10;  // of the opsets with integers of 4 bits
constexpr int64_t kFirstOfNewVersion = 18;

std::string unused(std::set<std::string>& used, const std::string& wanted) {
  std::string name = wanted;
  for (int k = 2; !used.insert(name).second; ++k) name = wanted + "_" + std::to_string(k);
  return name;
}

void declare(onnx::ValueInfoProto& info, const std::string& name, int type,
             const std::vector<int64_t>& dims) {
  info.set_name(name);
  onnx::TypeProto_Tensor& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  onnx::TensorShapeProto& shape = *tensor.mutable_shape();
  for (size_t d = 0; d < dims.size(); ++d) {
    onnx::TensorShapeProto_Dimension& dim = *shape.add_dim();
    if (d == 0 && dims[d] == 0)
      dim.set_dim_param("batch");
    else
      dim.set_dim_value(dims[d]);
  }
}

/// The bytes of `integers` as a tensor's raw data holds them.
std::string raw_bytes(const Integers& integers) {
  std::string raw;
  const bool nibbles = integers.type == values::kOnnxInt4 || integers.type == values::kOnnxUint4;
  const size_t width = integers.type == onnx::TensorProto::INT32 ? 4 : 1;
  for (size_t i = 0; i < integers.values.size(); ++i) {
    const auto bits = static_cast<uint32_t>(integers.values[i]);
    if (nibbles && i % 2 == 1) {
      raw.back() = static_cast<char>(static_cast<unsigned char>(raw.back()) | (bits & 15) << 4);
    } else if (nibbles) {
      raw.push_back(static_cast<char>(bits & 15));
    } else {
      for (size_t byte = 0; byte < width; ++byte)
        raw.push_back(static_cast<char>(bits >> (8 * byte) & 255));
    }
  }
  return raw;
}

}  // namespace

ModelBuilder::ModelBuilder(const std::string& name) {
  model_.set_producer_name("systole");
  model_.mutable_graph()->set_name(name);
}

onnx::TensorProto& ModelBuilder::add_tensor(const std::string& name, int type,
                                            const std::vector<int64_t>& dims) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(new_tensor(name));
  tensor.set_data_type(type);
  for (const int64_t d : dims) tensor.add_dims(d);
  return tensor;
}

std::string ModelBuilder::constant(const std::string& name, const std::vector<float>& values,
                                   const std::vector<int64_t>& dims) {
  onnx::TensorProto& tensor = add_tensor(name, onnx::TensorProto::FLOAT, dims);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor.name();
}

std::string ModelBuilder::constant(const std::string& name, const Integers& integers,
                                   const std::vector<int64_t>& dims) {
  onnx::TensorProto& tensor = add_tensor(name, integers.type, dims);
  tensor.set_raw_data(raw_bytes(integers));
  return tensor.name();
}

std::string ModelBuilder::constant(const std::string& name, const std::vector<int64_t>& values) {
  onnx::TensorProto& tensor =
      add_tensor(name, onnx::TensorProto::INT64, {static_cast<int64_t>(values.size())});
  tensor.set_raw_data(values.data(), values.size() * sizeof(int64_t));
  return tensor.name();
}

onnx::NodeProto& ModelBuilder::add(const std::string& op, const std::string& name,
                                   const std::vector<std::string>& inputs,
                                   const std::string& result, std::string_view domain) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(op);
  node.set_name(unused(nodes_, name));
  for (const std::string& in : inputs) node.add_input(in);
  node.add_output(result.empty() ? new_tensor(name) : result);
  if (!domain.empty()) node.set_domain(*domains_.insert(std::string(domain)).first);
  return node;
}

std::string ModelBuilder::new_tensor(const std::string& wanted) { return unused(tensors_, wanted); }

void ModelBuilder::add_input(const std::string& name, int type, const std::vector<int64_t>& dims) {
  declare(*model_.mutable_graph()->add_input(), name, type, dims);
}

void ModelBuilder::add_output(const std::string& name, int type, const std::vector<int64_t>& dims) {
  declare(*model_.mutable_graph()->add_output(), name, type, dims);
}

void ModelBuilder::add_metadata(const std::string& key, const std::string& value) {
  onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

onnx::ModelProto ModelBuilder::build() {
  model_.set_ir_version(opset_ < kFirstOfNewVersion ? kIrVersion : kNewIrVersion);
  onnx::OperatorSetIdProto& standard = *model_.add_opset_import();
  standard.set_domain("");
  standard.set_version(opset_);
  for (const std::string& domain : domains_) {
    onnx::OperatorSetIdProto& import = *model_.add_opset_import();
    import.set_domain(domain);
    import.set_version(1);
  }
  return std::move(model_);
}

namespace {

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

void set_attribute(onnx::NodeProto& node, const std::string& name, int64_t value) {
  add_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, float value) {
  add_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& value) {
  add_attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name,
                   const std::vector<int64_t>& values) {
  onnx::AttributeProto& attribute = add_attribute(node, name, onnx::AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
}

}  // namespace systole::exporter
