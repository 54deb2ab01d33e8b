// SPDX-License-Identifier: Apache-2.0
// Finds the order of a value's dimensions from the operators around it.
#include <algorithm>
#include <set>

#include "compiler/onnx/inputs.h"
#include "compiler/onnx/operator_kinds.h"
#include "compiler/values/attributes.h"

namespace systole::importer {

namespace {

/// Operators that treat all elements alike, whatever their order.
const std::set<std::string>& elementwise() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all = {"Cast",           "Identity",         "Dropout",
                                 "QuantizeLinear", "DequantizeLinear", "Quant"};
    all.insert(elementwise_operators().begin(), elementwise_operators().end());
    return all;
  }();
  return names;
}

/// Operators of maps [n, c, ...].
bool is_of_maps(const std::string& op) {
  static const std::set<std::string> names = {
      "Conv",          "ConvTranspose",      "MaxPool", "AveragePool",
      "GlobalMaxPool", "GlobalAveragePool",  "Resize",  "Upsample",
      "DepthToSpace",  "BatchNormalization", "LRN",     "InstanceNormalization",
      "PRelu",         "GroupNormalization"};
  return names.count(op) != 0;
}

using Perm = std::vector<int64_t>;

class Neighbourhood {
 public:
  explicit Neighbourhood(const onnx::GraphProto& proto) : proto_(proto) {
    for (const auto& tensor : proto.initializer()) constants_.insert(tensor.name());
    for (const auto& node : proto.node()) {
      const bool computed = std::all_of(node.input().begin(), node.input().end(),
                                        [&](const auto& in) { return constants_.count(in) != 0; });
      if (computed || node.op_type() == "Shape" || node.op_type() == "Size")
        constants_.insert(node.output().begin(), node.output().end());
    }
  }

  bool channels_last(const std::string& name) {
    visit(name);
    while (!open_.empty() && !against_) {
      const std::string value = open_.back();
      open_.pop_back();
      for (const auto& node : proto_.node()) {
        const auto& in = node.input();
        if (std::find(in.begin(), in.end(), value) != in.end()) reader(node, value);
        if (node.output_size() > 0 && node.output(0) == value) maker(node);
      }
    }
    return found_ && !against_;
  }

 private:
  void visit(const std::string& value) {
    if (!value.empty() && constants_.count(value) == 0 && seen_.insert(value).second)
      open_.push_back(value);
  }

  void through(const onnx::NodeProto& node) {
    for (const std::string& in : node.input()) visit(in);
    if (node.output_size() > 0) visit(node.output(0));
  }

  bool by_matrix(const onnx::NodeProto& node) const {
    return node.op_type() == "MatMul" && node.input_size() == 2 &&
           constants_.count(node.input(1)) != 0;
  }

  void reader(const onnx::NodeProto& node, const std::string& value) {
    const std::string& op = node.op_type();
    if (op == "Transpose") {
      const Perm perm = values::ints_attribute(node, "perm", {});
      (perm == Perm{0, 3, 1, 2} || perm == Perm{0, 2, 1} ? found_ : against_) = true;
    } else if (by_matrix(node) && node.input(0) == value) {
      found_ = true;
    } else if (elementwise().count(op) != 0) {
      through(node);
    } else if (is_of_maps(op)) {
      against_ = true;
    }
  }

  void maker(const onnx::NodeProto& node) {
    const std::string& op = node.op_type();
    if (op == "Transpose") {
      const Perm perm = values::ints_attribute(node, "perm", {});
      if (perm == Perm{0, 2, 3, 1} || perm == Perm{0, 2, 1}) found_ = true;
    } else if (by_matrix(node)) {
      found_ = true;
    } else if (elementwise().count(op) != 0) {
      through(node);
    } else if (is_of_maps(op)) {
      against_ = true;
    }
  }

  const onnx::GraphProto& proto_;
  std::set<std::string> constants_, seen_;
  std::vector<std::string> open_;
  bool found_ = false, against_ = false;
};

}  // namespace

bool states_channels_last(const onnx::GraphProto& proto, const std::string& name) {
  return Neighbourhood(proto).channels_last(name);
}

}  // namespace systole::importer
