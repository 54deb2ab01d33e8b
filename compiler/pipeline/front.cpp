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
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/range_methods.h"
#include "compiler/quant/static_ranges.h"
#include "model/base/error.h"

namespace systole {

namespace {

void warn(const FrontOptions& options, const std::string& text) {
  if (options.warnings != nullptr) options.warnings->push_back(text);
}

/// `means`: null, or shown what the ranges come from.
std::vector<ValueRange> ranges_of(const FloatExecutor& executor, const Widths& widths,
                                  const FrontOptions& options, InputMeans* means) {
  const Graph& graph = executor.graph();
  const RangeObserverFactory method = range_method(options.range_method, widths.activations);
  // What merely stands in for data is looked at where ranges do not follow from the network.
  const bool stands_in = !options.calibration_stand_in.empty();
  if (options.calibration != nullptr && (!stands_in || means != nullptr || needs_data(graph))) {
    if (stands_in) warn(options, stand_in_warning(options.calibration_stand_in));
    return calibrate(executor, options.calibration->items,
                     means != nullptr ? means->watched(method) : method, options.progress);
  }
  std::vector<ValueRange> ranges;
  if (needs_data(graph) && options.timing_only) {
    ranges = made_up_ranges(graph);
  } else if (needs_data(graph)) {
    warn(options, random_calibration_warning());
    ranges = calibrate(executor, {random_item(graph, kCalibrationSeed)}, method, options.progress,
                       nullptr, NotFinite::kLeftOut);
  }
  prefer_static_ranges(graph, ranges);
  return ranges;
}

/// The network up to the first refusals tells of some; the walk of the host fallback finds all.
RefusedNodes refused_everywhere(const RefusedNodes& first, const std::filesystem::path& onnx,
                                const InputShapes& shapes) {
  std::vector<Refusal> all = first.refusals();
  try {
    for (Refusal& refusal : all_refusals(onnx, shapes)) {
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&](const Refusal& r) { return r.origin == refusal.origin; });
      if (!known) all.push_back(std::move(refusal));
    }
  } catch (const Error& error) {
    if (error.is_internal()) throw;
    return first;  // the network is not one that can be walked over
  }
  return RefusedNodes(std::move(all)).in(onnx.string());
}

}  // namespace

Graph load_graph(const std::filesystem::path& onnx, std::vector<std::string>* warnings,
                 std::string* dump, const InputShapes& shapes) {
  Graph graph;
  try {
    graph = import_onnx(onnx, warnings, shapes);
  } catch (const RefusedNodes& refused) {
    throw refused_everywhere(refused, onnx, shapes);
  }
  try {
    run_passes(graph, dump);
  } catch (const RefusedNodes& refused) {
    throw refused_everywhere(refused, onnx, shapes);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return graph;
}

void check_zeros(const Graph& graph, const std::vector<LayerWidths>& layers,
                 const PruneResult& pruned) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (layers[n].weights == 1 && pruned.masked.count(graph.nodes[n].name) != 0)
      throw Error(fmt::format("layer '{}': 1-bit weights have no zero, which --prune needs; "
                              "expected 2 bits or more",
                              graph.nodes[n].name),
                  ExitCode::kCannotCompile);
  }
}

bool corrects_biases(const std::vector<const Graph*>& parts, const FrontOptions& options) {
  if (!options.precision.bias_correction) return false;
  const bool any = std::any_of(parts.begin(), parts.end(), [](const Graph* graph) {
    return std::any_of(graph->nodes.begin(), graph->nodes.end(), rounds_weights);
  });
  if (!any)
    throw Error(
        "bias correction: no layer has weights that are rounded, there is nothing to correct");
  if (options.calibration == nullptr || !options.calibration_stand_in.empty())
    throw Error("bias correction: no calibration data to take means from, expected --calib");
  return true;
}

void warn_of_unused_calibration(const FrontOptions& options) {
  if (options.calibration != nullptr && options.calibration_stand_in.empty())
    warn(options, "the network states all its scales: the calibration data is not used");
}

QGraph quantise_graph(const FloatExecutor& executor, const PruneResult& pruned,
                      const FrontOptions& options) {
  const Graph& graph = executor.graph();
  const std::vector<LayerWidths> layers = layer_widths(graph, options.precision);
  check_zeros(graph, layers, pruned);
  const Widths widths = choose_widths(graph, layers, options.narrowest);
  if (const auto text = wide_activations_warning(layers, widths)) warn(options, *text);
  std::optional<InputMeans> means;
  if (corrects_biases({&graph}, options)) means.emplace(graph);
  std::vector<ValueRange> ranges;
  const bool own_scales = !needs_ranges(graph);
  if (!own_scales) {
    ranges = ranges_of(executor, widths, options, means ? &*means : nullptr);
  } else {
    warn_of_unused_calibration(options);
  }
  QGraph result = build_qgraph(graph, ranges, options.batch, widths, means ? &*means : nullptr);
  result.own_scales = own_scales;
  if (options.ir_dump != nullptr) *options.ir_dump += "// quantise\n" + to_text(result);
  verify(result);
  return result;
}

}  // namespace systole
