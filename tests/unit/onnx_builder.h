// SPDX-License-Identifier: Apache-2.0
// Builds small ONNX networks for tests, and files that live as long as a test.
#pragma once

#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace systole::test {

using Dims = std::vector<int64_t>;

/// A folder of its own, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "systole_test_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  std::filesystem::path path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A node under construction: attributes are added in a chain.
class NodeBuilder {
 public:
  explicit NodeBuilder(onnx::NodeProto* node) : node_(node) {}
  NodeBuilder& set(const std::string& name, int64_t value) {
    onnx::AttributeProto* a = add(name, onnx::AttributeProto::INT);
    a->set_i(value);
    return *this;
  }
  NodeBuilder& set(const std::string& name, int value) { return set(name, int64_t{value}); }
  NodeBuilder& set(const std::string& name, float value) {
    add(name, onnx::AttributeProto::FLOAT)->set_f(value);
    return *this;
  }
  NodeBuilder& set(const std::string& name, const std::string& value) {
    add(name, onnx::AttributeProto::STRING)->set_s(value);
    return *this;
  }
  NodeBuilder& set(const std::string& name, const Dims& values) {
    onnx::AttributeProto* a = add(name, onnx::AttributeProto::INTS);
    for (int64_t v : values) a->add_ints(v);
    return *this;
  }
  NodeBuilder& domain(const std::string& name) {
    node_->set_domain(name);
    return *this;
  }

 private:
  onnx::AttributeProto* add(const std::string& name, onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto* a = node_->add_attribute();
    a->set_name(name);
    a->set_type(type);
    return a;
  }
  onnx::NodeProto* node_;
};

/// A network under construction. Every node is named after its output.
class OnnxBuilder {
 public:
  explicit OnnxBuilder(int64_t opset = 13) {
    model.set_ir_version(8);
    onnx::OperatorSetIdProto* import = model.add_opset_import();
    import->set_version(opset);
    graph().set_name("test");
  }

  onnx::GraphProto& graph() { return *model.mutable_graph(); }

  OnnxBuilder& input(const std::string& name, const Dims& dims) {
    declare(graph().add_input(), name, dims);
    return *this;
  }
  OnnxBuilder& output(const std::string& name) {
    declare(graph().add_output(), name, {});
    return *this;
  }
  OnnxBuilder& floats(const std::string& name, const Dims& dims, const std::vector<float>& values) {
    onnx::TensorProto* t = tensor(name, dims, onnx::TensorProto::FLOAT);
    for (float v : values) t->add_float_data(v);
    return *this;
  }
  OnnxBuilder& ints(const std::string& name, const Dims& dims, const std::vector<int64_t>& values) {
    onnx::TensorProto* t = tensor(name, dims, onnx::TensorProto::INT64);
    for (int64_t v : values) t->add_int64_data(v);
    return *this;
  }
  /// Random floats in [-1, 1).
  OnnxBuilder& random(const std::string& name, const Dims& dims, std::mt19937& rng) {
    int64_t count = 1;
    for (int64_t d : dims) count *= d;
    std::vector<float> values(static_cast<size_t>(count));
    for (float& v : values) v = static_cast<float>(rng() >> 8) * 0x1p-23f - 1.0f;
    return floats(name, dims, values);
  }
  NodeBuilder node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::string& out) {
    onnx::NodeProto* n = graph().add_node();
    n->set_op_type(op);
    n->set_name(out + "_node");
    for (const std::string& in : inputs) n->add_input(in);
    n->add_output(out);
    return NodeBuilder(n);
  }
  std::string bytes() const { return model.SerializeAsString(); }

  onnx::ModelProto model;

 private:
  static void declare(onnx::ValueInfoProto* info, const std::string& name, const Dims& dims) {
    info->set_name(name);
    auto* type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    for (int64_t d : dims) type->mutable_shape()->add_dim()->set_dim_value(d);
  }
  onnx::TensorProto* tensor(const std::string& name, const Dims& dims, int type) {
    onnx::TensorProto* t = graph().add_initializer();
    t->set_name(name);
    t->set_data_type(type);
    for (int64_t d : dims) t->add_dims(d);
    return t;
  }
};

inline std::vector<float> random_floats(size_t count, std::mt19937& rng) {
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(rng() >> 8) * 0x1p-23f - 1.0f;
  return values;
}

/// A network of one convolution of 6 to 6 channels in `group` groups, with pads, strides and
/// dilations that differ on all sides.
inline void add_odd_conv(OnnxBuilder& b, int64_t group, std::mt19937& rng) {
  b.input("x", {1, 6, 9, 7}).random("w", {6, 6 / group, 3, 2}, rng).random("b", {6}, rng);
  b.node("Conv", {"x", "w", "b"}, "y")
      .set("group", group)
      .set("pads", Dims{2, 1, 0, 1})
      .set("strides", Dims{2, 1})
      .set("dilations", Dims{1, 2});
  b.output("y");
}

}  // namespace systole::test
