// SPDX-License-Identifier: Apache-2.0
// Nodes for operators, for parts and slices of tensors, and for the host's stages, in an order that
// ONNX allows.
#include "sim/compiled_graph/compiled_graph.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <map>
#include <set>

#include "compiler/graph/qgraph.h"
#include "model/program/program.h"
#include "sim/compiled_graph/node_writer.h"

namespace systole::compiled_graph {
namespace {

constexpr int kIrVersion = 8, kOnnxOpset = 17;

/// One stage of the accelerator.
class DeviceStage {
 public:
  DeviceStage(const graph::QGraph& graph, size_t index,
              const std::map<std::string, const report::LayerReport*>& layers,
              onnx::GraphProto& out)
      : graph_(graph), stage_(static_cast<int64_t>(index) + 1), layers_(layers), out_(out) {}

  void draw() {
    std::set<graph::TensorId> made;
    for (const graph::QOp& op : graph_.ops) {
      draw_operator(op);
      made.insert(op.out());
    }
    draw_places(made);
    for (const graph::QTensor& tensor : graph_.tensors)
      describe_tensor(tensor, *out_.add_value_info());
    for (const program::HostStep& step : graph_.host_steps)
      NodeWriter(out_, kHostDomain, step.op, step.op).input(step.tensor).set("stage", stage_);
  }

 private:
  const graph::QTensor& tensor(graph::TensorId id) const {
    return graph_.tensors[static_cast<size_t>(id)];
  }

  void draw_operator(const graph::QOp& op) {
    NodeWriter node(out_, kDomain, type_of(op), op.name);
    for (const graph::TensorId id : op.operands()) node.input(tensor(id).name);
    node.output(tensor(op.out()).name);
    node.set("kind", op.kind).set("stage", stage_);
    if (op.is<graph::QConv>())
      node.set("weights", fmt::format("{} of {} bits", op.conv().weights.size(),
                                      op.conv().weight_type.bits()));
    if (const std::string fused = fused_text(op); !fused.empty()) node.set("fused", fused);
    if (const auto layer = layers_.find(op.name); layer != layers_.end())
      node.figures(*layer->second);
  }

  static std::string type_of(const graph::QOp& op) {
    if (op.is<graph::QConv>()) return op.kind.starts_with("gemm") ? "Gemm" : "Conv";
    if (op.is<graph::QPool>()) return op.pool().sum ? "SumPool" : "MaxPool";
    return "Elementwise";
  }

  std::string fused_text(const graph::QOp& op) const {
    std::string text;
    const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
    const graph::QPost& post = op.post();
    if (!post.bias.empty()) add("bias");
    add("scale");
    if (post.residual)
      add((post.residual->multiply ? "multiply by " : "add ") + tensor(post.residual->tensor).name);
    if (post.clamp_lo > -128 || post.clamp_hi < 127)
      add(fmt::format("clamp {}..{}", post.clamp_lo, post.clamp_hi));
    if (post.table) add("table");
    return text;
  }

  /// Tensors inside of others cost nothing; the nodes that join and cut them show the way.
  void draw_places(const std::set<graph::TensorId>& made) {
    std::map<graph::TensorId, std::vector<graph::TensorId>> parts;
    for (graph::TensorId id = 0; id < static_cast<graph::TensorId>(graph_.tensors.size()); ++id) {
      if (!tensor(id).place) continue;
      if (made.contains(id)) {
        parts[tensor(id).place->base].push_back(id);
        continue;
      }
      const std::string& name = tensor(id).name;
      NodeWriter node(out_, kDomain, tensor(id).place->reshaped ? "Reshape" : "Slice", name);
      node.input(tensor(tensor(id).place->base).name).output(name);
      node.set("cost", "none: a place inside of its input").set("stage", stage_);
    }
    for (const auto& [base, inside] : parts) {
      const std::string& name = tensor(base).name;
      NodeWriter node(out_, kDomain, inside.size() == 1 ? "Reshape" : "Concat", name);
      for (const graph::TensorId id : inside) node.input(tensor(id).name);
      node.output(name)
          .set("cost", "none: its inputs are places inside of it")
          .set("stage", stage_);
    }
  }

  const graph::QGraph& graph_;
  const int64_t stage_;
  const std::map<std::string, const report::LayerReport*>& layers_;
  onnx::GraphProto& out_;
};

void draw_host_stage(const pipeline::PlanStage& stage, size_t index, onnx::GraphProto& out) {
  std::string nodes;
  for (const pipeline::HostWork& work : stage.host->work())
    nodes += fmt::format("{}{} {}: {}", nodes.empty() ? "" : "\n", work.op, work.node, work.reason);
  NodeWriter node(out, kHostDomain, "HostStage", fmt::format("stage {}", index + 1));
  for (const std::string& name : stage.inputs) node.input(name);
  for (const std::string& name : stage.outputs) node.output(name);
  node.set("stage", static_cast<int64_t>(index) + 1).set("nodes", nodes);
}

/// Each node behind those that give what it reads.
void sort_nodes(onnx::GraphProto& graph) {
  std::map<std::string, int> giver;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& name : graph.node(i).output()) giver.emplace(name, i);
  std::vector<int> order;
  std::vector<int> state(static_cast<size_t>(graph.node_size()), 0);  // 1: open, 2: placed
  for (int root = 0; root < graph.node_size(); ++root) {
    std::vector<int> open = {root};
    while (!open.empty()) {
      const int node = open.back();
      int& at = state[static_cast<size_t>(node)];
      if (at == 0) {
        at = 1;
        for (const std::string& name : graph.node(node).input())
          if (const auto from = giver.find(name);
              from != giver.end() && state[static_cast<size_t>(from->second)] == 0)
            open.push_back(from->second);
        continue;
      }
      open.pop_back();
      if (at == 1) order.push_back(node);
      at = 2;
    }
  }
  onnx::GraphProto sorted;
  for (const int node : order) *sorted.add_node() = graph.node(node);
  graph.mutable_node()->Swap(sorted.mutable_node());
}

void add_metadata(const report::Report& report, onnx::ModelProto& model) {
  for (const auto& [key, value] :
       {std::pair{"architecture", report.arch_name},
        {"memory", report.memory.name},
        {"clock_mhz", fmt::format("{}", report.clock_mhz)},
        {"batch", fmt::format("{}", report.items())},
        {"cycles", fmt::format("{}", report.cycles)},
        {"lower_bound_cycles", fmt::format("{}", report.lower_bound.largest())},
        {"bound", std::string(report.lower_bound.largest_name())}}) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(std::string("systole.") + key);
    entry.set_value(value);
  }
}

}  // namespace

std::string onnx_bytes(const pipeline::NetworkPlan& plan, const report::Report& report) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("systole");
  for (const auto& [domain, version] :
       {std::pair{"", kOnnxOpset}, {kDomain, 1}, {kHostDomain, 1}}) {
    onnx::OperatorSetIdProto& opset = *model.add_opset_import();
    opset.set_domain(domain);
    opset.set_version(version);
  }
  std::map<std::string, const report::LayerReport*> layers;
  for (const report::LayerReport& layer : report.layers) layers[layer.name] = &layer;

  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name(plan.name);
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const pipeline::PlanStage& stage = plan.stages[i];
    if (!stage.on_device())
      draw_host_stage(stage, i, graph);
    else if (stage.device)
      DeviceStage(*stage.device, i, layers, graph).draw();
  }
  sort_nodes(graph);
  draw_ends(plan, graph);
  add_metadata(report, model);
  return model.SerializeAsString();
}

}  // namespace systole::compiled_graph
