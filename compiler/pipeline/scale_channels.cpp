// SPDX-License-Identifier: Apache-2.0
// Runs the data through the network in float32, and scales each stage of the accelerator.
#include "compiler/pipeline/scale_channels.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "compiler/pipeline/float_run.h"
#include "compiler/pipeline/plan.h"
#include "compiler/quant/calibration_steps.h"
#include "compiler/quant/equalise.h"
#include "compiler/quant/precision.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

quant::CalibrationSteps steps_of(const FrontOptions& options) {
  return quant::parse_way("calibration", options.range_method).steps;
}

bool has_calibration(const FrontOptions& options) {
  return options.calibration != nullptr && options.calibration_stand_in.empty();
}

/// What the calibration data reach in each stage of the accelerator, channel by channel.
std::vector<quant::ChannelMaxima> maxima_of(const FloatPlan& network, const FrontOptions& options) {
  std::vector<quant::ChannelMaxima> maxima(network.graphs().size());
  for (HostValues& item : host_items(network.inputs, *options.calibration)) {
    size_t part = 0;
    for (size_t s = 0; s < network.stages.size(); ++s) {
      const FloatStage& stage = network.stages[s];
      if (stage.host) {
        stage.host->run(item);
      } else {
        const auto inputs = stage_inputs(stage, item);
        quant::observe_maxima(*stage.device, inputs, maxima[part++]);
        if (s + 1 < network.stages.size())
          put_stage_outputs(stage, stage.device->run(inputs), item, HostSteps::kLeftOut);
      }
      drop_values(network, s + 1, item);
    }
  }
  return maxima;
}

}  // namespace

bool wants_bias_correction(const FrontOptions& options) {
  return options.precision.bias_correction || steps_of(options).bias_correction;
}

bool wants_gptq(const FrontOptions& options) { return steps_of(options).gptq; }

void scale_channels(FloatPlan& network, const FrontOptions& options) {
  const quant::CalibrationSteps steps = steps_of(options);
  if (!steps.equalise && !steps.channel_ranges) return;
  if (steps.channel_ranges && !has_calibration(options))
    throw Error("channel ranges: no calibration data to take ranges from, expected --calib");
  const auto widths = quant::layer_widths(network.graphs(), options.precision);
  quant::ScaledLayers weights, ranges;
  const auto apply = [&](auto step, quant::ScaledLayers& told) {
    std::vector<quant::ChannelMaxima> maxima(widths.size());
    if (has_calibration(options)) maxima = maxima_of(network, options);
    size_t part = 0;
    for (FloatStage& stage : network.stages) {
      if (!stage.device) continue;
      graph::Graph graph = stage.device->graph();
      const quant::ScaledLayers some = step(graph, widths[part], maxima[part]);
      ++part;
      told.scaled += some.scaled;
      told.clamped += some.clamped;
      graph::verify(graph, "scale-channels");
      if (options.ir_dump != nullptr) *options.ir_dump += "// scale\n" + graph::to_text(graph);
      stage.device = std::make_shared<exec::FloatExecutor>(std::move(graph));
    }
  };
  if (steps.equalise) apply(quant::equalise_weights, weights);
  if (steps.channel_ranges) apply(quant::equalise_ranges, ranges);
  if (options.warnings == nullptr) return;
  if (weights.clamped > 0)
    options.warnings->push_back(
        fmt::format("equalise: {} layers that end in a clamp (ReLU6) are left alone: without "
                    "--calib nothing says what reaches it",
                    weights.clamped));
  if (weights.scaled + ranges.scaled + weights.clamped == 0)
    options.warnings->push_back(
        fmt::format("{}: no layer goes to convolutions and products alone, nothing is scaled",
                    steps.equalise ? "equalise" : "channel ranges"));
}

void warn_of_lost_weights(const graph::Graph& graph, const std::vector<int>& weight_bits,
                          const FrontOptions& options) {
  if (options.timing_only || options.warnings == nullptr) return;
  const auto told = [](const std::string& text) {
    return text.find("int8 makes more than half") != std::string::npos;
  };
  if (std::any_of(options.warnings->begin(), options.warnings->end(), told)) return;
  const std::string text = quant::lost_weights_warning(graph, weight_bits);
  if (!text.empty()) options.warnings->push_back(text);
}

FloatPlan load_prepared(const std::filesystem::path& onnx, FrontOptions options) {
  options.warnings = nullptr;
  options.ir_dump = nullptr;
  FloatPlan network = load_float_plan(onnx, options.shapes, options.host);
  try {
    prune_network(network, options);
    scale_channels(network, options);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return network;
}

}  // namespace systole::pipeline
