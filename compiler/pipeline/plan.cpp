// SPDX-License-Identifier: Apache-2.0
// Calibration and quantisation, stage by stage.
#include "compiler/pipeline/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "compiler/host/host_call.h"
#include "compiler/onnx/quantised.h"
#include "compiler/passes/passes.h"
#include "compiler/pipeline/front.h"
#include "compiler/pipeline/scale_channels.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/split_posts.h"
#include "compiler/quant/static_ranges.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

constexpr int64_t kMaxBatch = 65535;  // n of the instructions

/// A random input: floats in [-1, 1), integers that stand for them over their range, others zero.
values::Literal random_input(const ValueType& type, uint64_t seed) {
  values::Literal literal = host::zeros(type.dims, type.is_float());
  literal.type = type.type;
  const std::optional<importer::IntegerType> integers = importer::integer_type(type.type);
  if (!literal.is_float && !integers) return literal;
  std::vector<float> values = quant::random_elements(literal.size(), seed);
  if (literal.is_float) {
    literal.floats = std::move(values);
  } else {
    const auto half = static_cast<float>(1 << (integers->bits - 1));
    for (size_t i = 0; i < values.size(); ++i)
      literal.ints[i] = static_cast<int64_t>(std::floor(values[i] * half)) - integers->offset();
  }
  return literal;
}

/// The user's items, or random ones.
std::vector<HostValues> given_items(const FloatPlan& plan, const FrontOptions& options) {
  std::vector<HostValues> items;
  const auto warn = [&](const std::string& text) {
    if (options.warnings != nullptr) options.warnings->push_back(text);
  };
  if (options.calibration != nullptr) {
    if (!options.calibration_stand_in.empty())
      warn(quant::stand_in_warning(options.calibration_stand_in));
    return host_items(plan.inputs, *options.calibration);
  }
  warn(quant::random_calibration_warning());
  items.resize(1);
  uint64_t seed = quant::kCalibrationSeed;
  for (const PlanTensor& input : plan.inputs)
    items[0][input.name] = random_input(input.type, seed++);
  return items;
}

bool data_given(const FrontOptions& options) {
  return options.calibration != nullptr && options.calibration_stand_in.empty();
}

/// Quantises a device stage; `items` hold its inputs and receive its outputs in float32. No items:
/// its scales are stated, or follow from those that are.
graph::QGraph quantise_stage(const FloatStage& stage, std::vector<HostValues>& items,
                             const std::vector<quant::LayerWidths>& layers,
                             const FrontOptions& options) {
  const graph::Graph& graph = stage.device->graph();
  const quant::Widths widths = quant::choose_widths(graph, layers, options.narrowest);
  if (const auto text = quant::wide_activations_warning(layers, widths); text && options.warnings) {
    auto& told = *options.warnings;  // once for all stages
    if (std::find(told.begin(), told.end(), *text) == told.end()) told.push_back(*text);
  }
  warn_of_lost_weights(graph, widths.weights, options);
  quant::LayerData data = layer_data(graph, options);
  const quant::RangeObserverFactory method =
      quant::range_method(options.range_method, widths.activations);
  std::vector<quant::ValueRange> ranges;
  if (items.empty() && options.timing_only)
    ranges = quant::made_up_ranges(graph);
  else if (!items.empty())
    ranges = calibrate_stage(stage, items, data.watched(method), options);
  const bool own_scales = !quant::needs_ranges(graph);
  const bool stands_in = options.calibration != nullptr && quant::needs_data(graph);
  if (own_scales)
    ranges.clear();
  else if (!data_given(options) && !stands_in)  // as in compile_front
    quant::prefer_static_ranges(graph, ranges);
  graph::QGraph result = quant::build_qgraph(graph, ranges, options.batch, widths, &data);
  result.own_scales = own_scales;
  return result;
}

/// Throws Error if a batch is asked for and an input is not one item of it.
void check_items(const FloatPlan& network, int64_t batch) {
  for (const PlanTensor& input : network.inputs) {
    if (batch == 1 || (!input.type.dims.empty() && input.type.dims[0] == 1)) continue;
    throw Error(fmt::format("input '{}' has shape {}; a batch of {} with --host-fallback expects "
                            "a leading dimension of 1, or an open one",
                            input.name, values::dims_text(input.type.dims), batch),
                ExitCode::kCannotCompile);
  }
}

void warn_of_batch(const FloatPlan& network, const std::filesystem::path& onnx,
                   const FrontOptions& options) {
  const int64_t stated = network.stages[0].device->graph().stated_batch;
  if (stated > 1 && stated != options.batch && options.warnings != nullptr)
    options.warnings->push_back(fmt::format("{} states batch {}; it is compiled for batch {}",
                                            onnx.string(), stated, options.batch));
}

