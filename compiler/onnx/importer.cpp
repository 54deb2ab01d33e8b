// SPDX-License-Identifier: Apache-2.0
// Walks the nodes of an ONNX graph once: folds constants, translates the rest, collects refusals.
#include "compiler/onnx/importer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>
#include <string_view>

#include "compiler/graph/refusal.h"
#include "compiler/host/host_operators.h"
#include "compiler/onnx/branches.h"
#include "compiler/onnx/host_tail.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "compiler/onnx/views.h"
#include "compiler/passes/stated_codes.h"
#include "compiler/values/attribute_watch.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

constexpr std::string_view kMetadataPrefix = "systole.";

/// `operand`, whose elements no nested loops visit, put in their order by an operator.
Operand put_in_order(ImportContext& context, const std::string& name, const Operand& operand) {
  onnx::NodeProto reader;
  reader.set_op_type("Identity");
  reader.add_output(name);
  const size_t rank = operand.dims.size();
  const bool is_item = rank >= 2 && rank <= 5 && operand.dims[0] == context.batch();
  if (is_item) return settled(context, reader, operand, false);
  const graph::Chw& shape =
      context.graph.shape(operand.value);  // of other dimensions: in the value's
  const Operand shaped =
      viewed(context, reader, operand, {context.batch(), shape.c, shape.h, shape.w},
             order_of(context, operand));
  Operand made = settled(context, reader, shaped, false);
  made.dims = operand.dims;
  return made;
}

/// Makes `operand` the output `name`: its value, or another view of one that is an input or an
/// output already. Throws Unsupported.
void add_output(ImportContext& context, const std::string& name, const Operand& operand) {
  graph::Graph& graph = context.graph;
  const bool leads = !operand.dims.empty() && operand.dims[0] == context.batch();
  if (!leads && context.batch() > 1)
    throw graph::Unsupported(fmt::format("{}: the leading dimension is not the batch {}",
                                         values::dims_text(operand.dims), context.batch()));
  graph::Value stated = graph.values[static_cast<size_t>(operand.value)];
  stated.name = name;
  stated.onnx_shape = operand.dims;
  stated.integer_zero.reset();
  if (operand.integers) stated.integer_zero = operand.integers->offset();
  if (!graph::set_stated_order(stated, order_of(context, operand)))
    return add_output(context, name, put_in_order(context, name, operand));
  graph::ValueId output = operand.value;
  if (graph.is_input(output) || graph.is_output(output)) {
    graph::Node node = graph::make_node(graph::Reshape{}, {output});
    node.name = node.origin = name;
    node.op_type = "Identity";
    output = node.output = static_cast<graph::ValueId>(graph.values.size());
    graph.values.push_back(std::move(stated));
    graph.nodes.push_back(std::move(node));
  } else {
    graph.values[static_cast<size_t>(output)] = std::move(stated);
  }
  graph.outputs.push_back(output);
}

/// Integers that nothing gives a scale stand for themselves; what is moved of others has their
/// codes.
void settle_codes(graph::Graph& graph) {
  for (graph::ValueId v = 0; v < static_cast<graph::ValueId>(graph.values.size()); ++v) {
    graph::Value& value = graph.values[static_cast<size_t>(v)];
    if (!value.integer_zero || value.codes) continue;
    value.codes = graph.is_input(v) ? graph::Codes{1.0f, *value.integer_zero}
                                    : passes::stated_codes(graph, v);
  }
}

/// Names the outputs; what cannot be one is refused together with the nodes.
void import_outputs(ImportContext& context, const onnx::GraphProto& proto,
                    std::vector<graph::Refusal>& refusals) {
  for (const auto& output : proto.output()) {
    if (context.is_refused(output.name())) continue;
    const auto refuse = [&](const std::string& why, bool host_helps = false) {
      refusals.push_back(
          {output.name(), fmt::format("output '{}'", output.name()), why, host_helps});
    };
    if (!context.is_defined(output.name())) {
      refuse("not supported");
      continue;
    }
    const Operand operand = context.operand(output.name());
    if (operand.literal != nullptr) {
      refuse("constant", true);
      continue;
    }
    try {
      add_output(context, output.name(), operand);
    } catch (const graph::Unsupported& reason) {
      refuse(reason.what());
    }
  }
}

