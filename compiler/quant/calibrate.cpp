// SPDX-License-Identifier: Apache-2.0
// Calibration runs and the min-max method.
#include "compiler/quant/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>

#include "model/base/error.h"

namespace systole::quant {

namespace {

class MinMaxObserver : public RangeObserver {
 public:
  void observe(const std::vector<float>& elements) override {
    const auto [lo, hi] = std::minmax_element(elements.begin(), elements.end());
    range_ = {std::min(range_.lo, *lo), std::max(range_.hi, *hi)};
  }
  ValueRange range() const override { return range_; }

 private:
  ValueRange range_;  // starts at [0, 0]: a range always includes 0
};

bool is_finite(float x) { return std::isfinite(x); }

}  // namespace

std::unique_ptr<RangeObserver> make_min_max_observer(size_t) {
  return std::make_unique<MinMaxObserver>();
}

std::vector<ValueRange> calibrate(const exec::FloatExecutor& executor,
                                  const std::vector<data::Item>& items,
                                  const RangeObserverFactory& make_observer,
                                  const std::function<void(size_t, size_t)>& progress,
                                  std::vector<std::vector<std::vector<float>>>* outputs,
                                  NotFinite not_finite) {
  if (items.empty()) throw Error("calibration: no items, expected at least one");
  const graph::Graph& graph = executor.graph();
  std::vector<std::unique_ptr<RangeObserver>> observers;
  for (size_t v = 0; v < graph.values.size(); ++v) observers.push_back(make_observer(v));
  const size_t total = items.size() * (graph.nodes.size() + graph.inputs.size());
  size_t done = 0;
  for (const data::Item& item : items) {
    auto results = executor.run(item, [&](graph::ValueId v, const std::vector<float>& elements) {
      RangeObserver& observer = *observers[static_cast<size_t>(v)];
      if (std::all_of(elements.begin(), elements.end(), is_finite)) {
        observer.observe(elements);
      } else if (not_finite == NotFinite::kError) {
        throw Error(fmt::format("calibration: '{}' is not finite",
                                graph.values[static_cast<size_t>(v)].name));
      } else {
        std::vector<float> rest;
        std::copy_if(elements.begin(), elements.end(), std::back_inserter(rest), is_finite);
        if (!rest.empty()) observer.observe(rest);
      }
      if (progress) progress(++done, total);
    });
    if (outputs != nullptr) outputs->push_back(std::move(results));
  }
  std::vector<ValueRange> ranges;
  ranges.reserve(observers.size());
  for (const auto& observer : observers) ranges.push_back(observer->range());
  return ranges;
}

std::string random_calibration_warning() {
  return "no calibration data: activation ranges come from a random input, so accuracy means "
         "nothing; cycles do not depend on it";
}

std::string stand_in_warning(const std::string& option) {
  return "no --calib: activation ranges come from what " + option + " gives";
}

std::vector<float> random_elements(int64_t size, uint64_t seed, float lo, float hi) {
  std::mt19937_64 random(seed);
  std::vector<float> elements(static_cast<size_t>(size));
  // The top 24 bits: the same numbers with every standard library.
  for (float& v : elements)
    v = lo + (hi - lo) * 0.5f * static_cast<float>(random() >> 40) * 0x1p-23f;
  return elements;
}

data::Item random_item(const graph::Graph& graph, uint64_t seed) {
  data::Item item;
  for (graph::ValueId in : graph.inputs) {
    const graph::Value& value = graph.values[static_cast<size_t>(in)];
    const int64_t size = value.shape.elements();
    if (value.integer_zero) {  // of a byte, whole numbers
      item.push_back(random_elements(size, seed++, static_cast<float>(-128 - *value.integer_zero),
                                     static_cast<float>(128 - *value.integer_zero)));
      for (float& v : item.back()) v = std::floor(v);
    } else if (value.codes) {
      const auto real = [&](int stored) {
        return value.codes->scale * static_cast<float>(stored - value.codes->zero);
      };
      item.push_back(random_elements(size, seed++, real(value.codes->lo), real(value.codes->hi)));
    } else {
      item.push_back(random_elements(size, seed++));
    }
  }
  return item;
}

}  // namespace systole::quant
