// SPDX-License-Identifier: Apache-2.0
// Nodes and tensors of the ONNX file of a compiled network.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

#include "compiler/pipeline/plan.h"
#include "sim/report/report.h"

namespace systole::compiled_graph {

inline constexpr const char* kDomain = "systole";           ///< of the accelerator's operators
inline constexpr const char* kHostDomain = "systole.host";  ///< of what the host runs

/// Adds a node to a graph and fills it.
class NodeWriter {
 public:
  NodeWriter(onnx::GraphProto& graph, const std::string& domain, const std::string& type,
             const std::string& name);
  NodeWriter& input(const std::string& name);
  NodeWriter& output(const std::string& name);
  NodeWriter& set(const char* key, const std::string& value);
  NodeWriter& set(const char* key, int64_t value);
  NodeWriter& set(const char* key, double value);
  /// Cycles, bound and causes of the layer.
  void figures(const report::LayerReport& layer);

 private:
  onnx::AttributeProto& attribute(const char* key, onnx::AttributeProto::AttributeType type);

  onnx::NodeProto& node_;
};

/// Type and shape of `tensor` as it is stored, NHWC, with its scale in words.
void describe_tensor(const graph::QTensor& tensor, onnx::ValueInfoProto& info);

/// The inputs and outputs of the network, as stored where the accelerator reads and writes them.
/// Descriptions of tensors that are these are not kept beside.
void draw_ends(const pipeline::NetworkPlan& plan, onnx::GraphProto& graph);

}  // namespace systole::compiled_graph