/// The number of `key` in `metadata`; 0 without one. Throws Error if it is none of `least`..`most`.
int64_t stated_number(const std::map<std::string, std::string>& metadata, const std::string& key,
                      int64_t most) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return 0;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= most)
    return number;
  throw Error(fmt::format("metadata '{}' is '{}', expected an integer of 1..{}", key, text, most));
}

/// A bound that is no clamp to the network, as the halves of a PRelu, is computed by a table.
void make_function(graph::Node& clamp) {
  graph::Function f;
  const bool below = std::isfinite(clamp.lo);
  f.apply(below ? "max" : "min", graph::Function::kVariable,
          f.constant(below ? clamp.lo : clamp.hi));
  clamp.op = graph::Unary{};
  clamp.function = std::move(f);
  clamp.lo = -INFINITY;
  clamp.hi = INFINITY;
}

/// Whether `conv` may be a selection: each output channel is one of the numbers it reads, or 0.
bool may_select(const graph::Conv& conv) {
  const auto first = conv.weights.begin();
  const auto taps = static_cast<std::ptrdiff_t>(conv.taps());
  for (auto at = first; at != conv.weights.end(); at += taps) {
    if (std::count(at, at + taps, 0.0f) < taps - 1 || std::count(at, at + taps, 1.0f) > 1)
      return false;
    if (std::any_of(at, at + taps, [](float w) { return w != 0.0f && w != 1.0f; })) return false;
  }
  return !conv.states_integers() &&
         std::all_of(conv.bias.begin(), conv.bias.end(), [](float b) { return b == 0.0f; });
}

/// `node`, which is a convolution to ONNX alone, gives what it reads in its codes.
void make_selection(graph::Graph& graph, graph::Node& node) {
  node.as<graph::Conv>().keeps_scale = true;
  auto& codes = graph.values[static_cast<size_t>(node.output)].codes;
  if (!codes) codes = graph.codes(node.inputs[0]);
}

/// Takes over what `model` says of layers beside its operators.
void take_metadata(graph::Graph& graph, const onnx::ModelProto& model) {
  std::map<std::string, std::string> metadata;
  for (const auto& entry : model.metadata_props())
    if (entry.key().rfind(kMetadataPrefix, 0) == 0) metadata[entry.key()] = entry.value();
  if (metadata.empty()) return;
  for (graph::Node& node : graph.nodes) {
    const auto op = metadata.find(operator_key(node.name));
    if (op != metadata.end() && !op->second.empty()) {
      node.op_type = op->second;
      const bool one_bound = std::isfinite(node.lo) != std::isfinite(node.hi);
      if (node.is<graph::Clamp>() && one_bound && !node.function) make_function(node);
      const auto* conv = node.if_is<graph::Conv>();
      if (conv != nullptr && may_select(*conv)) make_selection(graph, node);
    }
    auto* conv = node.if_is<graph::Conv>();
    if (conv == nullptr) continue;
    conv->dense_macs = stated_number(metadata, dense_macs_key(node.name), INT64_MAX);
    const int64_t bits = stated_number(metadata, weight_bits_key(node.name), 8);
    if (bits != 0 && !std::has_single_bit(static_cast<uint64_t>(bits)))
      throw Error(fmt::format("metadata '{}' is '{}', expected 1, 2, 4 or 8",
                              weight_bits_key(node.name), bits));
    conv->weight_bits = static_cast<int>(bits);
  }
}

}  // namespace

std::string dense_macs_key(const std::string& node) {
  return std::string(kMetadataPrefix) + "dense_macs/" + node;
}

