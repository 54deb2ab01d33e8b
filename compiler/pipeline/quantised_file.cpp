// SPDX-License-Identifier: Apache-2.0
// Compiles, writes, reads back, compares.
#include "compiler/pipeline/quantised_file.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "compiler/exporter/exporter.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/model_file.h"
#include "compiler/passes/passes.h"
#include "compiler/pipeline/plan.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/split_posts.h"
#include "compiler/quant/static_ranges.h"
#include "compiler/quant/widths.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

/// Whether it is a table that does what a clamp would do.
bool is_bound(const graph::Node& node) {
  if (!node.is<graph::Unary>() || node.function->steps().size() != 2) return false;
  const auto& last = node.function->steps().back();
  return last.name == "max" || last.name == "min";
}

/// What the graph knows of its layers and ONNX does not say.
std::map<std::string, std::string> metadata_of(const quant::StatedGraph& stated) {
  std::map<std::string, std::string> metadata;
  for (size_t n = 0; n < stated.graph.nodes.size(); ++n) {
    const graph::Node& node = stated.graph.nodes[n];
    if (is_bound(node)) metadata[importer::operator_key(node.name)] = node.op_type;
    const auto* conv = node.if_is<graph::Conv>();
    if (conv != nullptr && conv->keeps_scale)
      metadata[importer::operator_key(node.name)] = node.op_type;
    if (conv == nullptr || !conv->states_integers()) continue;
    if (conv->dense_macs != 0)
      metadata[importer::dense_macs_key(node.name)] = std::to_string(conv->dense_macs);
    if (!quant::states_products(node)) metadata[importer::operator_key(node.name)] = node.op_type;
    const int bits = stated.weight_bits[n];
    if (quant::bits_of_own_weights(*conv, 1) != bits)
      metadata[importer::weight_bits_key(node.name)] = std::to_string(bits);
  }
  return metadata;
}

/// What `model` is read as.
graph::Graph read_graph(const onnx::ModelProto& model, const FrontOptions& options) {
  graph::Graph graph = importer::import_model(model, {});
  passes::run_passes(graph, nullptr);
  if (!options.fuse) passes::split_sums(graph);
  return graph;
}

/// The quantised graph of what was read, compiled by `options`, of which it states the rest.
graph::QGraph quantised(const graph::Graph& graph, const FrontOptions& options) {
  if (quant::needs_ranges(graph)) throw Error("a tensor has no range");
  const auto layers = quant::layer_widths(graph, {});
  graph::QGraph result = quant::build_qgraph(
      graph, {}, options.batch, quant::choose_widths(graph, layers, options.narrowest));
  std::set<std::string> clamped;
  for (const graph::Node& node : graph.nodes)
    if (node.clamped()) clamped.insert(node.name);
  if (!options.fuse) quant::split_posts(clamped, result);
  return result;
}

/// Says in `model` what reports call the layers of `graph` where they would call them otherwise in
/// `read`, which is what it is read as; there, too. Returns whether there were any.
bool name_layers(const graph::Graph& graph, graph::Graph& read, onnx::ModelProto& model) {
  std::map<std::string, graph::Node*> found;
  for (graph::Node& node : read.nodes) found[node.name] = &node;
  bool any = false;
  for (const graph::Node& node : graph.nodes) {
    const auto at = found.find(node.name);
    if (at == found.end()) continue;
    const std::string otherwise = graph::describe(read, *at->second);
    at->second->op_type = node.op_type;
    if (graph::describe(read, *at->second) == otherwise) continue;
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(importer::operator_key(node.name));
    entry.set_value(node.op_type);
    any = true;
  }
  return any;
}

/// Completes `model` and reads it back. Throws Error unless that gives `expected`.
void check_read_back(const graph::Graph& stated, const graph::QGraph& expected,
                     const FrontOptions& options, onnx::ModelProto& model) {
  std::string difference;
  try {
    graph::Graph read = read_graph(model, options);
    if (name_layers(stated, read, model)) read = read_graph(model, options);
    difference = graph::difference(expected, quantised(read, options));
  } catch (const Error& error) {
    difference = error.what();
  }
  if (!difference.empty())
    throw Error("what ONNX says of it would be read as another program: " + difference,
                ExitCode::kCannotCompile);
}

std::vector<LayerMask> masks_of(const quant::StatedGraph& stated) {
  std::vector<LayerMask> masks;
  for (size_t n = 0; n < stated.graph.nodes.size(); ++n) {
    const graph::Node& node = stated.graph.nodes[n];
    const auto* conv = node.if_is<graph::Conv>();
    if (conv == nullptr || conv->keeps_scale) continue;
    const int64_t in = stated.graph.shape(node.inputs[0]).c / conv->group;
    std::vector<int64_t> dims = {static_cast<int64_t>(conv->channels()), in, conv->window.kh,
                                 conv->window.kw};
    if (node.op_type == "Gemm" || node.op_type == "MatMul")
      dims = {dims[0], static_cast<int64_t>(conv->taps())};
    masks.push_back({node.name, dims, stated.masks[n]});
  }
  return masks;
}

std::vector<TensorRange> ranges_of(const graph::QGraph& graph) {
  std::vector<TensorRange> ranges;
  for (const graph::QTensor& t : graph.tensors) {
    if (t.sums()) continue;
    const auto real = [&](int code) { return static_cast<float>(code - t.zero_point) * t.scale; };
    ranges.push_back({t.name, real(t.type.least()), real(t.type.greatest())});
  }
  return ranges;
}

}  // namespace

QuantisedFile write_quantised(const std::filesystem::path& onnx, FrontOptions options,
                              int64_t most_opset) {
  std::vector<quant::StatedGraph> stated;
  options.stated = &stated;
  QuantisedFile file;
  const NetworkPlan plan = compile_front(onnx, options);
  try {
    if (plan.stages.size() != 1 || !plan.stages[0].device)
      throw Error("the host has a part of the network, which is not written",
                  ExitCode::kCannotCompile);
    const graph::QGraph& graph = *plan.stages[0].device;
    onnx::ModelProto model = exporter::write_model(stated.back().graph, stated.back().weight_bits,
                                                   metadata_of(stated.back()), most_opset);
    check_read_back(stated.back().graph, graph, options, model);
    file.masks = masks_of(stated.back());
    file.ranges = ranges_of(graph);
    file.layers = graph.ops.size();
    file.opset = importer::onnx_opset(model);
    if (!model.SerializeToString(&file.onnx)) throw Error("is larger than an ONNX file may be");
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return file;
}

}  // namespace systole::pipeline
