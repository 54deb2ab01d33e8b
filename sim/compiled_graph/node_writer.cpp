// SPDX-License-Identifier: Apache-2.0
// Fills the messages of ONNX.
#include "sim/compiled_graph/node_writer.h"

#include <fmt/format.h>

#include <map>

#include "model/isa/causes.h"
#include "sim/report/format.h"

namespace systole::compiled_graph {

NodeWriter::NodeWriter(onnx::GraphProto& graph, const std::string& domain, const std::string& type,
                       const std::string& name)
    : node_(*graph.add_node()) {
  node_.set_domain(domain);
  node_.set_op_type(type);
  node_.set_name(report::printable(name));
}

NodeWriter& NodeWriter::input(const std::string& name) {
  node_.add_input(name);
  return *this;
}

NodeWriter& NodeWriter::output(const std::string& name) {
  node_.add_output(name);
  return *this;
}

onnx::AttributeProto& NodeWriter::attribute(const char* key,
                                            onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node_.add_attribute();
  attribute.set_name(key);
  attribute.set_type(type);
  return attribute;
}

NodeWriter& NodeWriter::set(const char* key, const std::string& value) {
  attribute(key, onnx::AttributeProto::STRING).set_s(value);
  return *this;
}

NodeWriter& NodeWriter::set(const char* key, int64_t value) {
  attribute(key, onnx::AttributeProto::INT).set_i(value);
  return *this;
}

NodeWriter& NodeWriter::set(const char* key, double value) {
  attribute(key, onnx::AttributeProto::FLOAT).set_f(static_cast<float>(value));
  return *this;
}

void NodeWriter::figures(const report::LayerReport& layer) {
  set("cycles", static_cast<int64_t>(layer.cycles));
  set("bound_cycles", static_cast<int64_t>(layer.bounds.largest()));
  set("bound", std::string(layer.bounds.largest_name()));
  set("cycles_per_bound", layer.cycles_per_bound);
  set("largest_stall",
      std::string(layer.stall.cycles > 0 ? isa::cause_name(layer.stall.cause) : "none"));
  set("stall_cycles", static_cast<int64_t>(layer.stall.cycles));
  set("mac_utilisation", layer.mac_utilisation);
  set("useful_macs", layer.useful_macs);
  set("dram_bytes", layer.bytes.total());
}

void describe_tensor(const graph::QTensor& tensor, onnx::ValueInfoProto& info) {
  info.set_name(tensor.name);
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(tensor.sums() ? onnx::TensorProto::INT32 : onnx::TensorProto::INT8);
  for (const int64_t size : {tensor.n, tensor.h, tensor.w, tensor.c})
    type.mutable_shape()->add_dim()->set_dim_value(size);
  info.set_doc_string(tensor.sums()
                          ? "NHWC, sums with a scale for each channel"
                          : fmt::format("NHWC, {} bits, scale {:.6g}, zero point {}",
                                        tensor.type.bits(), tensor.scale, tensor.zero_point));
}

void draw_ends(const pipeline::NetworkPlan& plan, onnx::GraphProto& graph) {
  std::map<std::string, onnx::ValueInfoProto> known;
  for (const onnx::ValueInfoProto& info : graph.value_info()) known.emplace(info.name(), info);
  const auto end = [&](const std::string& name) {
    const auto found = known.find(name);
    onnx::ValueInfoProto info;
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    if (found != known.end()) info = found->second;
    known.erase(name);
    return info;
  };
  for (const pipeline::PlanTensor& tensor : plan.inputs) *graph.add_input() = end(tensor.name);
  for (const pipeline::PlanTensor& tensor : plan.outputs) *graph.add_output() = end(tensor.name);
  graph.clear_value_info();
  for (const auto& [name, info] : known) *graph.add_value_info() = info;
}

}  // namespace systole::compiled_graph
