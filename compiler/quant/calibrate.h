// SPDX-License-Identifier: Apache-2.0
// Calibration: the range of every value of the float graph over a set of items.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/exec/float_executor.h"

namespace systole::quant {

/// Closed interval of real values that a tensor's int8 codes have to cover.
struct ValueRange {
  float lo = 0, hi = 0;
};

/// Collects the elements of one value over all items. One implementation a method of choosing
/// ranges.
class RangeObserver {
 public:
  virtual ~RangeObserver() = default;
  virtual void observe(const std::vector<float>& elements) = 0;
  virtual ValueRange range() const = 0;
};
/// Makes the observer of a value, by ValueId.
using RangeObserverFactory = std::function<std::unique_ptr<RangeObserver>(size_t value)>;

/// The least and the greatest element.
std::unique_ptr<RangeObserver> make_min_max_observer(size_t value = 0);

/// What becomes of elements that are not finite: with the user's data an error, of made-up data,
/// which may hit a pole, they are left out.
enum class NotFinite { kError, kLeftOut };

/// Runs `items` and returns a range for each value (by ValueId). Throws Error if there is no item,
/// or naming a value that is not finite (see NotFinite). `progress` (may be empty): values made so
/// far, of a total. `outputs`, if not null, receives what run() returned for each item.
std::vector<ValueRange> calibrate(const exec::FloatExecutor& executor,
                                  const std::vector<data::Item>& items,
                                  const RangeObserverFactory& make_observer = make_min_max_observer,
                                  const std::function<void(size_t, size_t)>& progress = {},
                                  std::vector<std::vector<std::vector<float>>>* outputs = nullptr,
                                  NotFinite not_finite = NotFinite::kError);

/// What to tell a user whose network is calibrated with a random item, and one whose network is
/// calibrated with the data of the run, given by `option`.
std::string random_calibration_warning();
std::string stand_in_warning(const std::string& option);

/// Of the item that a network is calibrated with for want of data.
inline constexpr uint64_t kCalibrationSeed = 1;
/// `size` elements, uniform in [lo, hi), from `seed`: a stand-in when there is no data.
std::vector<float> random_elements(int64_t size, uint64_t seed, float lo = -1, float hi = 1);
/// A random item of the inputs of `graph`, over what their integers stand for where the network
/// states them; `seed` of the first.
data::Item random_item(const graph::Graph& graph, uint64_t seed);

}  // namespace systole::quant