/// A network that the host has a part of: stage by stage, on what the stages before give.
std::vector<graph::QGraph> quantise_stages(FloatPlan& network, const FrontOptions& options) {
  check_items(network, options.batch);
  const prune::PruneResult pruned = prune_network(network, options);
  scale_channels(network, options);
  std::vector<HostValues> items = calibration_items(network, options);
  const std::vector<const graph::Graph*> parts = network.graphs();
  const auto widths = quant::layer_widths(parts, options.precision);
  for (size_t p = 0; p < parts.size(); ++p) check_zeros(*parts[p], widths[p], pruned);
  std::vector<graph::QGraph> graphs;
  for (size_t s = 0; s < network.stages.size(); ++s) {
    const FloatStage& stage = network.stages[s];
    if (stage.device) {
      graphs.push_back(quantise_stage(stage, items, widths[graphs.size()], options));
      graph::verify(graphs.back());
      if (options.stated != nullptr)
        options.stated->push_back(quant::state_codes(stage.device->graph(), graphs.back()));
      if (options.ir_dump != nullptr)
        *options.ir_dump += "// quantise\n" + graph::to_text(graphs.back());
    } else {
      for (HostValues& item : items) stage.host->run(item);
    }
    for (HostValues& item : items) drop_values(network, s + 1, item);
  }
  return graphs;
}

/// A network that has nothing for the host.
std::vector<graph::QGraph> quantise_whole(FloatPlan& network, const FrontOptions& options) {
  const prune::PruneResult pruned = prune_network(network, options);
  scale_channels(network, options);
  std::vector<graph::QGraph> graphs;
  graphs.push_back(quantise_graph(*network.stages[0].device, pruned, options));
  return graphs;
}

}  // namespace

prune::PruneResult prune_network(FloatPlan& network, const FrontOptions& options) {
  prune::PruneOptions prune = options.prune;
  if (network.whole && data_given(options)) prune.calibration = &options.calibration->items;
  prune::PruneResult result = prune_plan(network, prune, options.ir_dump);
  if (options.warnings != nullptr)
    options.warnings->insert(options.warnings->end(), result.warnings.begin(),
                             result.warnings.end());
  return result;
}

std::vector<HostValues> calibration_items(const FloatPlan& network, const FrontOptions& options) {
  const std::vector<const graph::Graph*> parts = network.graphs();
  check_layer_data(parts, options);
  const bool looks = wants_bias_correction(options) || wants_gptq(options);
  const auto any = [&](bool (*test)(const graph::Graph&)) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const graph::Graph* graph) { return test(*graph); });
  };
  const bool has_open_scales = any(quant::needs_ranges);
  if (options.timing_only && options.calibration == nullptr) return {};
  if (any(quant::needs_data) || looks || (has_open_scales && data_given(options)))
    return given_items(network, options);
  if (!has_open_scales) warn_of_unused_calibration(options);
  return {};
}

std::vector<quant::ValueRange> calibrate_stage(const FloatStage& stage,
                                               std::vector<HostValues>& items,
                                               const quant::RangeObserverFactory& observers,
                                               const FrontOptions& options) {
  std::vector<data::Item> inputs;
  for (const HostValues& item : items) {
    inputs.emplace_back();
    for (const std::string& name : stage.inputs) inputs.back().push_back(numbers_of(item.at(name)));
  }
  std::vector<std::vector<std::vector<float>>> outputs;
  std::vector<quant::ValueRange> ranges = quant::calibrate(
      *stage.device, inputs, observers, options.progress, &outputs,
      options.calibration == nullptr ? quant::NotFinite::kLeftOut : quant::NotFinite::kError);
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t o = 0; o < stage.outputs.size(); ++o)
      items[i][stage.outputs[o]] = literal_of(stage.output_types[o], std::move(outputs[i][o]));
  }
  return ranges;
}

NetworkPlan assemble_plan(const FloatPlan& network, const std::string& name, int64_t batch,
                          std::vector<graph::QGraph> graphs) {
  if (!network.whole) check_items(network, batch);  // of those who quantise more than once
  NetworkPlan plan{name, batch, network.inputs, network.outputs, {}, network.constants};
  size_t part = 0;
  for (const FloatStage& stage : network.stages) {
    PlanStage made{
        stage.inputs, stage.outputs, stage.output_types, nullptr, stage.host, stage.elements, {}};
    if (stage.device) {
      graph::QGraph& graph = graphs.at(part++);
      graph.name = graphs.size() > 1 ? fmt::format("{}-{}", name, part) : name;
      made.device = std::make_shared<const graph::QGraph>(std::move(graph));
      made.tensors = device_tensors(*made.device);
    }
    plan.stages.push_back(std::move(made));
  }
  return plan;
}

std::vector<const graph::QGraph*> NetworkPlan::graphs() const {
  std::vector<const graph::QGraph*> graphs;
  for (const PlanStage& stage : stages)
    if (stage.device) graphs.push_back(&*stage.device);
  return graphs;
}

bool NetworkPlan::states_own_integers() const {
  const std::vector<const graph::QGraph*> all = graphs();
  return !all.empty() && std::all_of(all.begin(), all.end(),
                                     [](const graph::QGraph* graph) { return graph->own_scales; });
}

