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

Graph prepare(const std::filesystem::path& onnx, const FrontOptions& options) {
  Graph graph = load_graph(onnx, options.warnings, nullptr, options.shapes);
  PruneOptions prune = options.prune;
  prune.calibration = &options.calibration->items;
  const PruneResult pruned = prune_graph(graph, onnx, prune);
  if (options.warnings != nullptr)
    options.warnings->insert(options.warnings->end(), pruned.warnings.begin(),
                             pruned.warnings.end());
  return graph;
}

}  // namespace

Requantiser::Requantiser(const std::filesystem::path& onnx, const FrontOptions& options)
    : file_(onnx.string()), executor_(prepare(onnx, options)) {
  if (!needs_ranges(graph()))
    throw Error(file_ + ": the network states all its scales, there are no widths to choose");
  try {
    calibrate_widths(options);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file_, error.what()), error.code());
  }
}

void Requantiser::calibrate_widths(const FrontOptions& options) {
  if (corrects_biases({&graph()}, options)) means_.emplace(graph());
  std::vector<RangeObserverFactory> methods;
  for (const int bits : kBits)
    methods.push_back(
        range_method(options.range_method, std::vector<int>(graph().values.size(), bits)));
  std::vector<Observers> observers(graph().values.size());
  std::vector<std::vector<std::vector<float>>> outputs;
  const RangeObserverFactory make = [&](size_t value) {
    for (const RangeObserverFactory& method : methods) observers[value].push_back(method(value));
    return std::make_unique<Fanout>(observers[value]);
  };
  calibrate(executor_, options.calibration->items, means_ ? means_->watched(make) : make,
            options.progress, &outputs);
  for (size_t width = 0; width < kBits.size(); ++width)
    for (const Observers& of_value : observers) ranges_[width].push_back(of_value[width]->range());
  for (auto& item : outputs) outputs_.push_back(std::move(item.at(0)));
}

QGraph Requantiser::quantise(const Widths& widths, int64_t batch) const {
  std::vector<ValueRange> ranges;
  for (size_t value = 0; value < widths.activations.size(); ++value) {
    const auto width = std::find(kBits.begin(), kBits.end(), widths.activations[value]);
    ranges.push_back(ranges_[static_cast<size_t>(width - kBits.begin())][value]);
  }
  QGraph result = build_qgraph(graph(), ranges, batch, widths, means_ ? &*means_ : nullptr);
  result.name = std::filesystem::path(file_).stem().string();
  verify(result);
  return result;
}

}  // namespace systole
