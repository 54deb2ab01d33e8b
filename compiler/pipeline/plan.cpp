// SPDX-License-Identifier: Apache-2.0
// Calibration stage by stage, and runs of quantised stages.
#include "compiler/pipeline/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/exec/host_steps.h"
#include "compiler/host/host_call.h"
#include "compiler/onnx/quantised.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/static_ranges.h"
#include "compiler/quant/tensor_io.h"
#include "model/base/error.h"

namespace systole {

namespace {

/// A random input: floats in [-1, 1), integers that stand for them over their range, others zero.
Literal random_input(const ValueType& type, uint64_t seed) {
  Literal literal = zeros(type.dims, type.is_float());
  literal.type = type.type;
  const std::optional<IntegerType> integers = integer_type(type.type);
  if (!literal.is_float && !integers) return literal;
  std::vector<float> values = random_elements(literal.size(), seed);
  if (literal.is_float) {
    literal.floats = std::move(values);
  } else {
    const auto half = static_cast<float>(1 << (integers->bits - 1));
    for (size_t i = 0; i < values.size(); ++i)
      literal.ints[i] = static_cast<int64_t>(std::floor(values[i] * half)) - integers->offset();
  }
  return literal;
}

/// Items to calibrate with: the user's, or random ones.
std::vector<HostValues> calibration_items(const FloatPlan& plan, const FrontOptions& options) {
  std::vector<HostValues> items;
  const auto warn = [&](const std::string& text) {
    if (options.warnings != nullptr) options.warnings->push_back(text);
  };
  if (options.calibration != nullptr) {
    if (!options.calibration_stand_in.empty()) warn(stand_in_warning(options.calibration_stand_in));
    for (const Item& item : options.calibration->items) {
      items.emplace_back();
      for (size_t k = 0; k < plan.inputs.size(); ++k)
        items.back()[plan.inputs[k].name] = literal_of(plan.inputs[k].type, item.at(k));
    }
    return items;
  }
  warn(random_calibration_warning());
  items.resize(1);
  uint64_t seed = kCalibrationSeed;
  for (const PlanTensor& input : plan.inputs)
    items[0][input.name] = random_input(input.type, seed++);
  return items;
}

bool data_given(const FrontOptions& options) {
  return options.calibration != nullptr && options.calibration_stand_in.empty();
}

/// Quantises a device stage; `items` hold its inputs and receive its outputs in float32. No items:
/// its scales are stated, or follow from those that are.
QGraph quantise_stage(const FloatStage& stage, std::vector<HostValues>& items,
                      const std::vector<LayerWidths>& layers, const FrontOptions& options) {
  std::vector<Item> inputs;
  for (const HostValues& item : items) {
    inputs.emplace_back();
    for (const std::string& name : stage.inputs) inputs.back().push_back(numbers_of(item.at(name)));
  }
  std::vector<std::vector<std::vector<float>>> outputs;
  const Graph& graph = stage.device->graph();
  const Widths widths = choose_widths(graph, layers, options.narrowest);
  if (const auto text = wide_activations_warning(layers, widths); text && options.warnings) {
    auto& told = *options.warnings;  // once for all stages
    if (std::find(told.begin(), told.end(), *text) == told.end()) told.push_back(*text);
  }
  std::optional<InputMeans> means;
  if (options.precision.bias_correction) means.emplace(graph);
  const RangeObserverFactory method = range_method(options.range_method, widths.activations);
  std::vector<ValueRange> ranges;
  if (!items.empty())
    ranges = calibrate(*stage.device, inputs, means ? means->watched(method) : method,
                       options.progress, &outputs,
                       options.calibration == nullptr ? NotFinite::kLeftOut : NotFinite::kError);
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t o = 0; o < stage.outputs.size(); ++o)
      items[i][stage.outputs[o]] = literal_of(stage.output_types[o], std::move(outputs[i][o]));
  }
  const bool own_scales = !needs_ranges(graph);
  const bool stands_in = options.calibration != nullptr && needs_data(graph);
  if (own_scales)
    ranges.clear();
  else if (!data_given(options) && !stands_in)  // as in compile_front
    prefer_static_ranges(graph, ranges);
  QGraph result = build_qgraph(graph, ranges, options.batch, widths, means ? &*means : nullptr);
  result.own_scales = own_scales;
  return result;
}

/// Throws Error if a batch is asked for and an input is not one item of it.
void check_items(const FloatPlan& network, int64_t batch) {
  for (const PlanTensor& input : network.inputs) {
    if (batch == 1 || (!input.type.dims.empty() && input.type.dims[0] == 1)) continue;
    throw Error(fmt::format("input '{}' has shape {}; a batch of {} with --host-fallback expects "
                            "a leading dimension of 1, or an open one",
                            input.name, dims_text(input.type.dims), batch),
                ExitCode::kCannotCompile);
  }
}