DeviceTensors device_tensors(const graph::QGraph& graph) {
  DeviceTensors tensors;
  for (const graph::TensorId in : graph.inputs)
    tensors.inputs.push_back(graph::tensor_info(graph.tensors[static_cast<size_t>(in)]));
  for (const graph::TensorId out : graph.outputs)
    tensors.outputs.push_back(graph::tensor_info(graph.tensors[static_cast<size_t>(out)]));
  tensors.host_steps = graph.host_steps;
  return tensors;
}

NetworkPlan lone_stage(const std::string& name, int64_t batch, DeviceTensors tensors) {
  NetworkPlan plan;
  plan.name = name;
  plan.batch = batch;
  PlanStage stage;
  const auto of_item = [](const program::TensorInfo& info) {
    PlanTensor tensor{info.name, {info.onnx_shape}};
    if (!tensor.type.dims.empty()) tensor.type.dims[0] = 1;
    return tensor;
  };
  for (const program::TensorInfo& info : tensors.inputs) {
    plan.inputs.push_back(of_item(info));
    stage.inputs.push_back(info.name);
  }
  for (const program::TensorInfo& info : tensors.outputs) {
    plan.outputs.push_back(of_item(info));
    stage.outputs.push_back(info.name);
    stage.output_types.push_back(plan.outputs.back().type);
  }
  stage.tensors = std::move(tensors);
  plan.stages.push_back(std::move(stage));
  return plan;
}

NetworkPlan lone_stage(graph::QGraph graph) {
  NetworkPlan plan = lone_stage(graph.name, graph.batch, device_tensors(graph));
  plan.stages[0].device = std::make_shared<const graph::QGraph>(std::move(graph));
  return plan;
}

namespace {

/// Residual adds become operators of their own.
void split_sums(FloatPlan& network, std::string* dump) {
  for (FloatStage& stage : network.stages) {
    if (!stage.device) continue;
    graph::Graph graph = stage.device->graph();
    passes::split_sums(graph);
    graph::verify(graph, "split-sums");
    if (dump != nullptr) *dump += "// split-sums\n" + graph::to_text(graph);
    stage.device = std::make_shared<exec::FloatExecutor>(std::move(graph));
  }
}

/// So do activations, of the quantised `graphs` of `network`.
void split_posts(const FloatPlan& network, std::string* dump, std::vector<graph::QGraph>& graphs) {
  const std::vector<const graph::Graph*> parts = network.graphs();
  for (size_t p = 0; p < parts.size(); ++p) {
    std::set<std::string> clamped;
    for (const graph::Node& node : parts[p]->nodes)
      if (node.clamped()) clamped.insert(node.name);
    quant::split_posts(clamped, graphs.at(p));
    graph::verify(graphs[p]);
    if (dump != nullptr) *dump += "// split-posts\n" + graph::to_text(graphs[p]);
  }
}

NetworkPlan quantise_network(FloatPlan network, const std::filesystem::path& onnx,
                             const FrontOptions& options) {
  try {
    if (!options.fuse) split_sums(network, options.ir_dump);
    std::vector<graph::QGraph> graphs =
        network.whole ? quantise_whole(network, options) : quantise_stages(network, options);
    if (!options.fuse) split_posts(network, options.ir_dump, graphs);
    return assemble_plan(network, onnx.stem().string(), options.batch, std::move(graphs));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
}

/// With made-up ranges; none: they are not what the network's own values allow, or there is another
/// reason against it.
std::optional<NetworkPlan> quantise_for_timing(const FloatPlan& network,
                                               const std::filesystem::path& onnx,
                                               FrontOptions options) {
  std::vector<std::string>* const told = std::exchange(options.warnings, nullptr);
  std::string* const text = std::exchange(options.ir_dump, nullptr);
  std::vector<std::string> warnings;
  std::string ir;
  if (told != nullptr) options.warnings = &warnings;
  if (text != nullptr) options.ir_dump = &ir;
  try {
    NetworkPlan plan = quantise_network(network, onnx, options);
    if (told != nullptr) told->insert(told->end(), warnings.begin(), warnings.end());
    if (text != nullptr) *text += ir;
    return plan;
  } catch (const Error& error) {
    if (error.is_internal()) throw;
    return std::nullopt;
  }
}

}  // namespace

NetworkPlan compile_front(const std::filesystem::path& onnx, const FrontOptions& options) {
  if (options.batch < 1 || options.batch > kMaxBatch)
    throw Error(fmt::format("batch {} is outside 1..{}", options.batch, kMaxBatch));
  const FloatPlan network =
      load_float_plan(onnx, options.shapes, options.host, options.warnings, options.ir_dump);
  if (network.whole) warn_of_batch(network, onnx, options);
  FrontOptions calibrated = options;
  calibrated.timing_only = false;
  if (options.timing_only && options.calibration == nullptr)
    if (auto plan = quantise_for_timing(network, onnx, options)) return *std::move(plan);
  return quantise_network(network, onnx, calibrated);
}

}  // namespace systole::pipeline
