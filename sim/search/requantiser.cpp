// SPDX-License-Identifier: Apache-2.0
// One run over the calibration data feeds the observers of all widths.
#include "sim/search/requantiser.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "compiler/pipeline/front.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/range_methods.h"
#include "model/base/error.h"

namespace systole {
namespace {

using Observers = std::vector<std::shared_ptr<RangeObserver>>;  // of one value, by width

/// Shows what it sees to several observers, which outlive it.
class Fanout : public RangeObserver {
 public:
  explicit Fanout(Observers observers) : observers_(std::move(observers)) {}
  void observe(const std::vector<float>& elements) override {
    for (const auto& observer : observers_) observer->observe(elements);
  }
  ValueRange range() const override { return {}; }  // each of the observers has its own

 private:
  const Observers observers_;
};

}  // namespace

Requantiser::Requantiser(const std::filesystem::path& onnx, const FrontOptions& options)
    : file_(onnx), network_(load_float_plan(onnx, options.shapes, options.host, options.warnings)) {
  try {
    prune_network(network_, options);
    const auto parts = graphs();
    if (std::none_of(parts.begin(), parts.end(),
                     [](const Graph* graph) { return needs_ranges(*graph); }))
      throw Error("the network states all its scales, there are no widths to choose");
    calibrate_stages(options);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file_.string(), error.what()), error.code());
  }
}

void Requantiser::calibrate_stages(const FrontOptions& options) {
  corrects_biases(graphs(), options);  // throws before anything has run
  std::vector<HostValues> items = host_items(network_.inputs, *options.calibration);
  for (size_t s = 0; s < network_.stages.size(); ++s) {
    const FloatStage& stage = network_.stages[s];
    if (stage.device)
      calibrate_stage(stage, items, options);
    else
      for (HostValues& item : items) stage.host->run(item);
    for (HostValues& item : items) drop_values(network_, s + 1, item);
  }
  for (const HostValues& item : items)
    outputs_.push_back(numbers_of(item.at(network_.outputs.at(0).name)));
}

void Requantiser::calibrate_stage(const FloatStage& stage, std::vector<HostValues>& items,
                                  const FrontOptions& options) {
  const Graph& graph = stage.device->graph();
  Stage& made = stages_.emplace_back();
  made.own_scales = !needs_ranges(graph);
  if (options.precision.bias_correction) made.means.emplace(graph);
  std::vector<RangeObserverFactory> methods;
  for (const int bits : kBits)
    methods.push_back(
        range_method(options.range_method, std::vector<int>(graph.values.size(), bits)));
  std::vector<Observers> observers(graph.values.size());
  const RangeObserverFactory make = [&](size_t value) {
    for (const RangeObserverFactory& method : methods) observers[value].push_back(method(value));
    return std::make_unique<Fanout>(observers[value]);
  };
  systole::calibrate_stage(stage, items, made.means ? made.means->watched(make) : make, options);
  for (size_t width = 0; width < kBits.size(); ++width)
    for (const Observers& of_value : observers)
      made.ranges[width].push_back(of_value[width]->range());
}

NetworkPlan Requantiser::quantise(const std::vector<Widths>& widths, int64_t batch) const {
  const std::vector<const Graph*> parts = graphs();
  std::vector<QGraph> quantised;
  for (size_t part = 0; part < parts.size(); ++part) {
    const Stage& stage = stages_[part];
    std::vector<ValueRange> ranges;
    const std::vector<int>& activations = widths[part].activations;
    for (size_t value = 0; value < activations.size() && !stage.own_scales; ++value) {
      const auto width = std::find(kBits.begin(), kBits.end(), activations[value]);
      ranges.push_back(stage.ranges[static_cast<size_t>(width - kBits.begin())][value]);
    }
    quantised.push_back(build_qgraph(*parts[part], ranges, batch, widths[part],
                                     stage.means ? &*stage.means : nullptr));
    quantised.back().own_scales = stage.own_scales;
    verify(quantised.back());
  }
  return assemble_plan(network_, file_.stem().string(), batch, std::move(quantised));
}

std::vector<float> Requantiser::run(const Item& item) const {
  std::vector<HostValues> items = host_items(network_.inputs, Dataset{{item}, {}});
  run_float(network_, items[0], HostSteps::kLeftOut);
  return numbers_of(items[0].at(network_.outputs.at(0).name));
}

}  // namespace systole
