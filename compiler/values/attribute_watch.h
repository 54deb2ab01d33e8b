// SPDX-License-Identifier: Apache-2.0
// That no attribute of a node is passed over: what was read is noted, the rest must not matter.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace systole::values {

/// While it lives, the attributes that this thread reads are noted by name. Of nested ones the
/// outermost notes all and checks: the operators that a node stands for read its attributes.
class AttributeWatch {
 public:
  AttributeWatch(const onnx::NodeProto& node, int64_t opset);
  ~AttributeWatch();
  AttributeWatch(const AttributeWatch&) = delete;
  AttributeWatch& operator=(const AttributeWatch&) = delete;

  /// Throws Unsupported naming the first attribute of the node that nothing read, unless its value
  /// is what the operator does without it, or has no effect on what is computed, or it is foreign.
  void check() const;

 private:
  const onnx::NodeProto& node_;
  const int64_t opset_;
  AttributeWatch* const outer_;  ///< null: this one is the outermost
  std::set<std::string> read_;
  friend void note_attribute(const std::string& name);
};

/// Warnings of attributes that are foreign to ONNX: whatever somebody noted on an operator of ONNX
/// by a name that none of its operators has, in any version, changes nothing in what that computes.
std::vector<std::string> foreign_attribute_warnings(const onnx::ModelProto& model);

/// Notes that attribute `name` is read.
void note_attribute(const std::string& name);

}  // namespace systole::values