std::string weight_bits_key(const std::string& node) {
  return std::string(kMetadataPrefix) + "weight_bits/" + node;
}

std::string operator_key(const std::string& node) {
  return std::string(kMetadataPrefix) + "operator/" + node;
}

graph::Graph import_model(const onnx::ModelProto& model, const std::filesystem::path& folder,
                          const InputShapes& shapes,
                          const std::map<std::string, graph::Codes>& codes) {
  const int64_t opset = onnx_opset(model);
  ImportContext context(model.graph(), folder, opset);
  std::vector<graph::Refusal> refusals;
  import_inputs(context, model.graph(), shapes, codes);
  const HostTails tails(model.graph());
  for (const onnx::NodeProto& end : model.graph().node()) {
    if (tails.holds(end)) continue;
    const HostTail* const tail = tails.ending(end);
    const onnx::NodeProto& node = tail != nullptr ? *tail->softmax : end;
    try {
      if (tail != nullptr)
        translate_tail(context, *tail);
      else
        translate_node(context, node);
    } catch (const graph::Unsupported& reason) {
      refusals.push_back({values::first_output(node), values::node_text(node), reason.what(),
                          host::host_computes(node, opset)});
      context.refuse(node);
      context.refuse(end);
    } catch (const graph::DependsOnRefused&) {
      context.refuse(node);
      context.refuse(end);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", values::node_text(node), error.what()), error.code());
    }
  }
  import_outputs(context, model.graph(), refusals);
  if (!refusals.empty()) throw graph::RefusedNodes(std::move(refusals));
  settle_codes(context.graph);
  take_metadata(context.graph, model);
  graph::verify(context.graph, "import");
  return std::move(context.graph);
}

std::vector<std::string> opset_warnings(const onnx::ModelProto& model) {
  const int64_t opset = onnx_opset(model);
  if (opset <= kNewestOpset) return {};
  return {fmt::format("opset {} is read as opset {}", opset, kNewestOpset)};
}

std::vector<std::string> type_warnings(const onnx::ModelProto& model) {
  std::set<std::string> converted;
  const auto see = [&](int64_t type) {
    if (values::is_real_type(static_cast<int>(type)) && type != onnx::TensorProto::FLOAT)
      converted.insert(values::type_name(static_cast<int>(type)));
  };
  const onnx::GraphProto& graph = model.graph();
  for (const auto& input : graph.input()) see(input.type().tensor_type().elem_type());
  for (const auto& output : graph.output()) see(output.type().tensor_type().elem_type());
  for (const auto& tensor : graph.initializer()) see(tensor.data_type());
  for (const auto& node : graph.node()) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == "to" && node.op_type() == "Cast") see(attribute.i());
      if (attribute.name() == "output_dtype") see(attribute.i());
      if (attribute.has_t()) see(attribute.t().data_type());
    }
  }
  if (converted.empty()) return {};
  return {fmt::format("{} is computed as float32", fmt::join(converted, ", "))};
}

graph::Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings,
                         const InputShapes& shapes) {
  const onnx::ModelProto model = read_network(path, shapes);
  if (warnings != nullptr) {
    for (const auto& said :
         {opset_warnings(model), type_warnings(model), values::foreign_attribute_warnings(model)})
      for (const std::string& text : said)
        warnings->push_back(fmt::format("{}: {}", path.string(), text));
  }
  try {
    graph::Graph graph = import_model(model, path.parent_path(), shapes);
    if (graph.name.empty()) graph.name = path.stem().string();
    if (warnings != nullptr) {
      for (const std::string& text : graph.warnings)
        warnings->push_back(fmt::format("{}: {}", path.string(), text));
    }
    return graph;
  } catch (const graph::RefusedNodes& refused) {
    throw refused.in(path.string());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path.string(), error.what()), error.code());
  }
}

}  // namespace systole::importer
