// SPDX-License-Identifier: Apache-2.0
// Import, passes, calibration, quantisation.
#include "compiler/pipeline/front.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/exec/float_executor.h"
#include "compiler/graph/refusal.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/passes/passes.h"
#include "compiler/pipeline/float_plan.h"
#include "compiler/pipeline/scale_channels.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/static_ranges.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

void warn(const FrontOptions& options, const std::string& text) {
  if (options.warnings != nullptr) options.warnings->push_back(text);
}

/// `data` is shown what the ranges come from.
std::vector<quant::ValueRange> ranges_of(const exec::FloatExecutor& executor,
                                         const quant::Widths& widths, const FrontOptions& options,
                                         quant::LayerData& data) {
  const graph::Graph& graph = executor.graph();
  const quant::RangeObserverFactory method =
      quant::range_method(options.range_method, widths.activations);
  // What merely stands in for data is looked at where ranges do not follow from the network.
  const bool stands_in = !options.calibration_stand_in.empty();
  if (options.calibration != nullptr && (!stands_in || data.any() || quant::needs_data(graph))) {
    if (stands_in) warn(options, quant::stand_in_warning(options.calibration_stand_in));
    return quant::calibrate(executor, options.calibration->items, data.watched(method),
                            options.progress);
  }
  std::vector<quant::ValueRange> ranges;
  if (quant::needs_data(graph) && options.timing_only) {
    ranges = quant::made_up_ranges(graph);
  } else if (quant::needs_data(graph)) {
    warn(options, quant::random_calibration_warning());
    ranges = quant::calibrate(executor, {quant::random_item(graph, quant::kCalibrationSeed)},
                              method, options.progress, nullptr, quant::NotFinite::kLeftOut);
  }
  quant::prefer_static_ranges(graph, ranges);
  return ranges;
}

/// The network up to the first refusals tells of some; the walk of the host fallback finds all.
graph::RefusedNodes refused_everywhere(const graph::RefusedNodes& first,
                                       const std::filesystem::path& onnx,
                                       const importer::InputShapes& shapes) {
  std::vector<graph::Refusal> all = first.refusals();
  try {
    for (graph::Refusal& refusal : all_refusals(onnx, shapes)) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const graph::Refusal& r) {
        return r.origin == refusal.origin;
      });
      if (!known) all.push_back(std::move(refusal));
    }
  } catch (const Error& error) {
    if (error.is_internal()) throw;
    return first;  // the network is not one that can be walked over
  }
  return graph::RefusedNodes(std::move(all)).in(onnx.string());
}

}  // namespace

graph::Graph load_graph(const std::filesystem::path& onnx, std::vector<std::string>* warnings,
                        std::string* dump, const importer::InputShapes& shapes) {
  graph::Graph graph;
  try {
    graph = importer::import_onnx(onnx, warnings, shapes);
  } catch (const graph::RefusedNodes& refused) {
    throw refused_everywhere(refused, onnx, shapes);
  }
  try {
    passes::run_passes(graph, dump);
  } catch (const graph::RefusedNodes& refused) {
    throw refused_everywhere(refused, onnx, shapes);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return graph;
}

void check_zeros(const graph::Graph& graph, const std::vector<quant::LayerWidths>& layers,
                 const prune::PruneResult& pruned) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (layers[n].weights == 1 && pruned.masked.count(graph.nodes[n].name) != 0)
      throw Error(fmt::format("layer '{}': 1-bit weights have no zero, which --prune needs; "
                              "expected 2 bits or more",
                              graph.nodes[n].name),
                  ExitCode::kCannotCompile);
  }
}

void check_layer_data(const std::vector<const graph::Graph*>& parts, const FrontOptions& options) {
  if (!wants_bias_correction(options) && !wants_gptq(options)) return;
  const std::string what = wants_gptq(options) ? "gptq" : "bias correction";
  const bool any = std::any_of(parts.begin(), parts.end(), [](const graph::Graph* graph) {
    return std::any_of(graph->nodes.begin(), graph->nodes.end(), quant::rounds_weights);
  });
  if (!any)
    throw Error(what + ": no layer has weights that are rounded, there is nothing to correct");
  if (options.calibration == nullptr || !options.calibration_stand_in.empty())
    throw Error(fmt::format("{}: no calibration data to take {} from, expected --calib", what,
                            wants_gptq(options) ? "errors" : "means"));
}

quant::LayerData layer_data(const graph::Graph& graph, const FrontOptions& options) {
  quant::LayerData data;
  if (wants_bias_correction(options)) data.means.emplace(graph);
  if (wants_gptq(options)) data.products.emplace(graph);
  return data;
}

void warn_of_unused_calibration(const FrontOptions& options) {
  if (options.calibration != nullptr && options.calibration_stand_in.empty())
    warn(options, "the network states all its scales: the calibration data is not used");
}

graph::QGraph quantise_graph(const exec::FloatExecutor& executor, const prune::PruneResult& pruned,
                             const FrontOptions& options) {
  const graph::Graph& graph = executor.graph();
  const std::vector<quant::LayerWidths> layers = quant::layer_widths(graph, options.precision);
  check_zeros(graph, layers, pruned);
  const quant::Widths widths = quant::choose_widths(graph, layers, options.narrowest);
  if (const auto text = quant::wide_activations_warning(layers, widths)) warn(options, *text);
  warn_of_lost_weights(graph, widths.weights, options);
  check_layer_data({&graph}, options);
  quant::LayerData data = layer_data(graph, options);
  std::vector<quant::ValueRange> ranges;
  const bool own_scales = !quant::needs_ranges(graph);
  if (!own_scales) {
    ranges = ranges_of(executor, widths, options, data);
  } else {
    warn_of_unused_calibration(options);
  }
  graph::QGraph result = quant::build_qgraph(graph, ranges, options.batch, widths, &data);
  result.own_scales = own_scales;
  if (options.ir_dump != nullptr) *options.ir_dump += "// quantise\n" + graph::to_text(result);
  graph::verify(result);
  if (options.stated != nullptr) options.stated->push_back(quant::state_codes(graph, result));
  return result;
}

}  // namespace systole::pipeline
