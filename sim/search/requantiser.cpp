// SPDX-License-Identifier: Apache-2.0
// One run over the calibration data feeds the observers of all widths.
#include "sim/search/requantiser.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "compiler/pipeline/front.h"
#include "compiler/pipeline/scale_channels.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/range_methods.h"
#include "model/base/error.h"

namespace systole::search {
namespace {

using Observers = std::vector<std::shared_ptr<quant::RangeObserver>>;  // of one value, by width

/// Shows what it sees to several observers, which outlive it.
class Fanout : public quant::RangeObserver {
 public:
  explicit Fanout(Observers observers) : observers_(std::move(observers)) {}
  void observe(const std::vector<float>& elements) override {
    for (const auto& observer : observers_) observer->observe(elements);
  }
  quant::ValueRange range() const override { return {}; }  // each of the observers has its own

 private:
  const Observers observers_;
};

}  // namespace

Requantiser::Requantiser(const std::filesystem::path& onnx, const pipeline::FrontOptions& options)
    : file_(onnx),
      options_(options),
      network_(pipeline::load_float_plan(onnx, options.shapes, options.host, options.warnings)) {
  try {
    pipeline::prune_network(network_, options);
    pipeline::scale_channels(network_, options);
    const auto parts = graphs();
    if (std::none_of(parts.begin(), parts.end(),
                     [](const graph::Graph* graph) { return quant::needs_ranges(*graph); }))
      throw Error("the network states all its scales, there are no widths to choose");
    calibrate_stages(options);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file_.string(), error.what()), error.code());
  }
}

Requantiser Requantiser::pruned(const std::vector<prune::PruneSpec>& more) const {
  pipeline::FrontOptions options = options_;
  options.prune.specs.insert(options.prune.specs.end(), more.begin(), more.end());
  options.warnings = nullptr;  // of the network as it is, which were told
  options.progress = nullptr;
  return {file_, options};
}

void Requantiser::calibrate_stages(const pipeline::FrontOptions& options) {
  pipeline::check_layer_data(graphs(), options);  // throws before anything has run
  std::vector<pipeline::HostValues> items =
      pipeline::host_items(network_.inputs, *options.calibration);
  for (size_t s = 0; s < network_.stages.size(); ++s) {
    const pipeline::FloatStage& stage = network_.stages[s];
    if (stage.device)
      calibrate_stage(stage, items, options);
    else
      for (pipeline::HostValues& item : items) stage.host->run(item);
    for (pipeline::HostValues& item : items) pipeline::drop_values(network_, s + 1, item);
  }
  for (const pipeline::HostValues& item : items)
    outputs_.push_back(pipeline::numbers_of(item.at(network_.outputs.at(0).name)));
}

void Requantiser::calibrate_stage(const pipeline::FloatStage& stage,
                                  std::vector<pipeline::HostValues>& items,
                                  const pipeline::FrontOptions& options) {
  const graph::Graph& graph = stage.device->graph();
  Stage& made = stages_.emplace_back();
  made.own_scales = !quant::needs_ranges(graph);
  made.data = pipeline::layer_data(graph, options);
  std::vector<quant::RangeObserverFactory> methods;
  for (const int bits : kBits)
    methods.push_back(
        quant::range_method(options.range_method, std::vector<int>(graph.values.size(), bits)));
  std::vector<Observers> observers(graph.values.size());
  const quant::RangeObserverFactory make = [&](size_t value) {
    for (const quant::RangeObserverFactory& method : methods)
      observers[value].push_back(method(value));
    return std::make_unique<Fanout>(observers[value]);
  };
  systole::pipeline::calibrate_stage(stage, items, made.data.watched(make), options);
  for (size_t width = 0; width < kBits.size(); ++width)
    for (const Observers& of_value : observers)
      made.ranges[width].push_back(of_value[width]->range());
}

pipeline::NetworkPlan Requantiser::quantise(const std::vector<quant::Widths>& widths,
                                            int64_t batch) const {
  const std::vector<const graph::Graph*> parts = graphs();
  std::vector<graph::QGraph> quantised;
  for (size_t part = 0; part < parts.size(); ++part) {
    const Stage& stage = stages_[part];
    std::vector<quant::ValueRange> ranges;
    const std::vector<int>& activations = widths[part].activations;
    for (size_t value = 0; value < activations.size() && !stage.own_scales; ++value) {
      const auto width = std::find(kBits.begin(), kBits.end(), activations[value]);
      ranges.push_back(stage.ranges[static_cast<size_t>(width - kBits.begin())][value]);
    }
    quantised.push_back(
        quant::build_qgraph(*parts[part], ranges, batch, widths[part], &stage.data));
    quantised.back().own_scales = stage.own_scales;
    graph::verify(quantised.back());
  }
  return pipeline::assemble_plan(network_, file_.stem().string(), batch, std::move(quantised));
}

std::vector<float> Requantiser::run(const data::Item& item) const {
  std::vector<pipeline::HostValues> items =
      pipeline::host_items(network_.inputs, data::Dataset{{item}, {}});
  pipeline::run_float(network_, items[0], pipeline::HostSteps::kLeftOut);
  return pipeline::numbers_of(items[0].at(network_.outputs.at(0).name));
}

}  // namespace systole::search