/// Prunes the device stages of `network`, together.
PruneResult prune_stages(FloatPlan& network, const FrontOptions& options) {
  if (options.prune.specs.empty()) return {};
  std::vector<Graph> graphs;
  for (const FloatStage& stage : network.stages)
    if (stage.device) graphs.push_back(stage.device->graph());
  std::vector<Graph*> parts;
  for (Graph& graph : graphs) parts.push_back(&graph);
  PruneResult result = prune(parts, options.prune);
  size_t part = 0;
  for (FloatStage& stage : network.stages) {
    if (!stage.device) continue;
    if (options.ir_dump != nullptr) *options.ir_dump += "// prune\n" + to_text(graphs[part]);
    stage.device = std::make_shared<FloatExecutor>(std::move(graphs[part++]));
  }
  if (options.warnings != nullptr)
    options.warnings->insert(options.warnings->end(), result.warnings.begin(),
                             result.warnings.end());
  return result;
}

void run_device_stage(const PlanStage& stage, size_t index, std::vector<HostValues>& items,
                      const DeviceRun& run_device) {
  const QGraph& graph = *stage.device;
  std::vector<std::vector<int8_t>> inputs;
  for (size_t k = 0; k < stage.inputs.size(); ++k) {
    const TensorInfo info = tensor_info(graph.tensors[static_cast<size_t>(graph.inputs[k])]);
    inputs.emplace_back();
    for (const HostValues& item : items) {
      const auto bytes = quantise_input(info, numbers_of(item.at(stage.inputs[k])));
      inputs.back().insert(inputs.back().end(), bytes.begin(), bytes.end());
    }
  }
  const auto outputs = run_device(index, inputs);
  for (size_t o = 0; o < stage.outputs.size(); ++o) {
    const TensorInfo info = tensor_info(graph.tensors[static_cast<size_t>(graph.outputs[o])]);
    for (size_t i = 0; i < items.size(); ++i) {
      auto numbers = dequantise_output(info, outputs.at(o).data(), static_cast<int64_t>(i));
      for (const HostStep& step : graph.host_steps)
        if (step.tensor == info.name) apply_host_step(step, info.onnx_shape, numbers);
      items[i][stage.outputs[o]] = literal_of(stage.output_types[o], std::move(numbers));
    }
  }
}

/// The stages of the accelerator.
std::vector<const Graph*> device_graphs(const FloatPlan& network) {
  std::vector<const Graph*> parts;
  for (const FloatStage& stage : network.stages)
    if (stage.device) parts.push_back(&stage.device->graph());
  return parts;
}

/// Items to calibrate with, none if no scale needs them.
std::vector<HostValues> items_for(const FloatPlan& network, const FrontOptions& options) {
  const std::vector<const Graph*> parts = device_graphs(network);
  const bool corrects = corrects_biases(parts, options);  // throws before anything has run
  const auto any = [&](bool (*test)(const Graph&)) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Graph* graph) { return test(*graph); });
  };
  const bool has_open_scales = any(needs_ranges);
  if (any(needs_data) || corrects || (has_open_scales && data_given(options)))
    return calibration_items(network, options);
  if (!has_open_scales) warn_of_unused_calibration(options);
  return {};
}

}  // namespace

NetworkPlan compile_plan(const std::filesystem::path& onnx, const FrontOptions& options) {
  FloatPlan network = load_float_plan(onnx, options.shapes, options.warnings, options.ir_dump);
  NetworkPlan plan{network.name, options.batch,    network.inputs, network.outputs,
                   {},           network.constants};
  if (network.whole) {
    const FloatStage& all = network.stages[0];
    QGraph graph = quantise_graph(all.device->graph(), onnx, options);
    plan.stages.push_back(
        {all.inputs, all.outputs, all.output_types, std::move(graph), nullptr, all.elements});
    return plan;
  }
  try {
    check_items(network, options.batch);
    const PruneResult pruned = prune_stages(network, options);
    std::vector<HostValues> items = items_for(network, options);
    const std::vector<const Graph*> parts = device_graphs(network);
    const auto widths = layer_widths(parts, options.precision);
    for (size_t p = 0; p < parts.size(); ++p) check_zeros(*parts[p], widths[p], pruned);
    size_t part = 0;
    for (size_t s = 0; s < network.stages.size(); ++s) {
      const FloatStage& stage = network.stages[s];
      PlanStage made{stage.inputs, stage.outputs, stage.output_types,
                     std::nullopt, stage.host,    stage.elements};
      if (stage.device) {
        made.device = quantise_stage(stage, items, widths[part++], options);
        verify(*made.device);
        if (options.ir_dump != nullptr) *options.ir_dump += "// quantise\n" + to_text(*made.device);
      } else {
        for (HostValues& item : items) stage.host->run(item);
      }
      for (HostValues& item : items) drop_values(network, s + 1, item);
      plan.stages.push_back(std::move(made));
    }
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return plan;
}

void run_plan(const NetworkPlan& plan, std::vector<HostValues>& items,
              const DeviceRun& run_device) {
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    const PlanStage& stage = plan.stages[s];
    if (stage.host) {
      for (HostValues& item : items) stage.host->run(item);
    } else {
      run_device_stage(stage, s, items, run_device);
    }
    for (HostValues& item : items) drop_values(plan, s + 1, item);
  }
  for (HostValues& item : items)
    for (const auto& [name, constant] : plan.constants) item[name] = constant;
}

}  // namespace systole
